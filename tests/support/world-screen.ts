import { createWorld, type Person } from './world.ts'

/** What keys send. */
export const key = {
  up: '\u001b[A',
  left: '\u001b[D',
  altDown: '\u001b[1;3B',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  end: '\u001b[F',
  focus: '\u001b[I',
  blur: '\u001b[O',
  escape: '\u001b',
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 96),
}
export const paste = (text: string) => `\u001b[200~${text}\u001b[201~`

/** Alice, Bob and Carol with receipts, and the first two have talked. */
export async function three(seed: string) {
  const world = await createWorld(seed)
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => world.join(name, { receipts: true })),
  )
  if (!alice || !bob || !carol) throw new Error('somebody is missing')
  for (const person of [alice, bob, carol]) await person.goOnline()
  await alice.tell(bob, 'hello')
  await bob.tell(alice, 'hello yourself')
  return { world, alice, bob, carol }
}

export const unreadOf = (person: Person, user: string) =>
  person.device.conversations.all().find((one) => one.user === user)?.unread
export const texts = (person: Person, to: string) => person.written(to).map(({ text }) => text)
