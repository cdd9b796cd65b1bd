import { describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { mayHaveSaid, type Order, orderChanges } from '../../crypto/group-order.ts'
import { changed, isAdmin, isMember, type Membership, rankOf } from '../../crypto/group-rules.ts'
import type { Deed, SignedChange } from '../../crypto/membership.ts'
import { bare, changeBy, founding, type GroupPerson, groupPerson, step } from '../support/group-people.ts'
import { isLong } from '../support/long.ts'
import { seededRandom } from '../support/random.ts'

const people = ['alice', 'bob', 'carol', 'dora', 'erik'].map((name) => groupPerson(name)) as [
  GroupPerson,
  GroupPerson,
  GroupPerson,
  GroupPerson,
  GroupPerson,
]
const [alice, bob, carol, dora, erik] = people
const add = (person: GroupPerson): Deed => ({ kind: 'add', ...bare(person) })
const remove = (person: GroupPerson, counter = 0): Deed => ({
  kind: 'remove',
  ...bare(person),
  spoken: counter > 0 ? [{ device: person.device.record.id, from: 1, to: counter }] : [],
})
const promote = (person: GroupPerson): Deed => ({ kind: 'promote', ...bare(person) })
const demote = (person: GroupPerson): Deed => ({ kind: 'demote', ...bare(person) })
const leave: Deed = { kind: 'leave', spoken: [] }

/** Deeds one upon the other. */
function chain(from: Membership | null, ...deeds: readonly (readonly [GroupPerson, Deed])[]) {
  const changes: SignedChange[] = []
  let now = from
  for (const [author, deed] of deeds) {
    const { signed, after } = step(author, now, deed)
    changes.push(signed)
    now = after
  }
  return { changes, now: now as Membership }
}

/** alice, bob and carol are admins in that order, dora is a member. */
const begun = chain(
  null,
  [alice, founding()],
  [alice, add(bob)],
  [alice, add(carol)],
  [alice, add(dora)],
  [alice, promote(bob)],
  [alice, promote(carol)],
)

const orderOf = (...some: readonly (readonly SignedChange[])[]): Order => {
  const order = orderChanges(some.flat())
  if (!order) throw new Error('no group')
  return order
}
const names = ({ members }: Membership) => members.map(({ user }) => user)
const isStanding = (order: Order, { digest }: SignedChange) =>
  order.standing.some((one) => hex(one.digest) === hex(digest))

describe('who may change a group', () => {
  const may = (author: GroupPerson, deed: Deed) => {
    const signed = changeBy(author, begun.now, deed)
    return isStanding(orderOf(begun.changes, [signed]), signed)
  }

  it.each([
    ['an admin adds', alice, add(erik), true],
    ['a member adds', dora, add(erik), false],
    ['a stranger adds themselves', erik, add(erik), false],
    ['an admin adds who is there', alice, add(dora), false],
    ['an admin adds another under a name that is there', alice, add(groupPerson('dora', 'another dora')), false],
    ['an admin removes a member', carol, remove(dora), true],
    ['an admin removes one who came later', bob, remove(carol), true],
    ['an admin removes one who came before', carol, remove(bob), false],
    ['an admin removes the first', bob, remove(alice), false],
    ['an admin removes themselves', bob, remove(bob), false],
    ['an admin removes nobody of the group', alice, remove(erik), false],
    ['a member removes', dora, remove(carol), false],
    ['an admin renames', carol, { kind: 'rename', title: 'Other' }, true],
    ['a member renames', dora, { kind: 'rename', title: 'Other' }, false],
    ['an admin sets a lifetime', carol, { kind: 'lifetime', seconds: 60 }, true],
    ['a member sets a lifetime', dora, { kind: 'lifetime', seconds: 60 }, false],
    ['an admin makes one', carol, promote(dora), true],
    ['an admin makes one who is one', carol, promote(bob), false],
    ['a member makes themselves one', dora, promote(dora), false],
    ['an admin takes it from one who came later', bob, demote(carol), true],
    ['an admin takes it from the first', bob, demote(alice), false],
    ['an admin gives it up', bob, demote(bob), true],
    ['a member leaves', dora, leave, true],
    ['a stranger leaves', erik, leave, false],
    ['somebody founds it again', alice, founding(), false],
  ] as const)('%s', (_what, author, deed, is) => {
    const attempt = () => may(author, deed)
    if (deed.kind === 'found') expect(attempt).toThrow(/first change/)
    else expect(attempt()).toBe(is)
  })

  it('holds 64 people and no more', () => {
    const many = Array.from({ length: 64 }, (_, i) => groupPerson(`p${i}`))
    const full = chain(null, [alice, founding()], ...many.slice(0, 63).map((one) => [alice, add(one)] as const))
    expect(names(full.now)).toHaveLength(64)
    expect(() => chain(full.now, [alice, add(many[63] as GroupPerson)])).toThrow(/may not/)
  })

  it('is led by whoever has been there longest where no admin is left', () => {
    const { now } = chain(begun.now, [alice, leave], [bob, leave], [carol, leave])
    expect([names(now), isAdmin(now, dora)]).toEqual([['dora'], true])
  })

  it('only loses people once it has had 4,096 changes', () => {
    const [nearly, full] = [4_094, 4_095].map((number) => ({ ...begun.now, number })) as [Membership, Membership]
    expect(changed(nearly, changeBy(alice, nearly, add(erik)))).not.toBeNull()
    for (const deed of [add(erik), promote(dora), { kind: 'rename', title: 'More' } as const])
      expect(changed(full, changeBy(alice, full, deed))).toBeNull()
    for (const deed of [remove(dora), demote(bob), leave])
      expect(changed(full, changeBy(alice, full, deed))).not.toBeNull()
  })

  it('keeps its last admin', () => {
    const { now } = chain(null, [alice, founding()], [alice, add(bob)])
    expect(() => chain(now, [alice, demote(alice)])).toThrow(/may not/)
  })

  it('does not go back to a device list that its account has moved on from', () => {
    const later = { ...alice, list: { ...alice.list, number: 2 } }
    const { signed, after } = step(later, begun.now, { kind: 'rename', title: 'Later' })
    const old = changeBy(alice, after, { kind: 'rename', title: 'Earlier' })
    expect(orderOf(begun.changes, [signed], [old]).now.title).toBe('Later')
  })
})

describe('changes made at the same time', () => {
  const both = (one: SignedChange, other: SignedChange) => orderOf(begun.changes, [one], [other])

  it('stand by rank', () => {
    const [one, other] = [
      changeBy(bob, begun.now, { kind: 'rename', title: "bob's" }),
      changeBy(alice, begun.now, { kind: 'rename', title: "alice's" }),
    ]
    expect(both(one, other).now.title).toBe("alice's")
    expect(both(other, one).now.title).toBe("alice's")
  })

  it('do not stand where somebody above removes whoever made them, whatever else they did meanwhile', () => {
    const removal = changeBy(alice, begun.now, remove(bob))
    const theirs = chain(begun.now, [bob, add(erik)], [bob, { kind: 'rename', title: 'Mine' }], [bob, remove(dora)])
    const order = orderOf(begun.changes, theirs.changes, [removal])
    expect([names(order.now), order.now.title]).toEqual([['alice', 'carol', 'dora'], 'Circle'])
  })

  it('dated back by somebody removed long ago do not stand either', () => {
    const removed = chain(begun.now, [alice, remove(bob)], [carol, add(erik)], [carol, { kind: 'rename', title: 'On' }])
    const early = begun.changes.slice(0, 5)
    const then = orderOf(early).now
    const back = [changeBy(bob, then, add(erik)), changeBy(bob, then, { kind: 'rename', title: 'Back' })]
    const order = orderOf(removed.changes, begun.changes, back)
    expect([order.now.title, names(order.now)]).toEqual(['On', ['alice', 'carol', 'dora', 'erik']])
  })

  it('of a member who leaves late undo nothing that an admin has done since', () => {
    const since = chain(begun.now, [alice, remove(carol)], [alice, add(erik)])
    const leaving = changeBy(dora, begun.now, leave)
    const order = orderOf(begun.changes, since.changes, [leaving])
    expect([names(order.now), isStanding(order, leaving)]).toEqual([['alice', 'bob', 'dora', 'erik'], false])
  })

  it('by somebody low undo nothing above them, though they remove somebody who took part in it', () => {
    const since = chain(begun.now, [dora, leave], [bob, add(erik)], [alice, remove(erik)])
    const backdated = changeBy(carol, begun.now, remove(dora))
    const order = orderOf(begun.changes, since.changes, [backdated])
    expect([names(order.now), isStanding(order, backdated)]).toEqual([['alice', 'bob', 'carol'], false])
  })

  it.each([false, true])(
    'by a founder who has left undo nothing either, however many they are, and if they leave in them too: %s',
    (leaves) => {
      const since = chain(begun.now, [alice, leave], [bob, add(erik)])
      const back = chain(
        begun.now,
        ...Array.from({ length: 9 }, (_, i) => [alice, { kind: 'rename', title: `${i}` }] as const),
        ...(leaves ? [[alice, leave] as const] : []),
      )
      const order = orderOf(begun.changes, since.changes, back.changes)
      expect([names(order.now), order.now.title]).toEqual([['bob', 'carol', 'dora', 'erik'], 'Circle'])
    },
  )

  it('by a founder who has left stand no more even before anybody else has done anything', () => {
    const since = chain(begun.now, [alice, leave])
    const back = chain(begun.now, [alice, remove(bob)], [alice, add(erik)], [alice, leave])
    expect(names(orderOf(begun.changes, since.changes, back.changes).now)).toEqual(['bob', 'carol', 'dora'])
  })

  it.each([
    ['a change', { kind: 'rename', title: 'Back' } as const, bob],
    ['a refresh', { kind: 'refresh' } as const, { ...dora, list: { ...dora.list, number: 2 } }],
  ])(
    'by whoever was removed undo nothing with %s, also once the founder has left who removed them',
    (_, deed, gone) => {
      for (const going of [leave, demote(alice)]) {
        const since = chain(
          begun.now,
          [alice, remove(gone)],
          [alice, { kind: 'rename', title: 'On' }],
          [alice, going],
          [carol, add(erik)],
        )
        const back = changeBy(gone, begun.now, deed)
        const order = orderOf(begun.changes, since.changes, [back])
        expect([names(order.now), isStanding(order, back)]).toEqual([names(since.now), false])
      }
    },
  )

  it('by a founder who gave up their office and was removed let nobody back in', () => {
    const since = chain(begun.now, [alice, demote(alice)], [bob, remove(alice)])
    const back = chain(begun.now, [alice, add(erik)], [alice, remove(bob)], [alice, demote(alice)])
    expect(names(orderOf(begun.changes, since.changes, back.changes).now)).toEqual(['bob', 'carol', 'dora'])
  })

  it('by a device of an old list count for nothing, also where they say that its owner leaves', () => {
    const newer = { ...alice, list: { ...alice.list, number: 2 } }
    const since = chain(begun.now, [newer, { kind: 'refresh' }], [newer, add(erik)])
    for (const deed of [leave, demote(alice)]) {
      const back = changeBy(alice, begun.now, deed)
      expect(names(orderOf(begun.changes, since.changes, [back]).now)).toContain('erik')
    }
  })

  it('by a device that a newer list does not have undo nothing that came by the newer', () => {
    const newer = { ...alice, list: { ...alice.list, number: 2 } }
    const refreshed = step(newer, begun.now, { kind: 'refresh' })
    const back = chain(
      begun.now,
      ...Array.from({ length: 9 }, (_, i) => [alice, { kind: 'rename', title: `${i}` }] as const),
    )
    const order = orderOf(begun.changes, [refreshed.signed], back.changes)
    expect(order.now.title).toBe('Circle')
    expect(() => step(alice, refreshed.after, { kind: 'rename', title: 'By the old one' })).toThrow(/may not/)
  })

  it('by two devices of one person that crossed once let nobody back in after that person has left', () => {
    const crossing = changeBy(alice, begun.now, { kind: 'rename', title: 'Laptop' })
    for (const going of [leave, demote(alice)]) {
      const since = chain(
        begun.now,
        [alice, { kind: 'rename', title: 'Phone' }],
        [alice, remove(dora)],
        [alice, add(erik)],
        [alice, going],
        [bob, { kind: 'rename', title: 'On' }],
      )
      for (const deed of [{ kind: 'refresh' }, leave] as const) {
        const back = changeBy({ ...dora, list: { ...dora.list, number: 2 } }, begun.now, deed)
        const order = orderOf(begun.changes, since.changes, [crossing, back])
        expect([names(order.now), order.now.title]).toEqual([names(since.now), 'On'])
      }
    }
  })

  it('by one person apart stand where they have made more, whatever those below add to the others', () => {
    const more = chain(begun.now, [alice, remove(dora)], [alice, { kind: 'rename', title: 'More' }])
    const less = chain(
      begun.now,
      [alice, { kind: 'rename', title: 'Less' }],
      [bob, add(erik)],
      [carol, add(groupPerson('fay'))],
    )
    expect(orderOf(begun.changes, more.changes, less.changes).now.title).toBe('More')
  })

  it('by two who remove each other cannot be, for rank goes one way', () => {
    const order = both(changeBy(bob, begun.now, remove(carol)), changeBy(carol, begun.now, remove(bob)))
    expect(names(order.now)).toEqual(['alice', 'bob', 'dora'])
  })
})

describe('what somebody has said', () => {
  const removed = chain(begun.now, [alice, remove(bob, 7)])
  const after = chain(removed.now, [alice, add(erik)])
  const order = orderOf(begun.changes, removed.changes, after.changes)
  const said = (who: GroupPerson, head: Membership, counter: number) =>
    mayHaveSaid(order, head.head, bare(who), who.device.record.id, counter)

  it('counts up to what their removal names, and no further', () => {
    expect([said(bob, begun.now, 7), said(bob, begun.now, 8)]).toEqual([true, false])
    expect(said(bob, removed.now, 3)).toBe(false)
  })

  it('counts no more below what was heard, for whoever jumps over numbers to come back to them', () => {
    const jumped = chain(begun.now, [
      alice,
      { ...remove(bob), spoken: [{ device: bob.device.record.id, from: 1_000_001, to: 1_000_001 }] } as Deed,
    ])
    const order = orderOf(begun.changes, jumped.changes)
    const says = (counter: number) => mayHaveSaid(order, begun.now.head, bare(bob), bob.device.record.id, counter)
    expect([says(1), says(1_000_000), says(1_000_001), says(1_000_002)]).toEqual([false, false, true, false])
  })

  it('counts after they have left only as far as they say that they had said it', () => {
    const left = chain(begun.now, [
      dora,
      { kind: 'leave', spoken: [{ device: dora.device.record.id, from: 1, to: 2 }] },
    ])
    const order = orderOf(begun.changes, left.changes)
    const says = (counter: number) => mayHaveSaid(order, begun.now.head, bare(dora), dora.device.record.id, counter)
    expect([says(2), says(3)]).toEqual([true, false])
  })

  it('while they were removed does not count once they are back', () => {
    const back = chain(after.now, [alice, add(bob)])
    const whole = orderOf(begun.changes, removed.changes, after.changes, back.changes)
    const says = (head: Membership, counter: number) =>
      mayHaveSaid(whole, head.head, bare(bob), bob.device.record.id, counter)
    expect([says(begun.now, 8), says(back.now, 9), says(begun.now, 7)]).toEqual([false, true, true])
  })

  it('cannot be judged where it names a change that is not known', () => {
    const unknown = chain(after.now, [alice, { kind: 'rename', title: 'Unknown' }])
    expect(said(alice, unknown.now, 1)).toBeNull()
  })

  it('counts for nobody who was not there yet', () => {
    expect([said(erik, begun.now, 1), said(erik, after.now, 1)]).toEqual([false, true])
  })

  it('in a branch that has fallen counts for whoever is a member anyway', () => {
    const fallen = chain(begun.now, [carol, add(erik)])
    const stands = chain(begun.now, [alice, { kind: 'rename', title: 'Stands' }])
    const whole = orderOf(begun.changes, fallen.changes, stands.changes)
    const says = (who: GroupPerson) => mayHaveSaid(whole, fallen.now.head, bare(who), who.device.record.id, 1)
    expect([whole.now.title, says(dora), says(erik)]).toEqual(['Stands', true, false])
  })
})

describe('whoever knows the same changes', () => {
  const rounds = isLong ? 400 : 30

  /** People make changes upon whatever some device has seen so far; most are allowed, some are not. */
  function walk(seed: string): readonly SignedChange[] {
    const random = seededRandom(seed)
    const upTo = (n: number) => (random(1)[0] ?? 0) % n
    const one = <T>(some: readonly T[]): T => some[upTo(some.length)] as T
    const known: { signed: SignedChange; after: Membership }[] = [step(alice, null, founding())]
    for (let i = 0; i < 40; i++) {
      const upon = one(known.slice(-1 - upTo(6))).after
      const [author, subject] = [one(people), one(people)]
      const deed = one<Deed>([
        add(subject),
        remove(subject, upTo(4)),
        promote(subject),
        demote(subject),
        leave,
        { kind: 'rename', title: `Title ${i}` },
        add(subject),
      ])
      const by = { ...author, list: { ...author.list, number: 1 + upTo(2) } }
      const signed = changeBy(by, upon, deed)
      const after = orderChanges([...known.map((one) => one.signed), signed])?.at(signed.digest)
      if (after) known.push({ signed, after })
    }
    return known.map(({ signed }) => signed)
  }

  const shuffled = <T>(some: readonly T[], seed: string): readonly T[] => {
    const random = seededRandom(seed)
    return some
      .map((value) => ({ value, at: hex(random(8)) }))
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map(({ value }) => value)
  }

  it('sees the same group, in whatever order they came and however often', () => {
    let forks = 0
    for (let i = 0; i < rounds; i++) {
      const changes = walk(`walk ${i}`)
      const order = orderOf(changes)
      forks += changes.length - order.standing.length
      for (let k = 0; k < 3; k++) {
        const other = orderOf(shuffled([...changes, ...changes.slice(0, k)], `shuffle ${i} ${k}`))
        expect(other.standing.map(({ digest }) => hex(digest))).toEqual(order.standing.map(({ digest }) => hex(digest)))
        expect(other.now).toEqual(order.now)
      }
    }
    expect(forks).toBeGreaterThan(rounds)
  })

  it('sees one in which each name stands once, all admins are members, and there is one as long as there is anybody', () => {
    for (let i = 0; i < rounds; i++) {
      const { now, standing } = orderOf(walk(`walk ${i}`))
      expect(new Set(names(now)).size).toBe(names(now).length)
      expect(now.admins.every((admin) => isMember(now, admin))).toBe(true)
      expect(now.admins.length > 0).toBe(now.members.length > 0)
      expect(now.members.map((one) => rankOf(now, one)).every(Number.isFinite)).toBe(true)
      expect(standing.map(({ change }) => change.number)).toEqual(standing.map((_, at) => at))
    }
  })

  it('sees what the rules say, worked out once more by the book', () => {
    for (let i = 0; i < rounds; i++) {
      const changes = walk(`walk ${i}`)
      const order = orderOf(changes)
      expect(order.standing.map(({ digest }) => hex(digest))).toEqual(
        byTheBook(changes, order).map(({ digest }) => hex(digest)),
      )
    }
  })
})

/** Section 10c, read from the leaves down; what a group is after each change is taken from the order. */
function byTheBook(changes: readonly SignedChange[], order: Order): readonly SignedChange[] {
  const below = (one: SignedChange) =>
    changes.filter(({ change: { parent } }) => parent !== null && hex(parent) === hex(one.digest))
  const withdraws = ({ change: { author, deed } }: SignedChange) =>
    deed.kind === 'leave' || (deed.kind === 'demote' && deed.user === author.user)

  const isOf = ({ change }: SignedChange, { user, accountKey }: { user: string; accountKey: Uint8Array }) =>
    change.author.user === user && hex(change.author.accountKey) === hex(accountKey)

  function standsFrom(first: SignedChange): readonly SignedChange[] {
    const fork = order.at(first.digest) as Membership
    const rankIn = (one: SignedChange) => rankOf(fork, one.change.author)
    const standing = below(first).map(standsFrom)
    const newestIn = (branch: readonly SignedChange[], one: SignedChange) =>
      Math.max(0, ...branch.filter((other) => isOf(other, one.change.author)).map(({ change }) => change.listNumber))
    const newest = (one: SignedChange) => Math.max(...standing.map((branch) => newestIn(branch, one)))
    /** of the branches in which its author has used the newest list, those in which they have withdrawn */
    const withdrawnIn = (one: SignedChange) =>
      standing.filter(
        (branch) =>
          newestIn(branch, one) === newest(one) &&
          branch.some((other) => isOf(other, one.change.author) && withdraws(other)),
      )
    const isTakenBack = (one: SignedChange) => withdrawnIn(one).length > 1
    const counts = (one: SignedChange, branch: readonly SignedChange[]) =>
      newestIn(branch, one) === newest(one) &&
      (withdrawnIn(one).length === 0 || (withdrawnIn(one).length === 1 && withdrawnIn(one).includes(branch)))
    const branches = standing
      .map((branch) => ({
        branch,
        best: Math.min(999, ...branch.filter((one) => counts(one, branch)).map(rankIn)),
        withdrawn: branch.filter(
          (one) => withdraws(one) && isTakenBack(one) && newestIn(branch, one) === newest(one) && rankIn(one) < 999,
        ),
      }))
      .map(({ branch, best, withdrawn }) => ({
        branch,
        key: [
          String(best).padStart(3, '0'),
          String(best < 999 ? 0 : Math.min(999, ...withdrawn.map(({ change }) => change.number))).padStart(3, '0'),
          String(999 - branch.filter((one) => best === 999 || rankIn(one) === best).length).padStart(3, '0'),
          String(Math.min(999, rankIn(branch[0] as SignedChange))).padStart(3, '0'),
          hex((branch[0] as SignedChange).change.device),
          hex((branch[0] as SignedChange).bytes),
        ].join(' '),
      }))
      .sort((one, other) => (one.key < other.key ? -1 : 1))
    return [first, ...(branches[0]?.branch ?? [])]
  }
  return standsFrom(changes.find(({ change }) => change.number === 0) as SignedChange)
}
