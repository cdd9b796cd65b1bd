import type { WorldSummary } from '../runs/result.ts'
import { box as picture, type Graph, type Size } from './arrangement.ts'
import type { Point } from './layout.ts'
import { type Markup, markup, rounded } from './markup.ts'

const { width, height: bottom } = picture

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const apart = (one: Box, other: Box) =>
  one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top

/** Above, below, to the right and to the left of a dot, inside the picture. */
function placesFor({ x, y }: Point, half: number, height: number) {
  const within = (wanted: number) => Math.min(Math.max(wanted, half + 4), width - 4 - half)
  const [above, below, level] = [y - 20, y + height + 8, y + height / 3]
  const spots = [
    [x, y < height + 24 ? below : above],
    [x, y < height + 24 ? above : below],
    [x + half + 16, level],
    [x - half - 16, level],
    [x + half, above],
    [x - half, above],
    [x + half, below],
    [x - half, below],
  ] as const
  return spots
    .map(([atX, atY]) => ({ x: within(atX), y: atY }))
    .filter((spot) => spot.y > height && spot.y < bottom)
    .map((spot) => ({
      ...spot,
      box: { left: spot.x - half, right: spot.x + half, top: spot.y - height, bottom: spot.y + 6 },
    }))
}

/** Whether words would lie over a dot or a line. Small pictures have one label, which may. */
function covers({ left, right, top, bottom: low }: Box, { points, crowd: { edges } }: Graph, size: Size): boolean {
  if (size !== 'large') return false
  const inside = ({ x, y }: Point) => x > left - 6 && x < right + 6 && y > top - 4 && y < low + 4
  if (points.some(inside)) return true
  return edges.some(({ ends: [one, other] }) => {
    const [from, to] = [points[one], points[other]]
    if (!from || !to) return false
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 4)
    return Array.from({ length: steps }, (_, i) => i / steps).some((part) =>
      inside({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }),
    )
  })
}

/** The target, and on a large picture those who are more than one of many, where there is room for their words. */
export function labels(
  { people, target }: WorldSummary,
  graph: Graph,
  touched: ReadonlySet<string>,
  size: Size,
): readonly Markup[] {
  const {
    crowd: { names },
    points,
  } = graph
  const roles = new Map(people.map(({ name, role }) => [name, role]))
  const common = mostCommon([...roles.values()])
  const special = names.filter((name) => name !== target && roles.get(name) !== common)
  const spoken = new Set<string>()
  const wanted = [target, ...(size === 'large' ? special : [])]
  const [height, letter] = size === 'large' ? [24, 10.6] : [46, 24]
  const taken: Box[] = []
  return wanted.flatMap((name) => {
    const point = points[names.indexOf(name)]
    if (!point) return []
    const words = name === target ? 'target' : (roles.get(name) ?? '')
    const half = (words.length * letter) / 2
    if (name !== target && spoken.has(words)) return []
    const places = placesFor(point, half, height)
    const free = places.find(({ box }) => taken.every((other) => apart(box, other)) && !covers(box, graph, size))
    const found = free ?? (name === target ? places[0] : undefined)
    if (!found) return []
    const { x, y, box } = found
    spoken.add(words)
    taken.push(box)
    const kind = `${name === target ? 'label of-target' : 'label'} ${size}${touched.has(name) ? '' : ' untouched'}`
    return [markup`<text class="${kind}" x="${rounded(x)}" y="${rounded(y)}">${words}</text>`]
  })
}

function mostCommon(words: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  const [most] = [...counts].sort(([, one], [, other]) => other - one)
  return most && most[1] > 1 ? most[0] : null
}
