import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeSession } from '../../crypto/session.ts'
import { acquainted } from '../support/acquainted.ts'
import { couple } from '../support/couple.ts'
import { answered, turned } from '../support/opening.ts'
import { outcome } from '../support/refusal.ts'
import { walk } from '../support/walk.ts'

/** For a long run: `DOORMAT_WALK_SEEDS=2000 DOORMAT_WALK_STEPS=5000 npx vitest run session-walk` */
const seeds = Number(process.env['DOORMAT_WALK_SEEDS'] ?? 6)
const steps = Number(process.env['DOORMAT_WALK_STEPS'] ?? 300)

describe('a conversation over a bad network', () => {
  it.each(Array.from({ length: seeds }, (_, i) => i + 1))(
    'reads each text as it was sent, at most once, and survives every failure (seed %i)',
    (seed) => {
      const counts = walk(seed, steps)
      expect(counts.read).toBeGreaterThan(steps / 5)
      expect(counts.altered).toBeGreaterThan(0)
      expect(counts.twice).toBeGreaterThan(0)
    },
  )
})

describe('any message', () => {
  it('is read as it was written', () => {
    const { alice, bob } = acquainted('any text')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        expect(bob.receive(alice.send(text)).text).toBe(text)
      }),
    )
  })

  it('is refused with any one bit turned, and changes nothing', () => {
    const { alice, bob } = acquainted('any bit')
    const genuine = alice.send('as it was written')
    const before = encodeSession(bob.session)
    for (let bit = 0; bit < 8 * genuine.length; bit++)
      expect(outcome(() => bob.receive(turned(genuine, bit)))).not.toBe('accepted')
    expect(encodeSession(bob.session)).toEqual(before)
    expect(bob.receive(genuine).text).toBe('as it was written')
  })

  it('is refused with any one bit turned if it is the first of a session', () => {
    const { alice, bob } = couple('any bit of a first message')
    const first = alice.send('the first')
    fc.assert(
      fc.property(fc.nat({ max: 8 * first.length - 1 }), (bit) => {
        expect(answered(bob, turned(first, bit))).not.toBe('accepted')
      }),
    )
    expect(answered(bob, first)).toBe('accepted')
  })
})
