import type { LabResult } from '../runs/result.ts'
import { crowd, type Crowd } from './crowd.ts'
import { fitted, layout, type Point } from './layout.ts'
import { insiderOf } from './pick.ts'
import { nameOf } from './words.ts'
import { counted, grouped } from '../../words/counted.ts'

/** The size of every picture, in its own units. */
export const box = { width: 1120, height: 600, margin: 34 }

export interface Graph {
  readonly crowd: Crowd
  readonly points: readonly Point[]
}

/** One arrangement of the people for all pictures of a run. */
export function arrange({ world, provenance: { seed } }: LabResult): Graph {
  const drawn = crowd(world)
  const points = layout(
    drawn.names.length,
    drawn.edges.map(({ ends }) => ends),
    seed,
  )
  return { crowd: drawn, points: fitted(points, box) }
}

/** What was left out of the pictures of too many people, in numbers; null where everybody is drawn. */
export function leftOut({ world, modes }: LabResult, { crowd: { names, edges, left } }: Graph): string | null {
  if (left.people === 0) return null
  const unseen = new Set(left.pairs)
  const lit = modes.map(
    (mode) =>
      `${grouped((insiderOf(mode)?.lit ?? []).filter((pair) => unseen.has(pair)).length)} ${mode.id === 'none' ? 'with' : 'under'} ${nameOf(mode)}`,
  )
  return `The pictures show the ${grouped(names.length)} of ${grouped(world.people.length)} people nearest to ${world.target}, and the ${counted(edges.length, 'conversation')} between them. They leave out ${counted(left.people, 'person', 'people')} and ${counted(left.pairs.length, 'conversation')}, of which the insider read ${lit.join(', ')}.`
}

/** Small ones name the target alone. */
export type Size = 'small' | 'large'
