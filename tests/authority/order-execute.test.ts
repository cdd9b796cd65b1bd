import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { sessionKeyEscrow } from '../../crypto/access/session-key-escrow.ts'
import type { Evidence } from '../../client/authority/evidence.ts'
import {
  contentWithin,
  metadataWithin,
  possibleContent,
  possibleMetadata,
} from '../../client/authority/order/execute.ts'
import { isWithin } from '../../client/authority/order/within.ts'
import { noMode, recorded as recordedBy, underModes } from '../support/access.ts'
import { at } from '../support/at.ts'
import { day, recordedTown } from '../support/orders.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld } from '../support/world.ts'

const { recorded, key } = recordedTown()
const scope = { person: 'alice', window: { from: day('2026-03-01'), to: day('2026-03-08') } }

function* evidenceOf(all: readonly RecordedEnvelope[]): Evidence {
  yield* all
  return { cutOffBytes: 0 }
}

describe('an order for content', () => {
  it("gives its person's messages in its window, both ways, and no other", () => {
    const { lines, tally, extent, openedBefore } = contentWithin(scope, evidenceOf(recorded), [key])
    expect(lines.map(({ from, to, text }) => `${from} to ${to}: ${text}`)).toEqual([
      'alice to bob: the van is at nine',
      'bob to alice: bring the ladder',
      'alice to erin: are you well?',
    ])
    // nothing else was even tried
    expect([tally.envelopes, openedBefore]).toEqual([3, 0])
    expect(extent).toEqual({ messages: 3, people: 3 })
  })

  it('begins with the first moment of its window, and ends before the last', () => {
    const passed = (time: number) => isWithin(scope, { fromUser: 'alice', toUser: 'bob', time })
    const { from, to } = scope.window
    expect([from - 1, from, to - 1, to].map(passed)).toEqual([false, true, true, false])
    expect(isWithin(scope, { fromUser: 'bob', toUser: 'erin', time: from })).toBe(false)
  })

  it('says what the same key opens of the same evidence, beside it', () => {
    expect(possibleContent(evidenceOf(recorded), [key])).toEqual({ messages: 7, people: 5 })
    const { secrets } = messageKeyEscrow.setup(seededRandom('another key'))
    const other = { mode: key.mode, secret: at(secrets, 0).bytes }
    expect(possibleContent(evidenceOf(recorded), [other])).toEqual({ messages: 0, people: 0 })
  })

  it('opens what came before where the mode asks for it, counts that, and leaves it out', () => {
    const { parameters, secrets } = sessionKeyEscrow.setup(seededRandom('sessions'))
    const escrow = { id: sessionKeyEscrow.id, parameters }
    const { alice, bob, sendIn } = underModes([escrow, noMode], 'reading on')
    const passed = [sendIn(1, alice, 'before the window'), sendIn(2, alice, 'in it, when no mode is in force')]
    const evidence = passed.map((bytes, i) => ({ ...recordedBy(alice, bob, bytes), time: day(`2026-03-0${1 + i}`) }))
    const window = { from: day('2026-03-02'), to: day('2026-03-03') }
    const keys = [{ mode: escrow.id, secret: at(secrets, 0).bytes }]
    const { lines, openedBefore } = contentWithin({ person: 'alice', window }, evidenceOf(evidence), keys)
    expect(lines.map(({ text }) => text)).toEqual(['in it, when no mode is in force'])
    expect(openedBefore).toBe(1)
  })
})

describe('an order under a mode whose reader remembers', () => {
  it.each(['ghost-device', 'key-substitution'])(
    'reads on in a conversation that began before its window: %s',
    async (mode) => {
      const recording: RecordedEnvelope[] = []
      const world = await createWorld(`ordered ${mode}`, { recording })
      const [alice, bob] = await world.couple()
      const held = await world.tap(mode, ['alice'])
      world.later(61_000)
      await bob.tell(alice, 'before the window')
      world.later(61_000)
      const [from, to] = [at(recording, -1).time + 1, Number.MAX_SAFE_INTEGER]
      await bob.tell(alice, 'in it')
      const keys = held.map((secret) => ({ mode, secret }))
      const { lines, openedBefore } = contentWithin(
        { person: 'alice', window: { from, to } },
        evidenceOf(recording),
        keys,
      )
      expect([lines.map(({ text }) => text), openedBefore]).toEqual([['in it'], 1])
    },
  )
})

describe('an order for metadata', () => {
  it('gives times, partners and sizes, without any key', () => {
    const lines = metadataWithin(scope, evidenceOf(recorded))
    expect(lines.map(({ from, to }) => `${from} to ${to}`)).toEqual(['alice to bob', 'bob to alice', 'alice to erin'])
    expect(lines[0]).toEqual({
      time: day('2026-03-01'),
      from: 'alice',
      to: 'bob',
      sizeBytes: at(recorded, 0).bytes.length,
    })
  })

  it('says of how many the same evidence shows as much', () => {
    expect(possibleMetadata(evidenceOf(recorded))).toEqual({ messages: 7, people: 5 })
  })
})
