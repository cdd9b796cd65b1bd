/** Why the desk cannot do what it was asked. docs/errors.md has a line for each. */
export const authorityErrorCodes = ['bad-key-file', 'bad-evidence'] as const

export type AuthorityErrorCode = (typeof authorityErrorCodes)[number]

export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
  readonly code: AuthorityErrorCode

  constructor(code: AuthorityErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
