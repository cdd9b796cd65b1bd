import { describe, expect, it } from 'vitest'
import { orderIn, takenIn } from '../../client/device/groups/changes.ts'
import { pagesOf } from '../../client/device/groups/news.ts'
import { peerOf } from '../../client/device/groups/peers.ts'
import type { GroupRecord } from '../../client/device/groups/records.ts'
import { hex } from '../../crypto/bytes.ts'
import { orderChanges } from '../../crypto/group-order.ts'
import type { Membership } from '../../crypto/group-rules.ts'
import { createAccount, createDevice, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import { type Deed, type GroupId, signChange, type SignedChange } from '../../crypto/membership.ts'
import { bare, founding, type GroupPerson, groupPerson, step } from '../support/group-people.ts'
import { seededRandom } from '../support/random.ts'

const [alice, bob, carol, mal] = ['alice', 'bob', 'carol', 'mal'].map((name) => groupPerson(name)) as [
  GroupPerson,
  GroupPerson,
  GroupPerson,
  GroupPerson,
]
const add = (person: GroupPerson): Deed => ({ kind: 'add', ...bare(person) })
const promote = (person: GroupPerson): Deed => ({ kind: 'promote', ...bare(person) })
const rename = (title: string): Deed => ({ kind: 'rename', title })
const lists = [alice, bob, carol, mal].map(({ signedList }) => signedList)

function chain(from: Membership | null, ...deeds: readonly (readonly [GroupPerson, Deed])[]) {
  const changes: SignedChange[] = []
  let now = from
  for (const [author, deed] of deeds) {
    const made = step(author, now, deed)
    changes.push(made.signed)
    now = made.after
  }
  return { changes, now: now as Membership }
}

/** alice, bob, carol and mal are admins in that order. */
const begun = chain(
  null,
  [alice, founding()],
  ...[bob, carol, mal].map((person) => [alice, add(person)] as const),
  ...[bob, carol, mal].map((person) => [alice, promote(person)] as const),
)
const group: GroupId = begun.now.group
const nothing: GroupRecord = { changes: [], lists: [], isAccepted: true }

/** News in pages as they go out. */
const told = (record: GroupRecord, changes: readonly SignedChange[]): GroupRecord =>
  Array.from({ length: Math.ceil(changes.length / 64) }, (_, i) => changes.slice(64 * i, 64 * i + 64)).reduce(
    (before, page) =>
      takenIn(
        peerOf(group),
        before,
        orderIn(before),
        { group, asks: false, changes: page.map(({ bytes }) => bytes), lists },
        [],
      ).record,
    record,
  )
const headOf = (record: GroupRecord) => hex(orderIn(record)?.now.head ?? new Uint8Array())

describe('changes that a device takes in', () => {
  it('lead to the same group, also where a long branch comes in pages and only its end lifts it', () => {
    const long = chain(begun.now, ...Array.from({ length: 200 }, (_, i) => [mal, rename(`${i}`)] as const))
    const lifted = chain(long.now, [bob, rename("bob's")])
    const beside = chain(begun.now, [carol, rename("carol's")])
    const one = told(nothing, [...begun.changes, ...beside.changes])
    const other = told(nothing, [...begun.changes, ...long.changes, ...lifted.changes])
    const all = [...begun.changes, ...long.changes, ...lifted.changes, ...beside.changes]
    const head = hex(orderChanges(all)?.now.head ?? new Uint8Array())
    expect(headOf(told(one, [...long.changes, ...lifted.changes]))).toBe(head)
    expect(headOf(told(other, beside.changes))).toBe(head)
  })

  it('are each kept once, however often they come in one message', () => {
    const { changes } = chain(begun.now, [alice, rename('Once')])
    const twice = [...begun.changes, ...changes, ...changes, ...changes]
    expect(told(nothing, twice).changes.length).toBe(begun.changes.length + 1)
  })

  it('are kept up to a number where nothing comes of them, and what stands is the same without the others', () => {
    const atFirst = orderChanges(begun.changes.slice(0, 6))?.now as Membership
    const junk = Array.from({ length: 1_100 }, (_, i) => step(bob, atFirst, rename(`${i}`)).signed)
    const record = told(nothing, [...begun.changes, ...junk])
    expect(record.changes.length).toBe(begun.changes.length + 1_024)
    expect(headOf(record)).toBe(hex(begun.now.head))
  })

  it('are not taken in at all where what stands depends on one that may not be kept', () => {
    const atFirst = orderChanges(begun.changes.slice(0, 6))?.now as Membership
    const junk = Array.from({ length: 1_023 }, (_, i) => step(bob, atFirst, rename(`${i}`)).signed)
    const full = told(nothing, [...begun.changes, ...junk])
    // bob counts for none of his two branches here, for he leaves in one: without that one, the other would stand above carol's
    const byCarol = chain(begun.now, [carol, rename("carol's")])
    const leaving = step(bob, begun.now, { kind: 'leave', spoken: [] }).signed
    // of two of one number, the one of the lower digest is kept
    const writing = Array.from({ length: 64 }, (_, i) => step(bob, begun.now, rename(`bob's ${i}`)).signed).find(
      ({ digest }) => hex(digest) < hex(leaving.digest),
    ) as SignedChange
    const all = [...byCarol.changes, writing, leaving]
    expect(orderChanges([...begun.changes, ...all])?.now.title).toBe("carol's")
    expect(headOf(told(full, all))).toBe(hex(begun.now.head))
    expect(headOf(told(nothing, [...begun.changes, ...all]))).toBe(hex(byCarol.now.head))
  })
})

describe('news of a change', () => {
  it('goes with the list by which the change holds, where its author has signed two of one number', () => {
    const { device, accountSecret, list, signedList } = createAccount('eve', seededRandom('eve'))
    const { user, accountKey, id } = device.record
    const other = createDevice(user, accountKey, id, seededRandom('another key'))
    const otherList = signDeviceList({ ...list, devices: [other.record] }, [proveDevice(other)], accountSecret)
    const { bytes } = signChange(
      {
        group: null,
        number: 0,
        parent: null,
        author: { user, accountKey },
        device: id,
        listNumber: list.number,
        deed: founding(),
      },
      other,
    )
    expect(pagesOf([bytes], [signedList, otherList])).toEqual([{ changes: [bytes], lists: [otherList] }])
  })
})
