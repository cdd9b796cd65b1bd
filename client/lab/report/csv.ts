import { visible } from '../../words/visible.ts'
import { phases } from '../simulation/phase.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { LabResult } from '../runs/result.ts'
import type { Share } from '../simulation/share.ts'

type Field = string | number | boolean | null

/** A program for tables takes what begins like this for a formula. */
const formula = /^\s*[=+\-@|%]/

function field(value: Field): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const shown = visible(value)
  return `"${(formula.test(shown) ? `'${shown}` : shown).replaceAll('"', '""')}"`
}

const share = (name: string, of: (cell: Cell) => Share): readonly (readonly [string, (cell: Cell) => Field])[] => [
  [`${name} read`, (cell) => of(cell).read],
  [`${name} of`, (cell) => of(cell).of],
]

const columns: readonly (readonly [string, (cell: Cell) => Field])[] = [
  ['mode', ({ mode }) => mode],
  ['adversary', ({ adversary }) => adversary],
  ['status', ({ status }) => status],
  ['holds', ({ holds }) => holds],
  ...phases.flatMap((phase) => share(`messages ${phase}`, ({ messages }) => messages[phase])),
  ...share('messages of the target', ({ ofTarget }) => ofTarget),
  ...share('messages that the order asks for', ({ asked }) => asked),
  ...share('messages of complying people while on', ({ complying }) => complying.messages),
  ...share('conversations of complying people while on', ({ complying }) => complying.conversations),
  ...share('conversations', ({ conversations }) => conversations),
  ...share('target', ({ people }) => people.target),
  ...share('partners', ({ people }) => people.partners),
  ...share('strangers', ({ people }) => people.strangers),
  ['still sealed', ({ stillSealed }) => stillSealed],
  ['tried', ({ work }) => work.tried],
  ['opened', ({ work }) => work.opened],
  ['seconds', ({ work }) => work.seconds],
  ['forged', ({ forged }) => forged],
]

/**
 * One line a cell (RFC 4180); figures of cells that are not applicable are empty, for they are no zeros. Each line says
 * of which run it is, for lines are copied without their file.
 */
export function cellsCsv({ modes, provenance }: LabResult): string {
  const { version, commit, began, seed, machine, command } = provenance
  const run: readonly (readonly [string, Field])[] = [
    ['version', version],
    ['commit', commit ?? 'unknown'],
    ['began', began],
    ['seed', seed],
    ['machine', machine],
    ['command', command],
  ]
  const lines = modes.flatMap(({ cells }) =>
    cells.map((cell) =>
      [
        ...columns.map(([name, of]) => field(cell.status === 'not applicable' && !said.has(name) ? null : of(cell))),
        ...run.map(([, value]) => field(value)),
      ].join(','),
    ),
  )
  const heading = [...columns, ...run].map(([name]) => field(name)).join(',')
  return `${[heading, ...lines].join('\r\n')}\r\n`
}

const said = new Set(['mode', 'adversary', 'status', 'holds'])
