import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { possibleContent } from '../../client/authority/order/execute.ts'
import type { Kind, Path } from '../../client/authority/order/law.ts'
import { badOrderEvidence, badOrderRows, badOrderVerdict } from '../../client/lab/experiments/bad-orders.ts'
import { atDesk, courtsOf } from '../../client/lab/experiments/courts.ts'
import { dissidents, listEvidence, listRows, listVerdict } from '../../client/lab/experiments/dissidents.ts'
import { groupAround, longLetters, officeHours, onlyWith } from '../../client/lab/experiments/guesses.ts'
import { insiderEvidence, insiderRows, insiderVerdict } from '../../client/lab/experiments/insider.ts'
import {
  chanceOf,
  guessRows,
  guessEvidence,
  guessVerdict,
  luckOf,
  metadata,
  precisionOf,
} from '../../client/lab/experiments/metadata.ts'
import { evidenceOf, keysOf, openAll } from '../../client/lab/experiments/opened.ts'
import { allOf } from '../support/all-of.ts'
import { ordersExperiments } from '../../client/lab/experiments/orders.ts'
import { compelledEvidence, compelledRows, compelledVerdict } from '../../client/lab/experiments/other-state.ts'
import { pathEvidence, type PathRow, pathRows, pathVerdict } from '../../client/lab/experiments/two-paths.ts'
import { standardEvidence, standardRows, standardVerdict } from '../../client/lab/experiments/two-standards.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import { seededRandom } from '../../client/lab/simulation/random.ts'
import { builtinWorld } from '../../client/lab/world/builtin.ts'
import { worldStart } from '../../client/lab/world/calendar.ts'
import type { Utterance, World } from '../../client/lab/world/world.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { at } from '../support/at.ts'

const day = 86_400_000
const timetable = {
  on: worldStart + 13 * day,
  breach: worldStart + 18 * day,
  off: worldStart + 22 * day,
  again: worldStart + 22.5 * day,
  rotateEveryMs: null,
}
const month = builtinWorld('orders', 34)
/** Of the month the days of the mode, the one before, and some after it was switched on again for another state. */
const whole: World = {
  ...month,
  messages: month.messages.filter(({ at }) => at >= timetable.on - day && at < timetable.again + 2 * day),
}
const list = ['nadia', 'emre', 'lucie', 'pavel']
const group: World = {
  ...whole,
  name: 'the activists',
  people: whole.people.filter(({ name }) => list.includes(name)),
  messages: whole.messages.filter(({ from }) => list.includes(from)),
  verified: [],
  evading: [],
  target: 'emre',
  shared: 'emre',
}

/** Counted from what was to be said, and from nothing that was played: three pairs are not readable. */
const said = (wanted: (one: Utterance) => boolean, world = whole) =>
  world.messages.filter((one) => one.at >= timetable.on && one.at < timetable.off && wanted(one)).length
const evading = new Map(month.evading.map(({ between, by }) => [[...between].sort().join(), by]))
const evasionOf = ({ from, to }: Utterance) => evading.get([from, to].sort().join())
const complies = (one: Utterance) => evasionOf(one) === undefined
const readable = said(complies)
const isOf = (person: string) => (one: Utterance) => one.from === person || one.to === person
const of = (person: string) => said((one) => isOf(person)(one) && complies(one))
const rooks = of('rook')

const random = seededRandom('the orders of the tests')
const courts = courtsOf(random)
let escrow: Played
let none: Played
let split: Played
let ghost: Played
const under = (world: World, id: string) => play(world, modeCalled(id), timetable, 'orders', () => undefined)

beforeAll(async () => {
  escrow = await under(whole, 'message-key-escrow')
  none = await under(whole, 'none')
  split = await under(group, 'split-escrow')
  ghost = await under({ ...group, listed: ['nadia'] }, 'ghost-device')
})

describe('what a key opens without a desk', () => {
  it('is what was said while the mode was on, but for those who evade it', () => {
    const opened = openAll(escrow)
    expect(opened).toHaveLength(readable)
    expect(possibleContent(evidenceOf(escrow), keysOf(escrow)).messages).toBe(
      readable + said((one) => evasionOf(one) === 'encrypt first'),
    )
    expect(openAll(none)).toEqual([])
  })

  it('voids the measurement when it is not what was sent, at a desk too', async () => {
    const truth = new Map([...escrow.truth].map(([id, one]) => [id, { ...one, sent: 'something else' }]))
    const altered = { ...escrow, truth }
    expect(() => openAll(altered)).toThrow('a reading that nobody sent')
    await expect(pathRows(altered, courts, random)).rejects.toThrow('a reading that nobody sent')
  })
})

describe('one request by two paths', () => {
  it('yields all of one person by either under escrow, and envelopes alone under none', async () => {
    const rows = [...(await pathRows(escrow, courts, random)), ...(await pathRows(none, courts, random))]
    const shown = rows.map(({ mode, path, kind, outcome, written, received, envelopes, others }) =>
      [mode, path, kind, outcome, written + received, envelopes, others].join(' '),
    )
    expect(shown).toEqual([
      `message-key-escrow direct content accepted ${rooks} 0 6`,
      `message-key-escrow government content accepted ${rooks} 0 6`,
      `message-key-escrow direct metadata accepted 0 ${rooks} 6`,
      `message-key-escrow government metadata accepted 0 ${rooks} 6`,
      'none direct content refused 0 0 0',
      'none government content refused 0 0 0',
      `none direct metadata accepted 0 ${rooks} 6`,
      `none government metadata accepted 0 ${rooks} 6`,
    ])
    expect(at(rows, 0).written).toBe(said(({ from }) => from === 'rook'))
    expect(rows.slice(0, 2).map(({ days, checks }) => [days, checks[0], checks[2]])).toEqual([
      [[0, 7], 'signature', 'office, approval, facts, target, crime, reader, within'],
      [[182, 731], 'signature, receiving state', 'office, approval, facts, reader, within'],
    ])
    expect(pathEvidence(rows)).toContain(`both paths yield the same: ${rooks} of ${rooks} messages`)
    expect(pathEvidence(rows)).toContain('They differ in the checks and the wait, not in how much is read.')
    expect(pathEvidence(rows)).toContain(
      `With no access mode the order desk stops both orders for content (by the check “custodian”), so neither path opens anything; an order for metadata yields the outside of ${rooks} envelopes by either path.`,
    )

    const [direct, government, ...rest] = rows
    if (!direct || !government) throw new Error('no rows')
    expect(pathVerdict(rows)).toBe(
      `A direct order yields ${rooks} of ${rooks} messages, as many as one through governments; its deadline is 7 days, the other takes 182 to 731.`,
    )
    const less = { ...government, written: 0, days: null }
    expect(pathVerdict([direct, less, ...rest])).toMatch(/messages, and one through governments \d+\.$/)
    expect(pathVerdict([{ ...direct, of: 0 }, ...rows.slice(1)])).toContain('nothing to ask for')
    expect(pathEvidence([direct, less, ...rest])).toMatch(/the paths differ .* of which no figure is published/)
  })

  it('tells a refusal from an order that passed and yielded nothing, and what differs from what does not', () => {
    const row = (path: Path, kind: Kind, other: Partial<PathRow> = {}): PathRow => ({
      mode: 'some-mode',
      path,
      kind,
      standard: '',
      outcome: 'accepted',
      stoppedBy: 'nothing',
      written: 0,
      received: 0,
      of: 9,
      others: 1,
      envelopes: 4,
      days: [0, 7],
      checks: ['signature'],
      ...other,
    })
    const refused = { outcome: 'refused', stoppedBy: 'agreement' } as const
    const verdict = (direct: Partial<PathRow>, government: Partial<PathRow>, outside: Partial<PathRow> = {}) =>
      pathEvidence([
        row('direct', 'content', direct),
        row('government', 'content', government),
        row('direct', 'metadata', outside),
        row('government', 'metadata', outside),
      ])
    expect(verdict(refused, refused, { ...refused, envelopes: 0 })).toBe(
      'Under some-mode the order desk stops both orders for content (by the check “agreement”), so neither path opens anything; it stops the orders for metadata too.',
    )
    expect(
      pathEvidence([
        row('direct', 'content', refused),
        row('government', 'content', refused),
        row('direct', 'metadata', { ...refused, envelopes: 0 }),
        row('government', 'metadata'),
      ]),
    ).toMatch(/stops the direct one \(agreement\), and the other yields the outside of 4 envelopes\.$/)
    expect(verdict({}, {})).toMatch(
      /accepts both orders for content, and neither yields a word of 9 messages; .* 4 env/,
    )
    expect(verdict({ of: 0 }, {})).toMatch(/nothing was sent .* so there was nothing to read\.$/)
    expect(verdict({ written: 3 }, refused)).toMatch(
      /stops the order .* through governments \(agreement\)\. It accepts the one that comes directly, which yields 3 of 9/,
    )
    expect(verdict({ written: 3 }, { written: 3 })).toMatch(/yield the same: 3 of 9 .*Neither the checks nor the wait/)
    expect(verdict({ written: 3 }, { received: 3 })).toMatch(/the paths differ .* 3 of 9 messages \(3 by the person\)/)
  })
})

describe('one request under two laws', () => {
  it('passes under one that another refuses, and the key opens the same', async () => {
    const rows = await standardRows(escrow, openAll(escrow), courts, random)
    expect(rows.map(({ outcome, stoppedBy, handed }) => `${outcome} ${stoppedBy} ${handed}`)).toEqual([
      `accepted nothing ${rooks}`,
      'refused receiving state 0',
      'refused kind 0',
      `accepted nothing ${rooks}`,
      `accepted nothing ${rooks}`,
      'refused window 0',
    ])
    expect(rows.map(({ opens }) => opens)).toEqual(rows.map(() => rooks))
    expect(standardEvidence(rows)).toContain(`2 of 2 directly and 1 of 4 through governments`)
    expect(standardVerdict(rows)).toContain('accepted 2 of 2 direct orders and 1 of 4 that came')
    expect(standardVerdict(rows.map((row) => ({ ...row, outcome: 'refused' as const })))).toContain('refuses all 6')
    expect(standardEvidence(rows)).toContain(`opens up to ${rooks} messages`)
    expect(standardEvidence(rows.map((row) => ({ ...row, opens: 0 })))).toContain(
      'opens nothing of what was refused either',
    )
    expect(standardEvidence(rows.map((row) => ({ ...row, outcome: 'accepted' as const })))).toBe(
      'The order desk accepts all 6.',
    )
  })
})

describe('a world that begins with 1970', () => {
  it('has no orders for a time before it', async () => {
    const early = { ...escrow, timetable: { ...timetable, on: day, off: 1.5 * day } }
    const standards = await standardRows(early, [], courts, random)
    expect(standards).toHaveLength(4)
    expect(standardEvidence(standards)).toMatch(
      /^For the same person the order desk accepts 1 of 4 orders: .* agreement/,
    )
    const bad = (await badOrderRows(early, [], courts, random)).map(({ what }) => what)
    expect(bad).toHaveLength(10)
    expect(bad.join()).not.toMatch(/expired|60 days/)
  })
})

describe('bad orders', () => {
  it('name nobody else where there is nobody but the target and who talks with it', async () => {
    const two: World = {
      ...whole,
      people: whole.people.filter(({ name }) => name === 'nadia' || name === 'emre'),
      messages: whole.messages.filter(({ from, to }) =>
        [from, to].every((name) => name === 'nadia' || name === 'emre'),
      ),
      target: 'emre',
    }
    const rows = await badOrderRows({ ...escrow, world: two }, [], courts, random)
    expect(rows).toHaveLength(9)
    expect(rows.map(({ what }) => what).join()).not.toMatch(/altered|somebody who has done nothing/)
  })

  it('are stopped by the check for them, but for what looks good; the key opens beside that', async () => {
    const opened = openAll(escrow)
    const rows = await badOrderRows(escrow, opened, courts, random)
    const ines = of('ines')
    expect(
      rows.map(({ outcome, stoppedBy, enforcedBy, handed, opens }) =>
        [outcome, stoppedBy, enforcedBy, handed, opens].join(' '),
      ),
    ).toEqual([
      `accepted nothing nothing ${rooks} ${rooks}`,
      `turned away signature cryptography 0 ${rooks}`,
      `turned away signature cryptography 0 ${rooks}`,
      `turned away form software 0 ${ines}`,
      `turned away signature cryptography 0 ${ines}`,
      `refused dates software 0 ${rooks}`,
      `refused standing software 0 ${rooks}`,
      `refused person software 0 ${readable}`,
      `refused window software 0 ${rooks}`,
      `refused kind software 0 ${rooks}`,
      `accepted nothing nothing ${rooks} ${rooks}`,
      `accepted nothing nothing ${ines} ${ines}`,
    ])
    const evidence = badOrderEvidence(rows, opened.length)
    expect(evidence).toContain(
      'Of 11 bad orders the order desk stops 9 and accepts “signed with an issuer’s own key, which was stolen”',
    )
    const anyway = rows.filter(({ handed, opens }) => handed === 0 && opens > 0).length
    expect(badOrderVerdict(rows)).toBe(
      `The order desk stopped 9 of 11 bad orders; without it the same key opens what ${anyway === 9 ? 'the 9 stopped ones' : `${anyway} of the 9 stopped ones`} ask for.`,
    )
    expect(evidence).toContain(`opens ${readable} messages`)
    const stopped = rows.map((row) => ({ ...row, outcome: 'refused' as const }))
    expect(badOrderEvidence(stopped, 0)).toBe(
      'Of 11 bad orders the order desk stops 11; it also stops 1 good one. Without the order desk the same key opens nothing on the same recording.',
    )
  })
})

describe('a clerk without an order', () => {
  it('reads everybody, and the log of a good order stays as it was', async () => {
    const { rows, sameHead } = await insiderRows(escrow, courts, random)
    expect(rows.map(({ read, entries, counted }) => [read, entries, counted])).toEqual([
      [rooks, 3, rooks],
      [0, 0, 0],
      [of('ines'), 0, 0],
      [readable, 0, 0],
    ])
    expect(sameHead).toBe(true)
    expect(insiderEvidence(rows, sameHead)).toMatch(/neither the log nor the public counts change by a bit/)
    expect(insiderVerdict(rows, sameHead)).toMatch(/neither the audit log nor the public counts changed/)
    expect(
      insiderEvidence(
        rows.map((row) => ({ ...row, entries: 1 })),
        false,
      ),
    ).toMatch(/the log shows it, with 1 new entry/)
    expect(
      insiderEvidence(
        rows.map((row) => ({ ...row, read: 0, entries: 0 })),
        true,
      ),
    ).toBe('The log does not even show the good order, and a clerk without one reads nothing.')
  })
})

describe('another state', () => {
  const again = (wanted: (one: Utterance) => boolean) =>
    group.messages.filter((one) => one.at >= timetable.again && wanted(one)).length

  it('needs as many states as the shares lie in, or the operator and keys of its own', () => {
    const during = said(() => true, group)
    const after = again(() => true)
    const rows = compelledRows(split)
    expect(rows.map(({ states, secrets, read }) => [states, secrets, read])).toEqual([
      [0, 0, 0],
      [1, 2, 0],
      [1, 2, 0],
      [1, 1, 0],
      [2, 4, during],
      [2, 3, during],
      [2, 3, during],
      [3, 5, during],
      [0, 0, after],
    ])
    expect(rows.map(({ inForce }) => inForce)).toEqual([...rows.slice(1).map(() => during), after])
    const all = group.messages.length
    expect(compelledVerdict(rows)).toMatch(/read messages under 1 of 1 mode, and needed only the operator\.$/)
    expect(compelledVerdict(rows.map((row) => ({ ...row, read: 0 })))).toContain('read nothing under any mode')
    expect(compelledEvidence(rows)).toBe(
      `Of everything that passed, the keys kept in 2 states open something under split escrow (${during} of ${all} messages). With keys of its own, put in place by the operator, the other state needs no custodian under split escrow (${after} of ${all} messages).`,
    )
    expect(compelledEvidence(rows.map((row) => ({ ...row, read: 0 })))).toBe(
      'Of everything that passed, nothing that anybody keeps opens anything under split escrow. Keys of its own, put in place by the operator, open nothing for the other state.',
    )
    expect(compelledEvidence(rows.slice(0, -1).map((row) => ({ ...row, read: 1 })))).toBe(
      `Of everything that passed, the operator’s own keys open something under split escrow (1 of ${all} messages).`,
    )
  })

  it('is told by the fewest states that open anything and by the fewest that open most', () => {
    const row = (states: number, read: number) => ({ ...at(compelledRows(split), 0), states, read, of: 1000 })
    expect(compelledEvidence([row(0, 0), row(1, 1), row(2, 900), row(3, 900)])).toBe(
      'Of everything that passed, the keys kept in 1 state open something under split escrow (1 of 1,000 messages, and at most 900, with 2 states).',
    )
  })

  it('haunts with a ghost of its own whom it has on its list, and the authority its target', () => {
    const rows = compelledRows(ghost).map(({ secrets, ownKeys, read }) => [secrets, ownKeys, read])
    expect(rows).toEqual([
      [0, false, 0],
      [1, false, said(isOf('emre'), group)],
      [0, true, again(isOf('nadia'))],
    ])
  })
})

describe('a list of people', () => {
  it('takes an order each where the law asks nobody, and is stopped by the law of another state', async () => {
    const rows = await listRows(escrow, list, courts, random)
    const all = said((one) => (list.includes(one.from) || list.includes(one.to)) && complies(one))
    expect(
      rows.map(({ desk, passed, orders, stoppedBy, read }) => `${desk} ${passed}/${orders} ${stoppedBy} ${read}`),
    ).toEqual([`xa 4/4 nothing ${all}`, 'xa 0/1 person 0', 'us 0/4 agreement, oversight 0', `us 4/4 nothing ${all}`])
    expect(listVerdict(rows)).toMatch(/in Xanadu and the United States; only data had to change\.$/)
    expect(listVerdict(rows.map((row) => ({ ...row, read: 0 })))).toContain('hands over anything')
    const refused = rows.map((row) => ({ ...row, passed: 0, read: 0, stoppedBy: 'law' }))
    expect(listEvidence(refused)).toMatch(/the order desk refused, by the checks: law\.$/)
    expect(listEvidence(rows.slice(0, 1).map((row) => ({ ...row, passed: 3, stoppedBy: 'dates' })))).toMatch(
      /accepted 3 of 4 orders, .* stopped the others: dates/,
    )
  })

  it('is not tried in a world in which nobody is on a list', () => {
    expect(dissidents({ ...escrow, world: { ...whole, listed: [] } }, courts, random)).toBeNull()
  })
})

describe('the outside of envelopes', () => {
  it('names the contacts of everybody, and a guess is held against the world', () => {
    const rows = guessRows(none)
    const contacts = (name: string) =>
      new Set(whole.messages.flatMap(({ from, to }) => (from === name ? [to] : to === name ? [from] : []))).size
    expect(rows.slice(0, 4).map(({ found, right, true: so }) => [found, right, so])).toEqual(
      ['mara', 'farida', 'bank', 'nadia'].map((name) => [contacts(name), contacts(name), contacts(name)]),
    )
    for (const row of rows) {
      expect(row.right).toBeLessThanOrEqual(Math.min(row.found, row.true))
      expect(row.true).toBeLessThan(row.candidates)
    }
    const row = { guess: 'who it is', how: 'guessed' as const, rule: '', candidates: 10, true: 2, found: 4, right: 1 }
    expect([precisionOf(row), chanceOf(row), precisionOf({ ...row, found: 0, right: 0 })]).toEqual([0.25, 0.2, null])
    const exact = { ...row, found: 2, right: 2 }
    const many = { ...row, candidates: 300, true: 4, found: 10, right: 2 }
    expect(guessEvidence([many], 7)).toBe(
      'Guessed clearly better than by chance: who it is (2 of the 10 found, 2 of the 4 there are).',
    )
    expect(guessEvidence([{ ...row, found: 5 }], 7)).toMatch(/^No better than random guesses: who it is \(/)
    expect(guessEvidence([exact], 7)).toBe('Guessed without a mistake in this world: who it is.')
    expect(guessEvidence([], 7)).toMatch(/^Nothing was tried/)
    expect(guessVerdict([exact, row])).toContain('1 of 2 guesses')
    expect(guessVerdict([])).toMatch(/^Nothing was tried/)
    expect(
      guessEvidence(
        [
          { ...exact, how: 'looked up' },
          { ...row, how: 'looked up' },
        ],
        7,
      ),
    ).toBe(
      'The outside of 7 envelopes gives 1 of 2 lists of contacts without a mistake, because envelopes carry names.',
    )
  })

  it('is not guessed better than by chance with one hit where 0.8 are expected', () => {
    const row = { guess: 'who', how: 'guessed' as const, rule: '', candidates: 300, true: 4, found: 60, right: 1 }
    expect(luckOf(row)).toBeCloseTo(1 - (240 * 239 * 238 * 237) / (300 * 299 * 298 * 297), 9)
    expect(luckOf({ ...row, candidates: 10, true: 1, found: 1 })).toBeCloseTo(0.1, 9)
    expect(luckOf({ ...row, right: 0 })).toBeCloseTo(1, 9)
    expect(guessEvidence([row], 7)).toMatch(/^No better than random guesses: who \(1 of the 60 found/)
  })

  it('has a method that claims nothing of when a rule was made', async () => {
    const { method, columns } = await metadata(none)
    expect(method).not.toContain('before it was run')
    expect(columns).toContain('by luck')
  })

  it('is all that the rules look at, and each is as simple as it says', () => {
    const line = (time: number, from: string, to: string, sizeBytes = 1) => ({
      time: worldStart + time,
      from,
      to,
      sizeBytes,
    })
    const both = (from: string, to: string, days: number) =>
      Array.from({ length: days }, (_, i) => [line(i * day, from, to), line(i * day + 1, to, from)]).flat()
    const ring = [
      ...both('a', 'b', 4),
      ...both('a', 'c', 4),
      ...both('d', 'b', 4),
      ...both('d', 'c', 4),
      ...both('a', 'e', 3),
    ]
    expect([...groupAround(ring, 'a')].sort()).toEqual(['b', 'c', 'd'])
    expect([...onlyWith(ring, 'a')]).toEqual(['e'])
    const hour = day / 24
    const work = Array.from({ length: 5 }, (_, i) => line(i * day + 9 * hour, 'office', 'a'))
    expect([...officeHours(work)]).toEqual(['office'])
    expect([...officeHours(work.slice(1))]).toEqual([])
    expect([...officeHours([...work, line(5 * day + 9 * hour, 'office', 'a')])]).toEqual([])
    expect([...officeHours([...work, line(18 * hour, 'office', 'a')])]).toEqual([])
    const letters = Array.from({ length: 10 }, (_, i) => line(i, 'a', `${i}`, i === 3 ? 900 : 100))
    expect([...longLetters(letters)]).toEqual(['3 a'])
  })
})

describe('the experiments together', () => {
  it('are tables with a verdict, as far as the modes were played', async () => {
    const results = await allOf(ordersExperiments([none, escrow], 'orders', () => undefined))
    expect(results.map(({ id }) => id)).toEqual([
      'two-paths',
      'two-standards',
      'bad-orders',
      'insider',
      'dissidents',
      'other-state',
      'metadata',
    ])
    for (const { id, rows, columns, verdict, evidence, method } of results) {
      for (const row of rows) expect(row).toHaveLength(columns.length)
      expect([id, verdict]).toEqual([id, expect.stringMatching(/^[A-Z][^.!?]*\.$/)])
      expect([id, wordsIn(verdict) <= 25]).toEqual([id, true])
      for (const text of [verdict, evidence, method])
        expect([id, text]).toEqual([id, expect.not.stringMatching(/-escrow|under none|the desk\b|relay/)])
    }
    expect((await allOf(ordersExperiments([none], 'orders', () => undefined))).map(({ id }) => id)).toEqual([
      'other-state',
      'metadata',
    ])
  })

  it('leave no desk behind, whatever happens there', async () => {
    let folder = ''
    const work = atDesk('us', [courts.uk], random, timetable.off, async (path) => {
      folder = path
      expect(existsSync(folder)).toBe(true)
      throw new Error('a fire')
    })
    await expect(work).rejects.toThrow('a fire')
    expect(existsSync(folder)).toBe(false)
  })
})
