import type { Cell } from '../adversaries/cell.ts'
import type { LabResult, ModeResult } from '../runs/result.ts'
import { box, type Graph, type Size } from './arrangement.ts'
import { type Crowd, endsOf } from './crowd.ts'
import { labels } from './graph-labels.ts'
import type { Point } from './layout.ts'
import { type Markup, markup, rounded } from './markup.ts'
import type { Panel } from './panel.ts'
import { insiderOf, withoutInsider } from './pick.ts'
import { outOf } from './words.ts'

/** The same people under each mode, and lit what the insider has read. */
export const graphs = (result: LabResult, graph: Graph, size: Size): readonly Panel[] =>
  result.modes.map((mode) => graphOf(result, mode, graph, size))

export function graphOf(result: LabResult, mode: ModeResult, graph: Graph, size: Size): Panel {
  const cell = insiderOf(mode)
  const note = !cell
    ? withoutInsider(mode)
    : cell.lit.length === 0
      ? 'the insider read nothing'
      : `the insider read ${outOf(cell.conversations)} conversations`
  return litBy(result, cell, { title: mode.title, note }, graph, size)
}

/** Everybody, and lit what somebody has read; null: nobody has. */
export function litBy(
  { world }: LabResult,
  cell: Cell | null,
  { title, note }: { readonly title: string; readonly note: string },
  graph: Graph,
  size: Size,
): Panel {
  const lit = new Set(cell?.lit)
  const touched = new Set([...lit].flatMap(endsOf))
  const { names, edges } = graph.crowd
  const linesOf = (read: boolean) =>
    lines(
      edges.filter(({ pair }) => lit.has(pair) === read),
      graph,
    )
  const dotsOf = (read: boolean) =>
    dots(
      names.filter((name) => touched.has(name) === read),
      graph,
    )
  return {
    title,
    note,
    label: `${title}: who talks with whom, and which conversations were read; ${note}`,
    ...box,
    drawing: markup`<g class="${size}"><path class="edge" d="${linesOf(false)}"/><path class="edge lit" d="${linesOf(true)}"/>
<path class="dot" d="${dotsOf(false)}"/><path class="dot lit" d="${dotsOf(true)}"/>${target(world.target, graph)}
${labels(world, graph, touched, size)}</g>`,
  }
}

const place = ({ x, y }: Point) => `${rounded(x)} ${rounded(y)}`

const lines = (edges: Crowd['edges'], { points }: Graph): string =>
  edges
    .map(({ ends: [one, other] }) => {
      const [from, to] = [points[one], points[other]]
      return from && to ? `M${place(from)}L${place(to)}` : ''
    })
    .join('')

/** A line without length and with round ends. */
function dots(those: readonly string[], { crowd: { names }, points }: Graph): string {
  const wanted = new Set(those)
  return points.map((point, i) => (wanted.has(names[i] ?? '') ? `M${place(point)}h0` : '')).join('')
}

function target(name: string, { crowd: { names }, points }: Graph): Markup | null {
  const point = points[names.indexOf(name)]
  return point ? markup`<circle class="target" cx="${rounded(point.x)}" cy="${rounded(point.y)}" r="15"/>` : null
}
