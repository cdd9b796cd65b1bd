import type { WorldSummary } from '../runs/result.ts'
import type { Graph, Size } from './arrangement.ts'
import { type Markup, markup, rounded } from './markup.ts'

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const apart = (one: Box, other: Box) =>
  one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top

/** The target, and on a large picture those who are more than one of many, where there is room for their words. */
export function labels(
  { people, target }: WorldSummary,
  { crowd: { names }, points }: Graph,
  touched: ReadonlySet<string>,
  size: Size,
): readonly Markup[] {
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
    const x = Math.min(Math.max(point.x, half + 4), 1116 - half)
    const y = point.y < height + 24 ? point.y + height + 8 : point.y - 20
    const box = { left: x - half, right: x + half, top: y - height, bottom: y + 6 }
    if (name !== target && (spoken.has(words) || taken.some((other) => !apart(box, other)))) return []
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
