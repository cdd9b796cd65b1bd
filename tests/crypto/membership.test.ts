import { describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { createDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { type Deed, isGroupTitle, openChange, signChange, signerOf } from '../../crypto/membership.ts'
import { bare, changeBy, founding, groupPerson, step } from '../support/group-people.ts'
import { seededRandom } from '../support/random.ts'
import { few } from '../support/long.ts'

const [alice, bob] = [groupPerson('alice'), groupPerson('bob')]
const { signed: first, after: founded } = step(alice, null, founding())
const device = new Uint8Array(32).fill(7) as DeviceId

const deeds: readonly Deed[] = [
  { kind: 'add', ...bare(bob) },
  { kind: 'remove', ...bare(bob), spoken: [] },
  { kind: 'remove', ...bare(bob), spoken: [{ device, from: 2, to: 3 }] },
  { kind: 'leave', spoken: [] },
  { kind: 'leave', spoken: [{ device, from: 1, to: 1 }] },
  { kind: 'refresh' },
  { kind: 'rename', title: 'Bücher 📚' },
  { kind: 'lifetime', seconds: 604_800 },
  { kind: 'promote', ...bare(bob) },
  { kind: 'demote', ...bare(bob) },
]

describe('a change of a group', () => {
  it.each(deeds)('comes back from its bytes: $kind', (deed) => {
    const { change, digest, group, bytes } = changeBy(alice, founded, deed)
    expect(change.deed).toEqual(deed)
    expect(group).toEqual(first.digest)
    expect(openChange(bytes, alice.list).digest).toEqual(digest)
    expect(signerOf(bytes)).toEqual({ author: bare(alice), device: alice.device.record.id, listNumber: 1 })
  })

  it('that founds a group gives it its own digest as its id', () => {
    expect(first.group).toEqual(first.digest)
    expect(step(alice, null, { ...founding(), salt: new Uint8Array(16).fill(1) } as Deed).signed.group).not.toEqual(
      first.group,
    )
    expect(step(bob, null, founding()).signed.group).not.toEqual(first.group)
  })

  it('has the same digest whatever its signature, so that a second signature makes no second change', () => {
    const changed = first.bytes.slice()
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    expect(() => openChange(changed, alice.list)).toThrow(/signature/)
    expect(hex(first.digest)).toHaveLength(64)
  })

  it('is refused with any bit of it changed', () => {
    const { bytes } = changeBy(alice, founded, { kind: 'add', ...bare(bob) })
    for (const bit of few(
      Array.from({ length: bytes.length * 8 }, (_, i) => i),
      200,
    )) {
      const damaged = bytes.slice()
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => openChange(damaged, alice.list), `bit ${bit}`).toThrow()
    }
  })

  it('is refused by the list of somebody else, by another list of the same account, and for a device that is not in it', () => {
    const signed = changeBy(alice, founded, { kind: 'leave', spoken: [] })
    const named = { ...bob, accountKey: alice.accountKey }
    expect(() => openChange(signed.bytes, bob.list)).toThrow(/list/)
    expect(() => openChange(signed.bytes, { ...alice.list, number: 2 })).toThrow(/list/)
    expect(() => openChange(signed.bytes, { ...alice.list, accountKey: bob.accountKey })).toThrow(/list/)
    const random = seededRandom('a device of no list')
    const other = createDevice('alice', alice.accountKey, random(32) as DeviceId, random)
    const { change } = signed
    const foreign = signChange({ ...change, device: other.record.id }, other)
    expect(() => openChange(foreign.bytes, alice.list)).toThrow(/list/)
    const claimed = signChange({ ...change, device: alice.device.record.id }, other)
    expect(() => openChange(claimed.bytes, alice.list)).toThrow(/signature/)
    expect(() => openChange(changeBy(named, founded, { kind: 'leave', spoken: [] }).bytes, alice.list)).toThrow(/list/)
  })

  it('founds nothing where it is not the first, and the first stands upon nothing', () => {
    const { change } = changeBy(alice, founded, { kind: 'leave', spoken: [] })
    for (const odd of [
      { ...change, number: 0, deed: founding() },
      { ...change, deed: founding() },
      { ...first.change, deed: { kind: 'leave', spoken: [] } as const },
    ])
      expect(() => openChange(signChange(odd, alice.device).bytes, alice.list)).toThrow(/first change/)
  })
})

describe('a title', () => {
  it.each([
    ['Circle', true],
    ['Bücher 📚', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['ü'.repeat(33), false],
    ['', false],
    [' a', false],
    ['a ', false],
    ['a\nb', false],
    ['a\u001b[31mb', false],
    ['a\u2028b', false],
    ['\ud800', false],
  ])('%j is one: %s', (title, is) => {
    expect(isGroupTitle(title)).toBe(is)
  })
})
