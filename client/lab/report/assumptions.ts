import { comparedColumn } from '../experiments/active-relay.ts'
import type { LabResult } from '../runs/result.ts'
import { counted } from '../../words/counted.ts'

/** What people and operators are taken to do: another choice gives other figures. */
export const assumptions = (result: LabResult): readonly string[] => [
  'Devices tell people of a changed key, and people who have not compared safety numbers accept it. If nobody did, key substitution would read nothing of people who had already met, and their conversations would stop.',
  `Who compares safety numbers does so before the first word. ${pairsThatCompare(result)}`,
  'A relay that lies does so from the first day, before anybody has met.',
  'The relay keeps every envelope for whoever may ask for it, although it needs none that was collected.',
  'People collect their mail before they write, and else every six hours. The mail of a ghost is collected by nobody: it lies at the relay until it expires, and a breach finds it there.',
  'Which secrets lie in which state is the mode’s own division, and a state is taken to reach all that lie in it.',
  ...(result.moments.again === null ? [] : ['The other state comes after the switch is off.']),
]

/** Of the world, as the experiment on lying relays counted them. */
function pairsThatCompare({ experiments, world }: LabResult): string {
  const told = experiments.find(({ columns }) => columns.includes(comparedColumn))
  const pairs = told?.rows[0]?.[told.columns.indexOf(comparedColumn)]
  return typeof pairs === 'number'
    ? `In this world ${counted(pairs, 'pair does', 'pairs do')}, of ${counted(world.conversations.length, 'pair that talks', 'pairs that talk')}.`
    : 'Which pairs do is part of the world.'
}
