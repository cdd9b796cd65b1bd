import { finish } from '../running.ts'
import type { Stage } from './stage.ts'

/** What `doormat verify` shows somebody: twelve groups of five digits. */
async function digitsOf({ folder }: Stage, who: string, of: string): Promise<readonly string[]> {
  const [line = '{}'] = await finish(who, ['verify', of, '--home', who, '--json'], folder)
  const { digits = '' } = JSON.parse(line) as { readonly digits?: string }
  return digits.match(/\d{5}/g) ?? []
}

/** The safety number of two people, as each of them sees it. */
export interface Compared {
  readonly one: readonly string[]
  readonly other: readonly string[]
  /** how many of the twelve groups are not the same */
  readonly different: number
}

export async function compareNumbers(stage: Stage, [one, other]: readonly [string, string]): Promise<Compared> {
  const [ours, theirs] = await Promise.all([digitsOf(stage, one, other), digitsOf(stage, other, one)])
  return { one: ours, other: theirs, different: ours.filter((group, i) => group !== theirs[i]).length }
}

const groupsInRow = 4

const rowsOf = (groups: readonly string[]) =>
  Array.from({ length: Math.ceil(groups.length / groupsInRow) }, (_, i) =>
    groups.slice(i * groupsInRow, (i + 1) * groupsInRow).join(' '),
  )

/** Two lists of groups as rows beside each other, each under a title. */
export function sideBySide(
  [left, right]: readonly [string, string],
  [one, other]: readonly [readonly string[], readonly string[]],
): readonly string[] {
  const [ours, theirs] = [
    [left, ...rowsOf(one)],
    [right, ...rowsOf(other)],
  ]
  const width = Math.max(...ours.map(({ length }) => length)) + 4
  return ours.map((row, i) => row.padEnd(width) + (theirs[i] ?? ''))
}
