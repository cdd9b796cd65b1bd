/** A text in the forms that the libraries take: each gets its own, so that none pays for another's. */
export interface Text {
  readonly string: string
  readonly bytes: Uint8Array
}

/** A message as a library puts it on the wire; a string where that is the library's own encoding. */
export type Wire = Uint8Array | string

/** Libraries answer at once or by a promise; only the latter are waited for. */
export type Maybe<T> = T | Promise<T>

export type Side = 'alice' | 'bob'

/** Two people who have not met yet: Bob's keys are published, Alice has his bundle. All state is in memory. */
export interface Meeting {
  /** Alice checks the bundle and encrypts her first text. */
  initiate(text: Text): Maybe<Wire>
  /** Bob opens the session by it. */
  respond(wire: Wire): Maybe<unknown>
  encrypt(from: Side, text: Text): Maybe<Wire>
  /** @returns the plaintext as the library gives it; throws when it is not authentic */
  decrypt(by: Side, wire: Wire): Maybe<unknown>
}

export interface Contender {
  readonly name: string
  meet(): Maybe<Meeting>
}

export const textOf = (sizeBytes: number): Text => {
  const string = 'Under the mat. '.repeat(sizeBytes / 15 + 1).slice(0, sizeBytes)
  return { string, bytes: new TextEncoder().encode(string) }
}

/** A pair that has exchanged a message each way, so that no handshake is repeated any more. */
export async function acquaint(contender: Contender): Promise<Meeting> {
  const meeting = await contender.meet()
  const text = textOf(32)
  await meeting.respond(await meeting.initiate(text))
  await meeting.decrypt('alice', await meeting.encrypt('bob', text))
  return meeting
}
