/** Why a relay cannot be started with what it was given, in one line for its operator. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}
