import { counted } from '../../words/counted.ts'
import type { LabResult } from '../runs/result.ts'

/** What people and operators are assumed to do: other assumptions give other figures. */
export const assumptions = ({ world, moments }: LabResult): readonly string[] => [
  'Devices tell people of a changed key, and people who have not compared safety numbers accept it. If nobody did, key substitution would read nothing of people who had already met, and their conversations would stop.',
  `Pairs who compare safety numbers do so before the first word. In this world ${counted(world.compared, 'pair does', 'pairs do')}, of ${counted(world.conversations.length, 'pair that talks', 'pairs that talk')}.`,
  `Two people who evade have agreed on it, and evade in everything that they write to each other. In this world ${counted(world.evading.length, 'pair does', 'pairs do')}, drawn from all but the target’s.`,
  'A dishonest server is dishonest from the first day, before anybody has met.',
  'The server keeps every envelope for whoever may ask for it, although it needs none that has been collected.',
  'People collect their mail before they write, and otherwise every six hours. Nobody collects a ghost’s mail: it lies at the server until it expires, and a break-in finds it there.',
  'The mode itself decides which keys lie in which state, and a state is assumed to reach all that lie in it.',
  ...(moments.again === null ? [] : ['The other state comes after the switch is off.']),
]
