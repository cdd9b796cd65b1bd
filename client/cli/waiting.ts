import { type Device, refuses } from '../device/device.ts'
import type { HistoryMessage } from '../device/history.ts'
import type { Online } from '../device/online.ts'
import { RelayError } from '../../server/api.ts'
import { storageFault, systemFault } from '../../server/disk/storage.ts'
import { Stop } from './exit.ts'
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

/** A change, or a quarter of a second. */
export const soon = (connection: Online): Promise<void> =>
  Promise.race([connection.changed(), new Promise<void>((resolve) => setTimeout(resolve, 250).unref())])

/**
 * Waits until the relay has these messages on disk, or will never have them.
 * @param settled is called with each, in order
 * @throws Stop when there is a reason to go no further: all that is left is kept and goes out later
 */
export async function untilSent(
  device: Device,
  connection: Online,
  messages: readonly HistoryMessage[],
  settled: (message: HistoryMessage) => void,
): Promise<void> {
  let done = 0
  let patience = performance.now() + patienceMs
  while (done < messages.length) {
    const before = done
    for (let next = messages[done]; next; next = messages[done]) {
      // one that has been forgotten since is still known by its id
      const now = device.history.outgoing(next.peer, next.id)
      if (!now || now.state === 'waiting' || now.state === 'sealed') break
      settled(now)
      done += 1
    }
    if (done > before) patience = performance.now() + patienceMs
    const left = messages.length - done
    if (left > 0) checkHopes(device, connection, messages[done] as HistoryMessage, left, performance.now() > patience)
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
  messages: readonly HistoryMessage[],
  settled: (message: HistoryMessage) => void,
): Promise<void> {
  let failed = 0
  await untilSent(device, connection, messages, (message) => {
    if (message.state === 'failed') failed += 1
    settled(message)
  })
  if (failed > 0)
    throw new Stop(
      'user',
      `${failed} of ${messages.length} not sent: the relay knows nobody called ${name}`,
      `doormat history ${name}`,
    )
}

function checkHopes(device: Device, connection: Online, next: HistoryMessage, left: number, impatient: boolean): void {
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
  const why = connection.state === 'offline' ? 'the relay cannot be reached' : `${next.peer} cannot be reached yet`
  throw new Stop('relay', `${why}; ${kept} and will go out as soon as this device is online`, 'doormat listen')
}
