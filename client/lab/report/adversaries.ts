import { adversaries, adversaryGroups } from '../adversaries/adversaries.ts'
import type { LabResult } from '../runs/result.ts'
import { adversariesOf } from './pick.ts'

export interface Known {
  readonly id: string
  /** as a sentence says it */
  readonly title: string
  /** at the head of a narrow column */
  readonly short: string
  /** null: of this run alone */
  readonly holds: string | null
}

/** An adversary by its id; one that the lab does not have is called by that. */
export function adversaryCalled(id: string): Known {
  return adversaries.find((one) => one.id === id) ?? { id, title: id, short: id, holds: null }
}

export interface GroupOfAdversaries {
  readonly title: string
  readonly members: readonly Known[]
}

/** The adversaries of a run by their groups, so that no table has more columns than a page is wide. */
export function adversaryGroupsOf(result: Pick<LabResult, 'modes'>): readonly GroupOfAdversaries[] {
  const here = adversariesOf(result)
  const known = adversaryGroups.map(({ id, title }) => ({
    title,
    members: adversaries.filter((one) => one.group === id && here.includes(one.id)),
  }))
  const others = here.filter((id) => !adversaries.some((one) => one.id === id)).map(adversaryCalled)
  return [...known, { title: 'Others', members: others }].filter(({ members }) => members.length > 0)
}
