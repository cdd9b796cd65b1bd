import type { Wish } from '../../client/device/groups/groups.ts'
import type { HistoryMessage } from '../../client/device/history-entries.ts'
import type { Person } from './world.ts'

/** Until somebody knows the account keys of all these. */
export async function acquaint(person: Person, others: readonly Person[]): Promise<void> {
  for (const { name } of others) person.device.meet(name)
  await person.until('to know everybody', () => others.every(({ name }) => person.device.contacts.isKnown(name)))
}

/** A group that the first has founded and added the others to. @returns what stands for it in histories */
export async function circle(founder: Person, others: readonly Person[], title = 'Circle'): Promise<string> {
  await acquaint(founder, others)
  const { peer } = founder.device.groups.found(title)
  for (const { name } of others) founder.device.groups.change(peer, { kind: 'add', user: name })
  return peer
}

export const membersAt = (person: Person, peer: string): readonly string[] =>
  person.device.groups.get(peer)?.now.members.map(({ user }) => user) ?? []

export const untilMembers = (person: Person, peer: string, names: readonly string[]): Promise<void> =>
  person.until(`for ${names.join(', ')} to be in the group`, () => membersAt(person, peer).join() === names.join())

/** What somebody has been shown of a group: who, and what. */
export const saidTo = (person: Person, peer: string): readonly string[] =>
  person.received(peer).map(({ author, text }: HistoryMessage) => `${author}: ${text}`)

export async function untilSaid(person: Person, peer: string, ...said: readonly string[]): Promise<void> {
  await person.until(`to read ${said.join(', ')}`, () => said.every((one) => saidTo(person, peer).includes(one)))
}

export const change = (person: Person, peer: string, wish: Wish): void => person.device.groups.change(peer, wish)

/** Until all these know the same changes: the last of them may still be on its way when the members are the same. */
export async function untilOneNumber(peer: string, first: Person, ...others: readonly Person[]): Promise<void> {
  const numberOf = ({ device }: Person) => device.groups.number(peer).join(' ')
  await first.until('for all to know the same', () => others.every((one) => numberOf(one) === numberOf(first)))
}
