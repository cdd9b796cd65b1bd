/** Why the lab cannot do what it was asked. docs/errors.md has a line for each. */
export const labErrorCodes = ['bad-dataset', 'bad-text'] as const

export type LabErrorCode = (typeof labErrorCodes)[number]

export class LabError extends Error {
  override readonly name = 'LabError'
  readonly code: LabErrorCode

  constructor(code: LabErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
