/** Every reason for which crypto/ refuses bytes. docs/errors.md says what a person should make of each. */
export const cryptoErrorCodes = [
  'malformed',
  'bad-key',
  'bad-signature',
  'expired',
  'wrong-person',
  'list-went-back',
  'account-changed',
  'not-authentic',
  'key-gone',
  'no-session',
  'too-far-ahead',
  'replayed',
  'policy-dated-back',
  'policy-broken',
  'stanza-refused',
  'wrong-passphrase',
  'not-ordered',
  'custodian-lied',
  'not-enough-shares',
] as const

export type CryptoErrorCode = (typeof cryptoErrorCodes)[number]

/** A check failed: somebody may be interfering, and a person should hear of it. Names the fault, never the content. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError'
  readonly code: CryptoErrorCode

  constructor(code: CryptoErrorCode, fault: string) {
    super(fault)
    this.code = code
  }
}
