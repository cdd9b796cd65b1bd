import type { Phase } from '../../client/lab/simulation/phase.ts'
import type { Cell } from '../../client/lab/adversaries/cell.ts'
import type { Detection } from '../../client/lab/simulation/noticing.ts'
import type { ExperimentResult, LabResult, ModeResult } from '../../client/lab/runs/result.ts'
import type { Share } from '../../client/lab/simulation/share.ts'

/** What somebody might call themselves, a world or a machine who wishes a page, a table or a terminal ill. */
export const hostile = {
  script: '<script>alert(1)</script>',
  attribute: '"><img src=x onerror=alert(1)>',
  formula: '=cmd()|calc',
  bidi: 'gro.\u202elive\u2066',
  invisible: 'zero\u200bwidth\u0007',
  markdown: '| [a](javascript:alert(1)) **b** `c`',
} as const

const days = 8
const people = [
  { name: 'tom', role: 'somebody' },
  { name: 'ann', role: hostile.script },
  { name: 'ben', role: hostile.bidi },
  { name: '<b>cat', role: 'somebody' },
  { name: '=dan()', role: 'somebody' },
  { name: 'e\u202eve', role: hostile.attribute },
]
/** who talks on which days, one message a day each */
const talks: readonly (readonly [pair: string, from: number, to: number])[] = [
  ['ann tom', 0, 8],
  ['ben tom', 2, 7],
  ['<b>cat ann', 1, 6],
  ['<b>cat =dan()', 3, 5],
  ['ben e\u202eve', 4, 8],
]
const moments = { on: 2, breach: 5.5, off: 6, again: 7 }
const everything = talks.flatMap(([pair, from, to]) =>
  Array.from({ length: to - from }, (_, i) => ({ pair, day: from + i })),
)
const phaseOf = (day: number): Phase => (day < 2 ? 'before' : day < 6 ? 'during' : day < 7 ? 'after' : 'again')

type Message = (typeof everything)[number]
const talkers = (messages: readonly Message[]) => new Set(messages.flatMap(({ pair }) => pair.split(' ')))

const ofTarget = ({ pair }: Message) => pair.includes('tom')
const isAsked = (message: Message) => ofTarget(message) && phaseOf(message.day) === 'during'
const evader = 'ben e\u202eve'
const isComplying = ({ pair, day }: Message) => pair !== evader && phaseOf(day) === 'during'

/** A cell in which just these messages were read. */
export function cellWhere(
  mode: string,
  adversary: string,
  wanted: (message: Message) => boolean,
  more: Partial<Cell> = {},
): Cell {
  const read = everything.filter(wanted)
  const touched = talkers(read)
  const share = (names: readonly string[]): Share => ({
    read: names.filter((name) => touched.has(name)).length,
    of: names.length,
  })
  const inPhase = (phase: Phase): Share => ({
    read: read.filter(({ day }) => phaseOf(day) === phase).length,
    of: everything.filter(({ day }) => phaseOf(day) === phase).length,
  })
  const lit = [...new Set(read.map(({ pair }) => pair))]
  return {
    mode,
    adversary,
    status: 'measured',
    holds: 'every envelope that passed, and none of the secrets',
    messages: {
      before: inPhase('before'),
      during: inPhase('during'),
      after: inPhase('after'),
      again: inPhase('again'),
    },
    conversations: { read: lit.length, of: talks.length },
    people: {
      target: share(['tom']),
      partners: share(['ann', 'ben']),
      strangers: share(['<b>cat', '=dan()', 'e\u202eve']),
    },
    ofTarget: { read: read.filter(ofTarget).length, of: everything.filter(ofTarget).length },
    asked: { read: read.filter(isAsked).length, of: everything.filter(isAsked).length },
    complying: {
      messages: { read: read.filter(isComplying).length, of: everything.filter(isComplying).length },
      conversations: {
        read: new Set(read.filter(isComplying).map(({ pair }) => pair)).size,
        of: new Set(everything.filter(isComplying).map(({ pair }) => pair)).size,
      },
    },
    stillSealed: 0,
    work: { tried: everything.length, opened: read.length * 100, seconds: read.length * 0.125 },
    days: Array.from({ length: days }, (_, i) => read.filter(({ day }) => day === i).length),
    lit,
    forged: null,
    ...more,
  }
}

const during = ({ day }: Message) => day >= 2 && day < 6
const nothing = () => false

function modeOf(id: string, title: string, opens: (message: Message) => boolean, secrets: number): ModeResult {
  const held = {
    status: 'not applicable',
    holds: `${hostile.attribute}: there is no secret that anybody could hold`,
  } as const
  const keys = secrets === 0 ? held : {}
  const cells = [
    cellWhere(id, 'wire', nothing),
    cellWhere(id, 'active relay', id === 'none' ? ({ pair, day }) => pair.includes('dan') && day === 3 : nothing, {
      forged: false,
    }),
    cellWhere(id, 'order, as used', (message) => opens(message) && ofTarget(message) && message.day === 3, keys),
    cellWhere(id, 'order, as possible', opens, keys),
    cellWhere(id, 'insider', opens, { ...keys, stillSealed: secrets, forged: id === 'key-substitution' }),
    cellWhere(id, 'key thief', nothing, { ...keys, work: { tried: 0, opened: 0, seconds: 0 } }),
    cellWhere(id, 'one secret and archive', secrets === 1 ? opens : nothing, keys),
    cellWhere(id, 'one state', secrets === 1 ? opens : nothing, keys),
    cellWhere(id, 'another state', secrets === 0 ? nothing : ({ day }) => day === 7, keys),
    cellWhere(id, 'unlocked device', (message) => ofTarget(message) && message.day < 5),
    cellWhere(id, 'a million people', opens, secrets === 0 ? held : { status: 'extrapolated', holds: hostile.formula }),
  ]
  const seen = (id: string, read: number): Detection => ({
    id,
    runBy: `two people; ${hostile.script}`,
    noticed: { read, of: 4 },
  })
  return {
    id,
    title,
    year: 1996,
    source: 'a paper & its authors',
    secrets: Array.from({ length: secrets }, (_, i) => ({
      name: `share ${i}`,
      holder: 'the authority',
      jurisdiction: 'one state',
    })),
    envelopes: everything.length,
    envelopeBytes: 40_000,
    withheld: { order: 0, activeRelay: 1 },
    plainKeys: { read: 0, of: 3 },
    lost: 0,
    cells,
    detections: {
      order: [seen('announcement', id === 'none' ? 0 : 4), seen('unsigned list', id === 'ghost-device' ? 3 : 0)],
      activeRelay: id === 'split-escrow' ? [] : [seen('safety number', 1)],
    },
    control: 1,
    lastStates: { readBefore: 0, stillToCome: { read: 2, of: 2 } },
    seconds: 1.5,
  }
}

const experiments: readonly ExperimentResult[] = [
  {
    id: 'theft',
    title: 'A stolen key',
    claims: [12, 14],
    question: 'What does one stolen key open?',
    method: `The world of this page; ${hostile.formula}`,
    columns: ['rotated every', 'conversations read', 'seconds'],
    rows: [
      ['never', 5, 12.3456],
      [hostile.markdown, 2, 9],
    ],
    verdict: `A key that is never rotated opens 5 of 5. ${hostile.script}`,
    evidence: `It was tried. ${hostile.attribute}`,
    figures: { changed: 2, never: 5 },
    seconds: 2,
  },
]

/** A small run, made up: six modes, cells of every status, and names that mean ill. */
export const labResult = (): LabResult => ({
  complete: true,
  provenance: {
    command: `doormat lab report --text ${hostile.script}`,
    version: '0.0.0',
    commit: null,
    seed: '1',
    node: 'v22.0.0',
    libsodium: '1.0.20',
    machine: hostile.invisible,
    began: '2026-03-02T00:00:00.000Z',
    seconds: 12.34,
  },
  world: {
    name: hostile.script,
    target: 'tom',
    days,
    people,
    conversations: talks.map(([pair, from, to]) => ({ pair, messages: to - from })),
    compared: 1,
    evading: [{ pair: evader, by: 'encrypt first' }],
    messages: everything.length,
    saidByDay: Array.from({ length: days }, (_, i) => everything.filter(({ day }) => day === i).length),
  },
  moments,
  modes: [
    modeOf('none', 'No access', nothing, 0),
    modeOf('message-key-escrow', 'Message key escrow', during, 1),
    modeOf('session-key-escrow', 'Session key escrow', (one) => during(one) || one.day === 6, 1),
    modeOf('split-escrow', 'Split escrow', during, 3),
    modeOf('ghost-device', 'Ghost device', (one) => during(one) && ofTarget(one), 1),
    modeOf('key-substitution', 'Key substitution', (one) => during(one) && ofTarget(one), 1),
  ],
  experiments,
})
