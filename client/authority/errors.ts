/** Why the authority, or the order desk, cannot do what it was asked. docs/errors.md has a line for each. */
export const authorityErrorCodes = [
  'bad-key-file',
  'bad-evidence',
  'bad-order',
  'forged-order',
  'unknown-issuer',
  'no-such-order',
  'order-refused',
  'bad-desk',
  'bad-audit-log',
] as const

export type AuthorityErrorCode = (typeof authorityErrorCodes)[number]

export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
  readonly code: AuthorityErrorCode
  /** the next command, where there is one */
  readonly hint: string | null

  constructor(code: AuthorityErrorCode, message: string, hint: string | null = null) {
    super(message)
    this.code = code
    this.hint = hint
  }
}
