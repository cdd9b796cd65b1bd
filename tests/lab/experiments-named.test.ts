import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { stanzaSizeBytes as messageKeyStanza } from '../../crypto/access/message-key-escrow.ts'
import { stanzaSizeBytes as splitStanza } from '../../crypto/access/split-request.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { activeRelayEvidence, activeRelayVerdict } from '../../client/lab/experiments/active-relay.ts'
import { custodiansEvidence, custodiansVerdict } from '../../client/lab/experiments/custodians.ts'
import { deletedEvidence, deletedVerdict } from '../../client/lab/experiments/deleted.ts'
import { evaderEvidence, evaderVerdict, type Suspected } from '../../client/lab/experiments/evader.ts'
import { insiderAndThiefEvidence, insiderAndThiefVerdict } from '../../client/lab/experiments/insider-and-thief.ts'
import { allOf } from '../support/all-of.ts'
import { namedExperiments } from '../../client/lab/experiments/named.ts'
import { orderYieldEvidence, orderYieldVerdict } from '../../client/lab/experiments/order-yield.ts'
import { formatVerdict } from '../../client/lab/experiments/transcript.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { theftEvidence, theftVerdict } from '../../client/lab/experiments/theft.ts'
import { range, withPercent } from '../../client/lab/experiments/figures.ts'
import { wrappingVerdict } from '../../client/lab/experiments/wrapping.ts'
import { measure } from '../../client/lab/adversaries/exposure.ts'
import type { ModeRun } from '../../client/lab/runs/mode-run.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import type { ExperimentResult } from '../../client/lab/runs/result.ts'
import type { Share } from '../../client/lab/simulation/share.ts'
import type { Utterance, World } from '../../client/lab/world/world.ts'
import { at } from '../support/at.ts'

const day = 24 * 3600 * 1000
const person = (name: string, role: string) => ({ name, role })
const say = (days: number, from: string, to: string): Utterance => ({
  at: Math.round(days * day),
  from,
  to,
  text: `${from} to ${to} on day ${days}`,
})

/** Of five days, from the midnight of day 1; the mode is on from day 2 until the noon of day 4. */
const timetable = { on: 2 * day, breach: 3 * day, off: 4.5 * day, again: null, rotateEveryMs: null }
const world: World = {
  name: 'a small world',
  people: [
    person('rook', "bank's customer"),
    person('hilde', 'bank'),
    person('mara', 'journalist'),
    person('heron', "journalist's source"),
    person('magpie', 'careless burglar'),
    person('wren', 'careful burglar'),
  ],
  messages: [
    say(1.1, 'rook', 'hilde'),
    say(1.2, 'hilde', 'rook'),
    say(1.3, 'mara', 'heron'),
    say(2.2, 'rook', 'hilde'),
    say(2.3, 'mara', 'heron'),
    say(2.4, 'heron', 'mara'),
    say(2.5, 'magpie', 'wren'),
    say(3.1, 'hilde', 'rook'),
    say(3.2, 'mara', 'heron'),
    say(3.3, 'wren', 'magpie'),
    say(4.1, 'heron', 'mara'),
    say(4.2, 'rook', 'hilde'),
    say(4.6, 'rook', 'hilde'),
    say(5.1, 'hilde', 'rook'),
    say(5.2, 'heron', 'mara'),
    say(5.3, 'mara', 'heron'),
  ],
  target: 'rook',
  shared: 'rook',
  listed: ['mara'],
  verified: [['mara', 'heron']],
  evading: [{ between: ['magpie', 'wren'], by: 'garbage stanzas' }],
  quotable: true,
}

/** Counted from what was said, without anything of the lab. */
const complied = world.messages.filter(({ from }) => from !== 'magpie' && from !== 'wren')
const within = (those: readonly Utterance[], from: number, to: number) =>
  those.filter((said) => said.at >= from * day && said.at < to * day)
const count = (those: readonly Utterance[], from: number, to: number) => within(those, from, to).length
const ofRook = world.messages.filter(({ from, to }) => from === 'rook' || to === 'rook')

const inExperiments = new Set([
  'order, as used',
  'order, as possible',
  'insider',
  'key thief and archive',
  'one secret and archive',
  'active relay',
])

function runOf(ordered: Played, turned: Played): ModeRun {
  const { mode, holdings, archive } = ordered
  return {
    within: ordered,
    turned,
    result: {
      ...mode,
      secrets: at([...holdings.authority, { secrets: [] }], 0).secrets,
      envelopes: archive.length,
      envelopeBytes: 0,
      lost: ordered.lost,
      withheld: { order: ordered.withheld, activeRelay: turned.withheld },
      plainKeys: { read: 0, of: 0 },
      cells: adversaries
        .filter(({ id }) => inExperiments.has(id))
        .map((one) => measure(one.conduct === 'as it likes' ? turned : ordered, one)),
      detections: { order: ordered.detections, activeRelay: turned.detections },
      control: 1,
      lastStates: ordered.lastStates,
      seconds: 0,
    },
  }
}

const results = new Map<string, ExperimentResult>()
const begun: string[] = []
const result = (id: string) => results.get(id) as ExperimentResult
/** the cells of one row, without its name */
const rowOf = (id: string, name: string | number) =>
  result(id)
    .rows.find(([first]) => first === name)
    ?.slice(1)

beforeAll(async () => {
  const playing = (id: string, conduct: Played['conduct'] = 'within the order') =>
    play(world, modeCalled(id), timetable, 'named', () => undefined, conduct)
  const lied = await playing('none', 'as it likes')
  const [escrow, split] = [await playing('message-key-escrow'), await playing('split-escrow')]
  const ghost = [await playing('ghost-device'), await playing('ghost-device', 'as it likes')] as const
  const runs = [runOf(lied, lied), runOf(escrow, lied), runOf(split, lied), runOf(...ghost)]
  for await (const one of namedExperiments(runs, 'named', (title) => begun.push(title))) results.set(one.id, one)
})

describe('the named experiments', () => {
  it('are eight questions and the cost of a split key, each with a claim, and rows as wide as its columns', () => {
    expect([...results.keys()].join(' ')).toBe(
      'theft deleted custodians custodians-cost order-yield transcript evader insider-and-thief active-relay',
    )
    for (const { claims, columns, rows } of results.values()) {
      expect(claims.length).toBeGreaterThan(0)
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row).toHaveLength(columns.length)
    }
  })

  it('are told of as they begin', () => {
    expect(begun).toEqual([...results.values()].map(({ title }) => title))
  })

  it('have a verdict of one sentence and at most 25 words, and call modes by their names', () => {
    for (const { id, verdict, evidence, method, question } of results.values()) {
      expect([id, verdict]).toEqual([id, expect.stringMatching(/^[A-Z][^.!?]*\.$/)])
      expect([id, wordsIn(verdict) <= 25]).toEqual([id, true])
      for (const text of [verdict, evidence, method, question])
        expect([id, text]).toEqual([
          id,
          expect.not.stringMatching(/undefined|NaN|Infinity|-escrow|ghost-device|\bnone\b/),
        ])
    }
  })

  it('leave out what was not run', async () => {
    expect(await allOf(namedExperiments([], 'named', () => undefined))).toEqual([])
  })
})

describe('a stolen key that had been changed', () => {
  it('opens what was said while it was in force, and those that were kept what was said while they were', () => {
    const habits = [null, 3, 1]
    const expected = habits.flatMap((rotateDays) =>
      [1, 2, 4].map((theft) => {
        const [every, stolen] = [rotateDays ?? 5, 1 + theft]
        const since = 1 + Math.floor((theft - 1) / every) * every
        return [
          rotateDays ?? 'never',
          theft,
          Math.ceil(theft / every),
          count(world.messages, 1, stolen),
          count(complied, since, stolen),
          count(complied, 1, stolen),
          count(world.messages, stolen, 6),
          count(complied, stolen, since + every),
          count(ofRook, 1, stolen),
          count(ofRook, since, stolen),
          count(ofRook, 1, stolen),
        ]
      }),
    )
    expect(result('theft').rows).toEqual(expected)
    expect(result('theft').verdict).toMatch(
      /^Changing the key every day and destroying old ones cut what a thief read of the past/,
    )
    expect(result('theft').evidence).toContain('could not serve an order for the past')
    expect(result('theft').evidence).toContain('protected nothing of the past')
  })

  it('has a verdict that turns with the numbers', () => {
    const of = 10
    const row = (rotateDays: number | null, inForce: number, kept: number, after: number) => ({
      rotateDays,
      day: 1,
      keysMade: 1,
      before: { inForce: { read: inForce, of }, kept: { read: kept, of } },
      after: { read: after, of },
      order: { inForce: { read: inForce, of }, kept: { read: kept, of } },
    })
    const never = row(null, 8, 8, 8)
    expect(theftEvidence([never, row(1, 2, 8, 1)])).toMatch(
      /every day .* 2 of 10 .*8 of 10 .*could not serve.*protected nothing of the past.*before the next change/,
    )
    expect(theftEvidence([never, row(2, 8, 8, 8)])).toMatch(
      /every 2 days .*did not limit a theft at the end of day 1: .*lost nothing by it.*protected nothing of what/,
    )
    expect(theftEvidence([never, row(1, 2, 4, 1)])).toContain('protected a part of the past')
    expect(theftVerdict([never, row(1, 2, 8, 1)])).toContain('from 8 to 2 of 10 messages')
    expect(theftVerdict([never, row(2, 8, 8, 8)])).toContain('did not limit')
    for (const words of [theftEvidence([never]), theftVerdict([never])]) expect(words).toContain('nothing to compare')
  })

  it('is told of one theft, the middle one, so that no message counts twice', () => {
    const habit = (rotateDays: number | null) =>
      [1, 14, 25].map((theft) => {
        const share = { read: rotateDays === null ? theft : 1, of: theft }
        const order = { inForce: share, kept: share }
        return { rotateDays, day: theft, keysMade: 1, before: { inForce: share, kept: share }, after: share, order }
      })
    expect(theftEvidence([...habit(null), ...habit(1)])).toMatch(
      /a thief at the end of day 14 read 1 of 14 \(7 %\) of the messages sent before the theft.* 14 of 14 /,
    )
  })
})

describe('deleted keys', () => {
  it("leave nothing for the devices to open, and what the authority's secrets open is what was said", () => {
    const [before, during] = [count(world.messages, 1, 2), count(world.messages, 2, 4.5)]
    const unordered = during - count(ofRook, 2, 4.5)
    const [opened, ordered] = [count(complied, 2, 4.5), count(ofRook, 2, 4.5)]
    expect(rowOf('deleted', 'message-key-escrow')).toEqual([
      0,
      '2 of 2',
      before,
      0,
      during,
      opened,
      unordered,
      opened - ordered,
    ])
    expect(rowOf('deleted', 'ghost-device')).toEqual([0, '2 of 2', before, 0, during, ordered, unordered, 0])
    expect(result('deleted').evidence).toContain(
      'counter-example: under ghost device nothing opened from before the mode was on, or from people whom no order named',
    )
  })

  it('have a verdict that turns with the numbers', () => {
    const row = (readAgain: number, during: number, unordered: number, control = 1, mode = 'some-mode') => ({
      mode,
      tapping: true,
      readAgain,
      stillToCome: { read: control, of: 1 },
      before: { read: 0, of: 9 },
      during: { read: during, of: 9 },
      unordered: { read: unordered, of: 5 },
    })
    expect(deletedEvidence([row(0, 4, 4)])).toMatch(
      /^Under no mode did the keys left .* opened 4 of 9 .*Under each of these modes that includes people whom no order/,
    )
    expect(deletedEvidence([row(0, 4, 0)])).toContain('counter-example: under some-mode')
    expect(deletedVerdict([row(0, 4, 4)])).toContain('4 of 9 messages')
    expect(deletedVerdict([row(0, 0, 0)])).toContain('not even the authority')
    expect(deletedEvidence([row(3, 0, 0)])).toMatch(/some-mode \(3\): keys were kept.*keys opened nothing either/)
    expect(deletedEvidence([row(0, 0, 0, 0)])).toContain('proves little under some-mode')
    expect(deletedEvidence([row(0, 4, 4, 1, 'wide-mode'), row(0, 4, 0)])).toMatch(
      /Under wide-mode that includes people.*counter-example: under some-mode/,
    )
  })

  it('are no counter-example where everybody who spoke was in the order', () => {
    const row = (before: number, unordered: number, tapping = true) => ({
      mode: 'some-mode',
      tapping,
      readAgain: 0,
      stillToCome: { read: 1, of: 1 },
      before: { read: 0, of: before },
      during: { read: 3, of: 3 },
      unordered: { read: 0, of: unordered },
    })
    expect(deletedEvidence([row(5, 0)])).toMatch(/Only people named in the order wrote anything, .*\.$/)
    expect(deletedEvidence([row(5, 0)])).not.toContain('counter-example')
    expect(deletedEvidence([row(0, 5)])).toContain('under some-mode nothing opened from people whom')
    expect(deletedEvidence([row(5, 5, false)])).not.toContain('counter-example')
  })
})

describe('custodians', () => {
  it('open in every set of three or more what all of them open, and in none of fewer', () => {
    const [passed, opened] = [count(world.messages, 2, 4.5), count(complied, 2, 4.5)]
    const sets = [1, 5, 10, 10, 5, 1]
    expect(result('custodians').rows.slice(0, 6)).toEqual(
      sets.map((of, k) => [`any ${k} of 5`, k, of, k < 3 ? 0 : of, passed, k < 3 ? 0 : `${opened}`]),
    )
    const states = result('custodians').rows.slice(6)
    expect(states.map(([who, shares, , open]) => [who, shares, open])).toEqual([
      ['all in state A', 2, 0],
      ['all in state B', 2, 0],
      ['all in state A and state B', 4, 1],
      ['all in state C', 1, 0],
      ['all in state A and state C', 3, 1],
      ['all in state B and state C', 3, 1],
      ['all in state A, state B and state C', 5, 1],
    ])
    expect(result('custodians').evidence).toMatch(
      /Any 3 of 5 custodians .* no 2 of them open any.*No single state.* 3 of 3 pairs/,
    )
  })

  it('have a verdict that turns with the numbers', () => {
    const row = (shares: number, sets: number, opened: readonly number[], states: number | null = null) => ({
      who: states === null ? `any ${shares} of 2` : 'all in state A',
      states,
      shares,
      sets,
      setsThatOpen: opened.length,
      tried: 9,
      opened,
    })
    const both = row(2, 1, [7])
    expect(custodiansEvidence([row(0, 1, []), row(1, 2, []), both])).toContain('Any 2 of 2 custodians')
    expect(custodiansEvidence([row(0, 1, []), row(1, 2, [7]), both])).toContain('1 of 2 sets of 1 of 2')
    expect(custodiansEvidence([row(0, 1, []), row(1, 2, [6, 7]), both])).toContain('did not open the same messages')
    expect(custodiansEvidence([row(0, 1, [7]), row(1, 2, [7, 7]), both])).toContain('No custodian is needed')
    expect(custodiansEvidence([row(0, 1, []), row(1, 2, []), row(2, 1, [])])).toContain('Not even all 2')
    expect(custodiansEvidence([row(1, 2, [7, 7]), row(1, 1, [7], 1)])).toContain('all in state A is enough')
    expect(custodiansVerdict([row(0, 1, []), row(1, 2, []), both])).toMatch(
      /^It takes 2 of 2 .* more than any one state holds/,
    )
    expect(custodiansVerdict([row(1, 2, [7, 7]), row(1, 1, [7], 1)])).toContain('a single state holds')
    expect(custodiansVerdict([row(0, 1, [7])])).toContain('No custodian is needed')
    expect(custodiansVerdict([row(0, 1, []), row(2, 1, [])])).toContain('Not even all 2')
  })

  it('cost the bytes of their stanza, and the clock is in no other column than its own', () => {
    const { columns, rows, verdict } = result('custodians-cost')
    expect(rows.map(([mode, bytes]) => [mode, bytes])).toEqual([
      ['message-key-escrow', messageKeyStanza],
      ['split-escrow', splitStanza],
    ])
    expect(columns.slice(2).every((column) => /\bms\b.* \(this machine\)/.test(column))).toBe(true)
    for (const [, , microseconds, ratio] of rows) {
      expect(microseconds).toBeGreaterThan(0)
      expect(ratio).toBeGreaterThan(0)
    }
    expect(verdict).toContain('does not make messages larger')
    const cost = (mode: string, bytes: number) => ({ mode, bytes, microseconds: 1 })
    expect(wrappingVerdict(cost('one', 5), cost('other', 9))).toContain('makes each message larger: other adds 9')
    expect(wrappingVerdict(cost('one', 5), cost('other', 5))).toContain('costs nothing in bytes')
  })
})

describe('an order for one person', () => {
  it('yields what the person said, and the same key what all others did, but for a ghost', () => {
    const ordered = count(ofRook, 2, 4.5)
    const beyond = count(complied, 2, 4.5) - ordered
    const rest = ['0 of 0', '0 of 0', '0 of 0', '0 of 0']
    expect(rowOf('order-yield', 'message-key-escrow')).toEqual([
      ordered,
      ordered,
      '1 of 1',
      beyond,
      '2 of 4',
      '1 of 1',
      ...rest,
    ])
    expect(rowOf('order-yield', 'ghost-device')).toEqual([ordered, ordered, '1 of 1', 0, '0 of 4', '0 of 1', ...rest])
    expect(rowOf('order-yield', 'none')).toEqual([ordered, 0, '0 of 1', 0, '0 of 4', '0 of 1', ...rest])
    expect(result('order-yield').evidence).toContain('with conversations of journalist')
    expect(result('order-yield').evidence).toContain(
      'Under ghost device the keys opened nothing recorded beyond the order',
    )
    expect(result('order-yield').figures).toMatchObject({ modes: 3, atRiskOpened: 1, bankTried: 0 })
  })

  it('has a verdict that turns with the numbers', () => {
    const row = (yielded: number, beyond: number, strangers: number, told: number, tapping = false) => ({
      mode: 'some-mode',
      tapping,
      yielded: { read: yielded, of: 9 },
      partners: { read: 1, of: 1 },
      beyond,
      strangers: { read: strangers, of: 8 },
      stories: [{ title: 'lawyer', opened: { read: told, of: 1 } }],
    })
    expect(orderYieldEvidence([row(0, 0, 0, 0)])).toBe('The order yielded nothing under any mode.')
    expect(orderYieldEvidence([row(0, 5, 2, 1)])).toMatch(/yielded nothing .* 2 of 8 people/)
    expect(orderYieldEvidence([row(4, 5, 2, 1)])).toMatch(
      /4 of the target’s 9 .*2 of 8 .*with conversations of lawyer.*none of them/,
    )
    expect(orderYieldEvidence([row(4, 5, 2, 0)])).toContain('but no conversation of lawyer')
    expect(orderYieldEvidence([row(4, 0, 0, 0, true)])).toMatch(
      /Under some-mode the keys opened nothing recorded beyond the order: .* whom the operator taps\.$/,
    )
  })

  it('has no line but the world where nobody else spoke, and the operator has no part in the mode', () => {
    const row = {
      mode: 'some-mode',
      tapping: false,
      yielded: { read: 4, of: 4 },
      partners: { read: 1, of: 1 },
      beyond: 0,
      strangers: { read: 0, of: 0 },
      stories: [],
    }
    const evidence = orderYieldEvidence([row])
    expect(evidence).not.toContain('taps')
    expect(evidence).toMatch(/nothing beyond the order, because nobody else .*; no key knows whose message it opens\.$/)
    expect(orderYieldVerdict([row])).toMatch(/read 4 messages of its target, and the same keys opened nobody/)
    expect(orderYieldVerdict([{ ...row, strangers: { read: 2, of: 3 } }])).toContain('under 1 the same keys also open')
    expect(orderYieldVerdict([{ ...row, yielded: { read: 0, of: 4 } }])).toContain('yielded nothing')
  })
})

describe('an evader', () => {
  it('is not read behind garbage where there are stanzas, and is where a ghost listens', () => {
    const [complies, garbage] = [count(ofRook, 2, 4.5), count(world.messages, 2, 4.5) - count(complied, 2, 4.5)]
    const others = count(complied, 2, 4.5) - complies
    expect(rowOf('evader', 'message-key-escrow')).toEqual([
      `${complies} of ${complies}`,
      `0 of ${garbage}`,
      'nobody',
      'nobody',
      others,
      '2 of 4',
    ])
    expect(rowOf('evader', 'ghost-device')).toEqual([
      `${complies} of ${complies}`,
      `${garbage} of ${garbage}`,
      'nobody',
      'nobody',
      0,
      '0 of 4',
    ])
    expect(result('evader').evidence).toContain(
      'garbage in place of a stanza left nothing to read under message key escrow and split escrow, and something under ghost device',
    )
  })

  it('has a verdict that turns with the numbers', () => {
    const some = (read: number): Suspected => ({ yielded: { read, of: 4 }, stillSealed: 0 })
    const row = (complies: number, garbage: number, strangers: number) => ({
      mode: 'some-mode',
      complies: some(complies),
      evading: { 'garbage stanzas': some(garbage), 'encrypt first': null, 'foreign client': some(0) },
      others: strangers,
      strangers: { read: strangers, of: 8 },
    })
    expect(evaderEvidence([row(0, 0, 0)])).toContain('nothing to evade')
    expect(evaderEvidence([row(4, 0, 3)])).toMatch(
      /garbage in place of a stanza and using another service left nothing .*Encrypting first was not tried.*exposed 3 of 8 people who never spoke/,
    )
    expect(evaderEvidence([row(4, 4, 0)])).toMatch(
      /garbage in place of a stanza left something .*None of these modes exposed/,
    )
    expect(evaderEvidence([{ ...row(4, 4, 0), strangers: { read: 0, of: 0 } }])).not.toContain('exposed')
    expect(evaderVerdict([row(4, 0, 3)])).toMatch(/^Of 2 ways to evade, 2 left .*its keys exposed up to 3 strangers\.$/)
    expect(evaderVerdict([row(4, 4, 0)])).toMatch(/^Of 2 ways to evade, 1 left .*its keys exposed nobody else\.$/)
    expect(evaderVerdict([row(0, 0, 0)])).toContain('nothing was tried')
  })
})

describe('what the authority hands on', () => {
  it('has every message that the key opens in each format', () => {
    const opened = count(complied, 2, 4.5)
    expect(result('transcript').rows).toEqual(['JSON', 'text', 'a web page'].map((format) => [format, opened, opened]))
    expect(result('transcript').verdict).toContain(`all ${opened} messages`)
  })

  it('has a verdict that turns with the numbers', () => {
    const row = (found: number, of = 4) => ({ format: 'text', found, of })
    expect(formatVerdict([row(4), row(3)])).toBe(
      'The export lacks messages: as text it holds 3 of 4 that the key opens.',
    )
    expect(formatVerdict([row(0, 0)])).toContain('nothing to export')
  })
})

describe('an insider', () => {
  it('reads what the key opens, and a thief what of it had passed by then', () => {
    const said = world.messages.length
    const opened = (to: number) => `${count(complied, 2, to)} of ${said}`
    const row = rowOf('insider-and-thief', 'message-key-escrow')
    expect(row?.slice(0, 6)).toEqual([opened(4.5), '2 of 3', opened(4.5), opened(3), opened(4.5), 1])
    expect(row?.slice(7)).toEqual(['6 of 6', '0 of 6', 'nothing'])
    expect(rowOf('insider-and-thief', 'split-escrow')?.slice(4, 6)).toEqual([`0 of ${said}`, 5])
    expect(rowOf('insider-and-thief', 'ghost-device')?.slice(8)).toEqual(['2 of 6', 'unsigned list'])
    expect(rowOf('insider-and-thief', 'none')).toBeUndefined()
  })

  it('has a verdict that turns with the numbers', () => {
    const row = (insider: number, possible: number, oneSecret: number, forges: boolean | null, noticed: number) => ({
      mode: 'some-mode',
      tapping: noticed > 1,
      insider: { read: insider, of: 9 },
      conversations: { read: 1, of: 3 },
      possible: { read: possible, of: 9 },
      thief: { read: 1, of: 9 },
      oneSecret: { read: oneSecret, of: 9 },
      secrets: 2,
      forges,
      announced: { read: 6, of: 6 },
      suspicious: { read: noticed, of: 6, by: noticed > 0 ? 'some detector' : null },
    })
    expect(insiderAndThiefEvidence([row(0, 0, 0, false, 0)])).toContain('read nothing')
    expect(insiderAndThiefEvidence([row(3, 3, 3, false, 0)])).toMatch(
      /3 of 9 \(33 %\).*works without one.*One stolen key was enough.*No device accepted a forgery under some-mode.*no detector found/,
    )
    expect(insiderAndThiefEvidence([row(3, 4, 0, true, 2)])).toMatch(
      /something other than.*more than one holder.*could also write.*Under some-mode people could have found the operator’s part: 2 of 6 by some detector under some-mode\. They would/,
    )
    // what nobody tried, and what one secret opened of all that the insider read
    expect(insiderAndThiefEvidence([row(3, 3, 1, null, 1)])).toMatch(
      /One stolen key opened a part of it: 1 of these 3 messages under some-mode\. Whether they could also write was not tried/,
    )
    expect(insiderAndThiefEvidence([row(3, 3, 1, null, 1)])).not.toMatch(/was enough|forgery|operator’s part/)
    expect(insiderAndThiefVerdict([row(3, 3, 3, false, 0)])).toContain('under some-mode the keys read 3 of 9')
    expect(insiderAndThiefVerdict([row(0, 0, 0, false, 0)])).toContain('read nothing')
  })
})

describe('an active relay', () => {
  it('reads between those who have not compared, and silences those who have, under a mode as without one', () => {
    const said = world.messages.length
    const verified = world.messages.filter(({ from }) => from === 'mara' || from === 'heron').length
    const row = rowOf('active-relay', 'none')
    expect(row?.slice(0, 5)).toEqual([
      `0 of ${verified}`,
      `${said - verified} of ${said - verified}`,
      '0 of 1',
      '2 of 2',
      `0 of ${verified}`,
    ])
    expect(row?.slice(6, 7)).toEqual(['2 of 6'])
    expect(rowOf('active-relay', 'ghost-device')?.slice(0, 5)).toEqual(row?.slice(0, 5))
    expect(row?.at(-1)).toBe(world.verified.length)
    expect(result('active-relay').evidence).toContain('End-to-end encryption alone does not keep such a server out')
  })

  it('has a verdict that turns with the numbers', () => {
    const nobody: Share = { read: 0, of: 6 }
    const row = (mode: string, read: number, compared: number, sent: number) => ({
      mode,
      messages: { compared: { read: compared, of: 4 }, others: { read, of: 9 } },
      compared: { read: compared, of: 1 },
      others: { read: Math.min(read, 2), of: 2 },
      sentByCompared: { read: sent, of: 4 },
      silenced: 4 - sent,
      forges: null,
      noticed: { read: 2, of: 6 },
      could: { ...nobody, by: null },
    })
    expect(activeRelayEvidence([row('none', 0, 0, 4)])).toMatch(/server read nothing.*cost those pairs no message/)
    expect(activeRelayEvidence([row('none', 5, 0, 0)])).toMatch(
      /5 of 9 .*does not keep.*at a price: those pairs sent 0 of/,
    )
    const strangers = { ...row('none', 5, 0, 0), compared: { read: 0, of: 0 } }
    expect(activeRelayEvidence([strangers])).not.toMatch(/of people who had\.|0 of 0/)
    expect(activeRelayEvidence([row('none', 5, 1, 4)])).toContain('did not keep it out either')
    expect(activeRelayEvidence([row('ghost-device', 5, 1, 4)])).toMatch(
      /was not played without.*comparing numbers did not help/,
    )
    expect(activeRelayEvidence([row('none', 5, 0, 0), row('ghost-device', 5, 0, 4)])).not.toContain('did not help')
    expect(activeRelayVerdict([row('none', 5, 0, 0)])).toContain('read 5 of 9 messages')
    expect(activeRelayVerdict([row('none', 0, 0, 4)])).toContain('read nothing')
    expect(activeRelayVerdict([row('ghost-device', 5, 1, 4)])).toContain('not played without')
  })
})

describe('the words for figures', () => {
  it('never round to nothing or to everything', () => {
    expect(withPercent({ read: 1, of: 1000 })).toBe('1 of 1000 (under 1 %)')
    expect(withPercent({ read: 999, of: 1000 })).toBe('999 of 1000 (over 99 %)')
    expect(withPercent({ read: 0, of: 0 })).toBe('0 of 0')
    expect([range([3]), range([5, 3, 4])]).toEqual(['3', '3 to 5'])
  })
})
