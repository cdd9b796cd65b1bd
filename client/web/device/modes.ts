import { modes } from '../../../crypto/access/index.ts'
import { decodeSplitKey } from '../../../crypto/access/split-key.ts'
import type { SignedPolicy } from '../../../crypto/policy.ts'
import type { ModeView } from './protocol.ts'

/** null before the server has said under which policy anything is sent */
type InForce = Pick<SignedPolicy, 'policy' | 'parameters'> | null

const idOf = (inForce: InForce): string => inForce?.policy.modeId ?? 'none'

const called = (id: string) => modes.find((mode) => mode.id === id)

/** As people are told it; the id of one that this page does not know. */
export const titleOf = (id: string): string => called(id)?.title ?? id

/** Whether a mode lets somebody in with people who are named, and not with everybody. */
export const isForSome = (id: string): boolean => called(id)?.tapping !== undefined

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const inWords = (count: number): string => numbers[count] ?? String(count)

/** Who opens what is sent under a mode, as the subject of a sentence with "can". */
export function readerOf(inForce: InForce): string {
  if (inForce?.policy.modeId !== 'split-escrow') return 'the authority'
  const { needed, publicShares } = decodeSplitKey(inForce.parameters)
  return `${inWords(needed)} of ${inWords(publicShares.length)} custodians together`
}

/** Who has the key of one message between this person and that one. */
export function whoHasTheKey(inForce: InForce, other: string): string {
  const modeId = idOf(inForce)
  const title = titleOf(modeId)
  const ends = `You and ${other} have its key`
  if (modeId === 'none')
    return `${ends}, and nobody else, unless the server gave you a false key: compare numbers. The server that carried it has the bytes.`
  if (modeId === 'split-escrow')
    return `${ends}, and ${readerOf(inForce)} can open it (${title}). So can whoever steals as many of their shares.`
  if (modeId === 'ghost-device')
    return `${ends}. If the authority has named one of you, a hidden device of the authority got a copy (${title}); your phone does not show it. Whoever steals that device’s key reads it too.`
  if (modeId === 'key-substitution')
    return `${ends}. But if the authority has named one of you, the server may have given you a false key, and read it on the way (${title}): compare numbers.`
  return `${ends}, and so has the authority (${title}). Whoever steals the authority’s key reads it too.`
}

export const modeView = (inForce: InForce): Omit<ModeView, 'epoch'> => ({
  id: idOf(inForce),
  title: titleOf(idOf(inForce)),
  isForSome: isForSome(idOf(inForce)),
  reader: readerOf(inForce),
})
