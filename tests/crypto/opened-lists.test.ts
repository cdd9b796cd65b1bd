import { expect, it } from 'vitest'
import { createListOpener } from '../../crypto/opened-lists.ts'
import { createAccount, openDeviceList } from '../../crypto/identity.ts'
import { seededRandom } from '../support/random.ts'

const listOf = (user: string) => createAccount(user, seededRandom(`opened ${user}`)).signedList

it('a list that was opened before is the same list, and one that is not in memory any more is opened anew', () => {
  const open = createListOpener(2)
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(listOf) as [Uint8Array, Uint8Array, Uint8Array]
  const first = open(alice)
  expect(first).toEqual(openDeviceList(alice))
  expect(open(alice.slice())).toBe(first)
  open(bob)
  expect(open(alice)).toBe(first)
  open(carol)
  expect(open(alice)).toBe(first)
  open(bob)
  open(carol)
  expect(open(alice)).not.toBe(first)
})

it('a list that differs in one bit from one that was good is refused, every time', () => {
  const open = createListOpener(2)
  const list = listOf('alice')
  open(list)
  for (let i = 0; i < list.length; i++) {
    const forged = list.slice()
    forged[i] = (forged[i] ?? 0) ^ 0x80
    if (i % 16 === 0) for (let again = 0; again < 2; again++) expect(() => open(forged), `byte ${i}`).toThrow()
  }
})
