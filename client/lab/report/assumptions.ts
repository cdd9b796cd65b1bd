import { counted } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import type { LabResult } from '../runs/result.ts'
import { cellOf } from './pick.ts'
import { nameOf, outOf } from './words.ts'

/** What people and operators are assumed to do: other assumptions give other figures. */
export const assumptions = (result: LabResult): readonly string[] => [
  `The server keeps every envelope, although it needs none that has been collected, and gives all of them to the authority that asks. That is how a clerk there comes by what the company recorded: without a recording a key opens nothing.${keptNothing(result)}`,
  ...conduct(result),
]

/** What a server that keeps only undelivered mail leaves to those who have the keys. */
function keptNothing({ modes }: LabResult): string {
  const found = modes.flatMap((mode) => {
    const cell = cellOf(mode, 'key thief and breach')
    return cell?.status === 'measured' ? [`${outOf(cell.complying.messages)} under ${nameOf(mode)}`] : []
  })
  return found.length === 0
    ? ''
    : ` If the server kept nothing, and nobody else recorded the traffic, all keys would open only what lay undelivered at one moment (the column “key thief who breaks in”): ${listed(found)}.`
}

const conduct = ({ world, moments }: LabResult): readonly string[] => [
  'Devices tell people of a changed key, and people who have not compared safety numbers accept it. If nobody did, key substitution would read nothing of people who had already met, and their conversations would stop.',
  `Pairs who compare safety numbers do so before the first word. In this world ${counted(world.compared, 'pair does', 'pairs do')}, of ${counted(world.conversations.length, 'pair that talks', 'pairs that talk')}.`,
  `Two people who evade have agreed on it, and evade in everything that they write to each other. In this world ${counted(world.evading.length, 'pair does', 'pairs do')}, drawn from all but the target’s.`,
  'A dishonest server is dishonest from the first day, before anybody has met.',
  'People collect their mail before they write, and otherwise every six hours. Nobody collects a ghost’s mail: it lies at the server until it expires, and a break-in finds it there.',
  'Which keys lie in which state is put into the mode and no result of the run, and a state is assumed to reach all that lie in it.',
  ...(moments.again === null ? [] : ['The other state comes after the switch is off.']),
]
