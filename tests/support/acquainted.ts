import { couple, type End } from './couple.ts'

/** Two people who have both heard of each other. */
export function acquainted(seed: string) {
  const pair = couple(seed)
  pair.bob.receive(pair.alice.send('hello'))
  pair.alice.receive(pair.bob.send('hello yourself'))
  return pair
}

export const sendMany = (end: End, count: number) => Array.from({ length: count }, (_, i) => end.send(`message ${i}`))

/** A new chain for both: each reads something new of the other. */
export function turn(one: End, other: End): void {
  other.receive(one.send('your turn'))
  one.receive(other.send('and yours'))
}
