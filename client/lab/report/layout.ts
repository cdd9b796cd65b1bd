import { draws } from '../world/draws.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

const steps = 260
const pull = { x: 0.035, y: 0.07 }
/** Farther apart, people do not push each other: those who talk with few others stay near. */
const reach = 5

/**
 * Puts those who talk near to each other: springs along the edges, everybody pushes everybody away, and all are drawn to
 * the middle, less so sideways. After Fruchterman and Reingold (1991). Plain arithmetic and square roots only, so that a
 * seed gives the same picture on every machine. Its time grows with the square of the count.
 * @param edges places in the list of points, from 0
 */
export function layout(size: number, edges: readonly (readonly [number, number])[], seed: string): readonly Point[] {
  const { below } = draws(seed)
  const spread = Math.sqrt(size)
  const start = () => Float64Array.from({ length: size }, () => (below(20_001) / 10_000 - 1) * spread)
  const [x, y] = [start(), start()]
  const [moveX, moveY] = [new Float64Array(size), new Float64Array(size)]
  const push = (i: number, byX: number, byY: number) => {
    moveX[i] = (moveX[i] ?? 0) + byX
    moveY[i] = (moveY[i] ?? 0) + byY
  }
  const between = (i: number, j: number) => [(x[i] ?? 0) - (x[j] ?? 0), (y[i] ?? 0) - (y[j] ?? 0)] as const
  for (let step = 0; step < steps; step++) {
    for (let i = 0; i < size; i++) {
      moveX[i] = -pull.x * (x[i] ?? 0)
      moveY[i] = -pull.y * (y[i] ?? 0)
    }
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++) {
        const [dx, dy] = between(i, j)
        const apart = dx * dx + dy * dy
        if (apart > reach * reach) continue
        const away = 1 / (apart + 0.01)
        push(i, dx * away, dy * away)
        push(j, -dx * away, -dy * away)
      }
    for (const [i, j] of edges) {
      const [dx, dy] = between(i, j)
      const towards = 0.5 * Math.sqrt(dx * dx + dy * dy)
      push(i, -dx * towards, -dy * towards)
      push(j, dx * towards, dy * towards)
    }
    const farthest = 0.15 * spread * (1 - step / steps)
    for (let i = 0; i < size; i++) {
      const [dx, dy] = [moveX[i] ?? 0, moveY[i] ?? 0]
      const length = Math.sqrt(dx * dx + dy * dy)
      const limit = length > farthest ? farthest / length : 1
      x[i] = (x[i] ?? 0) + dx * limit
      y[i] = (y[i] ?? 0) + dy * limit
    }
  }
  return Array.from(x, (left, i) => ({ x: left, y: y[i] ?? 0 }))
}

/**
 * Stretched over a box. Half by where people stand and half by who stands farther out, which makes room in the middle, where
 * most are, and leaves everybody on the same side of everybody else.
 */
export function fitted(
  points: readonly Point[],
  box: { readonly width: number; readonly height: number; readonly margin: number },
): readonly Point[] {
  const across = spreadOut(points.map(({ x }) => x))
  const down = spreadOut(points.map(({ y }) => y))
  return points.map((_point, i) => ({
    x: box.margin + (across[i] ?? 0) * (box.width - 2 * box.margin),
    y: box.margin + (down[i] ?? 0) * (box.height - 2 * box.margin),
  }))
}

/** From 0 to 1. */
function spreadOut(values: readonly number[]): readonly number[] {
  const order = values.map((_value, i) => i).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0))
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const out: number[] = []
  for (const [place, i] of order.entries()) {
    const straight = ((values[i] ?? 0) - least) / Math.max(most - least, 1e-9)
    out[i] = (straight + place / Math.max(values.length - 1, 1)) / 2
  }
  return out
}
