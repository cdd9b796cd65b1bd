import { type Device, refuses } from '../device/device.ts'
import { isGroup } from '../device/groups/peers.ts'
import type { HistorySent } from '../device/history-entries.ts'
import type { Online } from '../device/online.ts'
import type { Upload } from '../device/uploaded.ts'
import { RelayError } from '../../server/api.ts'
import { storageFault, systemFault } from '../../server/disk/storage.ts'
import { Stop } from './exit.ts'
import { fileSize } from '../words/file-size.ts'
import type { Standing } from '../words/notice.ts'
import { visible } from '../words/visible.ts'

const patienceMs = 10_000

/** @throws the connection's fault, when no relay answers in ten seconds */
export async function untilOnline(connection: Online): Promise<void> {
  const end = performance.now() + patienceMs
  while (connection.state === 'offline') {
    if (performance.now() > end || (connection.fault && !isPassing(connection.fault)))
      throw connection.fault ?? new Stop('relay', 'the relay does not answer')
    await soon(connection)
  }
}

/** Whether trying again may help, without anybody doing anything. */
export const isPassing = (fault: Error): boolean =>
  fault instanceof RelayError && ['unreachable', 'too-many', 'too-slow'].includes(fault.code)

const forGood = new Set(['bad-certificate', 'unknown-device', 'unknown-user'])
/** Whether the relay may yet do what it was asked: not where it cannot show who it is, nor where nobody knows this device. */
export const relayMayRecover = (fault: unknown): boolean => fault instanceof RelayError && !forGood.has(fault.code)

/** Whether a person on a screen had better go on waiting: besides, a disk is full, or another program holds the store. */
export const mayPass = (fault: unknown): boolean =>
  relayMayRecover(fault) || (!(fault instanceof RelayError) && (storageFault(fault)?.mayPass ?? false))

/** A fault in words, harmless. */
export const wordsOf = (fault: unknown): string => {
  const told = systemFault(fault) ?? fault
  return visible(told instanceof Error ? told.message : String(told))
}

/** For the notice of a conversation. */
export const standingOf = ({ state, fault }: Online): Standing => ({
  state,
  trouble: fault && !isPassing(fault) ? wordsOf(fault) : null,
})

const isUnsent = ({ state }: HistorySent) => state === 'uploading' || state === 'waiting' || state === 'sealed'

const isUploading = (device: Device, { row }: HistorySent) => device.history.message(row)?.state === 'uploading'

const entriesMaximum = 1_000

/** Why a message has not gone out, as the history says of its person since it was written; null where it says nothing. */
function troubleOf({ history }: Device, { row, peer }: HistorySent): string | null {
  const since = history.after(Math.max(row, history.lastRow() - entriesMaximum), peer, entriesMaximum)
  return since.findLast(({ kind }) => kind === 'not-sent')?.text ?? null
}

/** A change, or a quarter of a second. */
export const soon = (connection: Online): Promise<void> =>
  Promise.race([connection.changed(), new Promise<void>((resolve) => setTimeout(resolve, 250).unref())])

/**
 * Waits until the relay has these messages on disk, or will never have them.
 * @param settled is called with each, in order
 * @param progress is told how far the file of the next is on its way to the relay
 * @throws Stop when there is a reason to go no further: all that is left is kept and goes out later
 */
export async function untilSent(
  device: Device,
  connection: Online,
  messages: readonly HistorySent[],
  settled: (message: HistorySent) => void,
  progress: (upload: Upload) => void = () => undefined,
): Promise<void> {
  let done = 0
  let patience = performance.now() + patienceMs
  /** by the row of a message: a file that is handed in from its beginning again and again gets nowhere */
  const furthest = new Map<number, number>()
  while (done < messages.length) {
    const before = done
    for (let next = messages[done]; next; next = messages[done]) {
      // one that has been forgotten since is still known by its id
      const now = next.kind === 'message' ? device.history.outgoing(next.peer, next.id) : device.history.sent(next.row)
      if (!now || isUnsent(now)) break
      settled(now)
      done += 1
    }
    const next = messages[done]
    const now = device.uploaded.now()
    const isFarther = now !== null && now.done > (furthest.get(now.row) ?? -1)
    if (isFarther && now.row === next?.row) progress(now)
    // the file of another message may have to go first
    if (done > before || isFarther) patience = performance.now() + patienceMs
    if (isFarther) furthest.set(now.row, now.done)
    const left = messages.length - done
    if (left > 0) checkHopes(device, connection, messages[done] as HistorySent, left, performance.now() > patience)
    if (left > 0) await soon(connection)
  }
}

/**
 * The same for messages to one person.
 * @throws Stop also where some of them will never go out
 */
export async function untilAllSent(
  device: Device,
  connection: Online,
  name: string,
  messages: readonly HistorySent[],
  settled: (message: HistorySent) => void,
  progress?: (upload: Upload) => void,
): Promise<void> {
  const failed: HistorySent[] = []
  const settle = (message: HistorySent) => {
    if (message.state === 'failed') failed.push(message)
    settled(message)
  }
  await untilSent(device, connection, messages, settle, progress)
  const [first] = failed
  if (!first) return
  const trouble = troubleOf(device, first) ?? 'the reason is in the history'
  throw new Stop(
    'user',
    `${failed.length} of ${messages.length} not sent: ${notSentWords(trouble, name)}`,
    `doormat history ${name}`,
  )
}

function checkHopes(device: Device, connection: Online, next: HistorySent, left: number, impatient: boolean): void {
  const kept = `${left === 1 ? 'the message is' : `${left} messages are`} kept`
  if (device.contacts.get(next.peer)?.changed)
    throw new Stop('untrustedKey', `${next.peer}'s account key has changed; ${kept}`, `doormat verify ${next.peer}`)
  if (refuses(device))
    throw new Stop(
      'user',
      `the access mode ${device.policies.head()?.policy.modeId} is in force, and this device sends under none; ${kept}`,
      'doormat access status',
    )
  if (connection.fault && !isPassing(connection.fault)) throw connection.fault
  if (!impatient) return
  const why = connection.state === 'offline' ? 'the relay cannot be reached' : whyNotYet(device, next)
  throw new Stop('relay', `${why}; ${kept} and will go out as soon as this device is online`, 'doormat listen')
}

/** Why something is not sent, where the code alone would not tell; harmless. */
function notSentWords(text: string, peer: string): string {
  if (text === 'unknown-user') return `the relay knows nobody called ${peer}`
  if (text === 'internal') return 'the relay has failed to take the file [internal]'
  if (text === 'blobs-full') return 'the relay has no room for the file now [blobs-full]'
  return visible(text)
}

/** Of a group, those whom the message has not reached. */
function whoIsMissing({ groupSending, self }: Device, { peer, row }: HistorySent): string {
  if (!isGroup(peer)) return peer
  const missing = groupSending.missing().get(row) ?? []
  return missing.filter((user) => user !== self.device.record.user).join(', ') || 'the group'
}

function whyNotYet(device: Device, next: HistorySent): string {
  if (!isUploading(device, next)) return `${whoIsMissing(device, next)} cannot be reached yet`
  const trouble = troubleOf(device, next)
  if (trouble !== null) return notSentWords(trouble, next.peer)
  const { row, done, of } = device.uploaded.now() ?? { row: 0, done: 0, of: 0 }
  return row === next.row
    ? `the relay has ${fileSize(done)} of the file's ${fileSize(of)}, and has taken no more for ten seconds`
    : 'the relay has not taken the file yet'
}
