import { createWorld, type Person, type WorldOptions } from './world.ts'

/** Alice on a laptop and a phone, and Bob; all online, nobody written to yet. */
export async function household(
  seed: string,
  { receipts = false, ...options }: WorldOptions & { receipts?: boolean } = {},
) {
  const world = await createWorld(seed, options)
  const laptop = await world.join('alice', { receipts })
  const bob = await world.join('bob', { receipts })
  await laptop.goOnline()
  const phone = await world.link(laptop, 'phone', { receipts })
  await Promise.all([phone.goOnline(), bob.goOnline()])
  return { world, laptop, phone, bob }
}

/** The same, with a word from everybody to everybody. */
export async function talkingHousehold(seed: string, options?: Parameters<typeof household>[1]) {
  const home = await household(seed, options)
  const { laptop, phone, bob } = home
  await laptop.tell(bob, 'from the laptop')
  await untilWritten(phone, 'bob', 'from the laptop')
  await bob.tell(laptop, 'hello Alice')
  await phone.untilRead('bob', 'hello Alice')
  await phone.tell(bob, 'from the phone')
  await untilWritten(laptop, 'bob', 'from the phone')
  return home
}

export const textsTo = (person: Person, to: string) => person.written(to).map(({ text }) => text)

/** Until a text stands among those that this account has sent. */
export const untilWritten = (person: Person, to: string, text: string) =>
  person.until(`for a copy of ${JSON.stringify(text)}`, () => textsTo(person, to).includes(text))

const troubleKinds = ['gap', 'late', 'unreadable', 'not-sent', 'own-account', 'rolled-back'] as const

/** What a person was told that should not have been necessary. */
export const trouble = (person: Person) =>
  troubleKinds.flatMap((kind) => person.notices(kind).map(({ text, peer }) => `${kind} ${peer}: ${text}`))
