import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled, modes } from '../../crypto/access/index.ts'
import {
  groupGhost,
  groupGhostEvidence,
  groupGhostVerdict,
  type GhostRow,
} from '../../client/lab/experiments/group-ghost.ts'
import {
  groupOrder,
  groupOrderEvidence,
  type GroupOrderRow,
  groupOrderVerdict,
} from '../../client/lab/experiments/group-order.ts'
import {
  estimate,
  groupGuesses,
  type GroupGuessRow,
  groupGuessesVerdict,
} from '../../client/lab/experiments/group-guesses.ts'
import { burstMs, guessGroups, sizeSpreadBytes } from '../../client/lab/experiments/bursts.ts'
import type { MetadataLine } from '../../client/authority/order/execute.ts'
import { draws } from '../../client/lab/world/draws.ts'
import { groupExperiments } from '../../client/lab/experiments/groups.ts'
import type { Experiment } from '../../client/lab/experiments/experiment.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { playCircle } from '../../client/lab/simulation/circle.ts'
import { allOf } from '../support/all-of.ts'

const results = new Map<string, Experiment>()
const rowsOf = (id: string) => results.get(id)?.rows ?? []
const rowOf = (id: string, name: string) =>
  rowsOf(id)
    .find(([first]) => first === name)
    ?.slice(1)

beforeAll(async () => {
  const some = ['message-key-escrow', 'session-key-escrow', 'ghost-device', 'key-substitution'].map(modeCalled)
  results.set('group-order', await groupOrder(some, 'groups', 4))
  results.set('group-ghost', await groupGhost(modes, 'groups'))
})

describe('the experiments about groups', () => {
  it('are tables with a verdict of one sentence and at most 25 words, and call modes by their names', () => {
    for (const [id, { rows, columns, verdict, evidence, method }] of results) {
      for (const row of rows) expect([id, row.length]).toEqual([id, columns.length])
      expect([id, verdict]).toEqual([id, expect.stringMatching(/^[A-Z][^.!?]*\.$/)])
      expect([id, wordsIn(verdict) <= 25]).toEqual([id, true])
      for (const text of [verdict, evidence, method])
        expect([id, text]).toEqual([
          id,
          expect.not.stringMatching(/undefined|NaN|Infinity|-escrow|ghost-device|\bnone\b/),
        ])
    }
  })

  it('are not made where no mode was run', async () => {
    expect(await allOf(groupExperiments([], 'groups', () => undefined))).toEqual([])
  })
})

describe('an order for one in a group', () => {
  it('reads what all have said, each text once, however many envelopes carry it', () => {
    // said, arrived, handed over, of the target, others, people exposed, possible, under another mode, envelopes
    expect(rowOf('group-order', 'message-key-escrow')).toEqual([4, 4, 4, 1, 3, 4, 4, 0, 12])
    // one copy of each, for the one ghost
    expect(rowOf('group-order', 'ghost-device')).toEqual([4, 4, 4, 1, 3, 4, 4, 0, 4])
    expect(rowOf('group-order', 'session-key-escrow')?.slice(0, 7)).toEqual([4, 4, 4, 1, 3, 4, 4])
  })

  it('reads nothing of the same group without a mode, nor by false keys in a group that knows the true ones', () => {
    expect(rowOf('group-order', 'none')).toEqual([4, 4, 0, 0, 0, 0, 0, 0, 0])
    expect(rowOf('group-order', 'key-substitution')).toEqual([4, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('has a verdict that follows its rows', () => {
    const row = (mode: string, others: number, handed: number): GroupOrderRow => ({
      mode,
      said: 4,
      arrived: 4,
      handed,
      ofTarget: handed > 0 ? 1 : 0,
      others,
      people: others + 1,
      possible: handed,
      elsewhere: 0,
      envelopes: handed,
    })
    const [none, escrow, ghost] = [row('none', 0, 0), row('message-key-escrow', 3, 4), row('ghost-device', 0, 0)]
    expect(groupOrderVerdict([none], 4)).toBe('No access mode was run, so no order could read anything of the group.')
    expect(groupOrderVerdict([none, escrow], 4)).toBe(
      'In a group of 4, an order for one read the words of 3 others under the one mode.',
    )
    expect(groupOrderVerdict([none, escrow, ghost], 4)).toContain('under 1 of 2 modes')
    expect(groupOrderVerdict([none, ghost], 4)).toContain('read nobody else’s words under any access mode')
    expect(groupOrderEvidence([row('none', 3, 4), ghost])).toMatch(/^With no access mode 8 texts opened/)
    expect(groupOrderEvidence([none, ghost])).toBe(
      'With no access mode the same group said 4 texts, and nothing of them opened. Under ghost device the order read nothing.',
    )
  })
})

describe('a silent participant in a group', () => {
  const ways = () => results.get('group-ghost')?.columns.slice(2) ?? []
  const figures = (name: string) => new Map(ways().map((way, i) => [way, rowOf('group-ghost', name)?.[i + 1]]))

  it('reads as a hidden device, and by false keys where the group was founded with them', () => {
    expect([...figures('texts read')]).toEqual([
      ['nobody', 0],
      ['the provider’s own account adds itself', 0],
      ['ghost device, group from before', 5],
      ['ghost device, group founded under it', 5],
      ['key substitution, group from before', 0],
      ['key substitution, group founded under it', 4],
      ['message key escrow', 5],
    ])
  })

  it('shows in no list of members, in no group number and in no list of devices', () => {
    for (const name of ['member list', 'group number', 'told different things', 'device list'])
      expect([name, ...figures(`noticed: ${name}`).values()]).toEqual([name, ...ways().map(() => 0)])
  })

  it('shows to whoever counts ciphertexts, compares safety numbers, or misses what was said', () => {
    const seen = (name: string) => [...figures(`noticed: ${name}`).values()]
    expect(seen('one ciphertext too many')).toEqual([0, 0, 5, 5, 0, 0, 0])
    expect(seen('unsigned list')).toEqual([0, 0, 5, 5, 0, 0, 0])
    expect(seen('safety number')).toEqual([0, 0, 0, 0, 5, 5, 0])
    expect(seen('changed key')).toEqual([0, 0, 0, 0, 5, 0, 0])
    expect(seen('no such group')).toEqual([0, 0, 0, 0, 0, 5, 0])
    expect(seen('missing messages')).toEqual([0, 0, 0, 0, 5, 4, 0])
  })

  it('has a verdict that follows its rows', () => {
    const row = (way: string, read: number, ...noticed: string[]): GhostRow => ({
      way,
      said: 4,
      arrived: 4,
      read,
      noticed: new Map(noticed.map((id) => [id, 4])),
    })
    expect(groupGhostVerdict([row('nobody', 0), row('a', 0)])).toContain('No silent participant read anything')
    expect(groupGhostVerdict([row('a', 4, 'member list'), row('b', 4, 'group number')])).toMatch(/^Wherever/)
    expect(groupGhostVerdict([row('a', 4, 'member list'), row('b', 4)])).toMatch(/^In 1 of 2 ways/)
    expect(groupGhostEvidence([row('a', 4, 'announcement'), row('b', 0, 'member list', 'changed key')])).toBe(
      'A: 4 of 4 texts were read; no detector shows it. B: 0 of 4 texts were read; it could be noticed by member list and changed key.',
    )
  })
})

describe('an account of the provider’s that adds itself to a group', () => {
  it('reaches every member with its change, and none takes it', async () => {
    const played = await playCircle(['ann', 'ben', 'cleo'], [modeCalled('none')], 'intruder', true)
    const told = played.archive.filter(({ fromUser }) => fromUser === 'provider').map(({ toUser }) => toUser)
    expect(new Set(told)).toEqual(new Set(['ann', 'ben', 'cleo']))
    expect(played.archive.filter(({ toUser }) => toUser === 'provider')).toEqual([])
    expect(played.readByIntruder).toBe(0)
    expect([...played.truth.values()].map(({ arrived }) => arrived.length)).toEqual([2, 2, 2])
  })
})

describe('guessing groups from the outside of envelopes', () => {
  const line = (time: number, from: string, to: string, sizeBytes = 700): MetadataLine => ({
    time,
    from,
    to,
    sizeBytes,
  })
  const burst = (time: number, from: string, ...to: string[]) => to.map((name, i) => line(time + i, from, name))
  const names = (guessed: readonly ReadonlySet<string>[]) => guessed.map((people) => [...people].sort().join(' '))
  const any = { sameSize: false, twoSenders: false }

  it('takes envelopes of one sender at one moment for a burst, and of one moment alone', () => {
    const lines = [...burst(0, 'ann', 'ben', 'cleo'), line(burstMs + 1, 'ann', 'dora'), line(0, 'ben', 'eve')]
    expect(names(guessGroups(lines, any))).toEqual(['ann ben cleo'])
    expect(names(guessGroups([line(0, 'ann', 'ben'), line(burstMs, 'ann', 'cleo')], any))).toEqual([])
  })

  it('puts bursts together that touch mostly the same people, and takes those in half of them', () => {
    const lines = [
      ...burst(0, 'ann', 'ben', 'cleo'),
      ...burst(9000, 'ben', 'ann', 'cleo', 'dora'),
      ...burst(19_000, 'cleo', 'ann', 'ben'),
    ]
    expect(names(guessGroups(lines, any))).toEqual(['ann ben cleo'])
    expect(names(guessGroups([...lines, ...burst(30_000, 'eve', 'finn', 'gus')], any))).toEqual([
      'ann ben cleo',
      'eve finn gus',
    ])
  })

  it('may ask for one size, and for two senders', () => {
    const mixed = [
      line(0, 'ann', 'ben', 700),
      line(0, 'ann', 'cleo', 700 + sizeSpreadBytes),
      line(0, 'ann', 'dora', 2000),
    ]
    expect(names(guessGroups(mixed, { ...any, sameSize: true }))).toEqual(['ann ben cleo'])
    expect(names(guessGroups(mixed, { ...any, twoSenders: true }))).toEqual([])
    expect(
      names(guessGroups([...mixed, ...burst(9000, 'ben', 'ann', 'cleo', 'dora')], { ...any, twoSenders: true })),
    ).toEqual(['ann ben cleo dora'])
  })

  it('finds groups among people who also write to each other in pairs, and calls others groups too', async () => {
    const { rows, columns, verdict, evidence } = await groupGuesses('guesses', 1)
    for (const row of rows) expect(row).toHaveLength(columns.length)
    const [loose = [], , , strict = []] = rows
    const share = (cell: string | number = '') => Number(/^(\d+) %/.exec(String(cell))?.[1])
    // whoever asks for nothing misses nothing, and names too many
    expect([share(loose[6]), share(loose[4]) < share(strict[4])]).toEqual([100, true])
    expect(share(strict[6])).toBeGreaterThan(50)
    expect(wordsIn(verdict)).toBeLessThanOrEqual(25)
    expect(verdict + evidence).not.toMatch(/NaN|undefined/)
  })

  it('has intervals from drawing groups again, and a verdict that follows its rows', () => {
    const chance = draws('intervals')
    expect(
      estimate(
        [
          { read: 3, of: 3 },
          { read: 6, of: 6 },
        ],
        chance,
      ),
    ).toEqual({ read: 9, of: 9, low: 1, high: 1 })
    const mixed = estimate(
      [
        { read: 0, of: 3 },
        { read: 3, of: 3 },
        { read: 3, of: 3 },
      ],
      chance,
    )
    expect([mixed.read, mixed.of, mixed.low < 0.5, mixed.high]).toEqual([6, 9, true, 1])
    const nothing = { read: 0, of: 9, low: 0, high: 0 }
    const none: GroupGuessRow = { rule: 'a', guessed: 0, exact: 0, precision: nothing, recall: nothing }
    expect(groupGuessesVerdict([none])).toBe('From the outside of envelopes no rule found any two members of a group.')
    expect(groupGuessesVerdict([none, { ...none, precision: mixed, recall: mixed }])).toContain(
      'found 67 % of all pairs',
    )
  })
})
