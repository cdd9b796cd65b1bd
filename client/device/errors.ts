/** Why a device does not do what it was asked. docs/errors.md has a line for each. */
export const clientErrorCodes = [
  'no-device',
  'device-exists',
  'wrong-relay',
  'name-lost',
  'no-such-contact',
  'no-such-group',
  'no-such-message',
  'not-allowed',
  'bad-text',
  'bad-file',
  'blocked',
  'locked',
  'not-primary',
  'link-failed',
] as const

export type ClientErrorCode = (typeof clientErrorCodes)[number]

/** The person asked for something this device cannot or will not do; `hint` is the exact next command, where there is one. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  readonly hint: string | null

  constructor(code: ClientErrorCode, message: string, hint: string | null = null) {
    super(message)
    this.code = code
    this.hint = hint
  }
}
