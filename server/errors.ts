/** Why a relay cannot be started with what it was given, in one line for its operator. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
  /** the command to try, where there is one */
  readonly hint: string | null

  constructor(message: string, hint: string | null = null) {
    super(message)
    this.hint = hint
  }
}
