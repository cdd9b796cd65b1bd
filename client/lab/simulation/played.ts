import type { AccessMode, RecordedEnvelope } from '../../../crypto/access/mode.ts'
import type { EncryptionKey } from '../../../crypto/keys.ts'
import type { Breach } from './breach.ts'
import type { LastStates } from './last-states.ts'
import type { Conduct, Holdings } from './operator.ts'
import type { Detection } from './noticing.ts'
import type { Timetable } from './timetable.ts'
import type { Truth } from './truth.ts'
import type { World } from '../world/world.ts'

/** One run of a world under one mode: what each adversary may be handed, and the truth to hold their readings against. */
export interface Played {
  readonly world: World
  readonly mode: AccessMode
  readonly timetable: Timetable
  readonly conduct: Conduct
  readonly holdings: Holdings
  readonly truth: ReadonlyMap<string, Truth>
  /** every envelope that the relay took, in order */
  readonly archive: readonly RecordedEnvelope[]
  /** every file that the relay took, by the hexadecimal id of its blob: encrypted, as `doormat relay --archive` keeps them */
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** the operator's signed chain */
  readonly policies: readonly Uint8Array[]
  readonly breach: Breach
  /** what had not been delivered when the last word was said, and the devices that it was for */
  readonly ending: Pick<Breach, 'undelivered' | 'recipients'>
  /** a positive control: one message's own encryption key, kept by a witness at its sender; null: nobody sent anything */
  readonly control: { readonly id: string; readonly encryptionKey: EncryptionKey } | null
  /** what every device's last state opened of the archive */
  readonly lastStates: LastStates
  readonly detections: readonly Detection[]
  /** sent, and not received by anybody at the end */
  readonly lost: number
  /** not sent by those who had compared safety numbers and saw another one */
  readonly withheld: number
}
