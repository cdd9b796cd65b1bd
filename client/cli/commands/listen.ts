import { interruption, lookInto, whileOnline } from '../context.ts'
import type { Device } from '../../device/device.ts'
import type { HistoryEntry } from '../../device/history-entries.ts'
import { jsonOf, linesOf, viewerOf } from '../entries.ts'
import { Stop } from '../exit.ts'
import { print, printed, tell } from '../output.ts'
import { addressee, checkAddressee } from '../addressee.ts'
import { counted } from '../../words/counted.ts'
import { peerName } from '../../words/peer-name.ts'
import { safeJson } from '../../words/visible.ts'
import { relayMayRecover, soon, wordsOf } from '../waiting.ts'

export interface HistoryFlags {
  readonly home: string
  readonly since?: string
  readonly json?: boolean
  readonly ids?: boolean
}

const pageSize = 500

/** Prints everything after a row, and notes as read what has really been written. @returns the last row printed */
async function printAfter(
  device: Device,
  row: number,
  peer: string | null,
  wanted: (entry: HistoryEntry) => boolean,
  { json = false, ids = false }: Pick<HistoryFlags, 'json' | 'ids'>,
  signal?: AbortSignal,
): Promise<number> {
  let last = row
  for (;;) {
    const shown = new Map<string, Set<number>>()
    const page = device.history.after(last, peer, pageSize)
    for (const entry of page) {
      last = entry.row
      if (!wanted(entry)) continue
      if (entry.kind === 'message') shown.set(entry.peer, (shown.get(entry.peer) ?? new Set()).add(entry.row))
      if (json) print(safeJson(jsonOf(entry)))
      else for (const line of linesOf(entry, viewerOf(device), Date.now(), ids)) print(line)
    }
    if (!(await printed(signal))) return last
    for (const [user, rows] of shown) device.conversations.markRead(user, last, rows)
    if (page.length < pageSize) return last
  }
}

function startOf(since: string | undefined): number | null {
  if (since === undefined) return null
  if (!/^\d{1,15}$/.test(since))
    throw new Stop('user', '--since takes the sequence number of the last entry that you have seen')
  return Number(since)
}

/** What others send and what a person should know, as it comes; own messages stay out, and what comes in a muted conversation. */
export async function listen(flags: HistoryFlags): Promise<void> {
  const since = startOf(flags.since)
  await whileOnline(flags.home, async (device, connection) => {
    let last = since ?? device.history.lastRow()
    const interrupted = interruption()
    let silent = false
    const leftOut = createLeftOut(device)
    while (!interrupted.aborted) {
      last = await printAfter(device, last, null, leftOut.among(isNews), flags, interrupted)
      const { fault } = connection
      if (fault && !relayMayRecover(fault)) throw fault
      if (fault && !silent) tell(`${wordsOf(fault)}; listening goes on when it does`)
      silent = fault !== null
      await soon(connection)
    }
    leftOut.tell()
  })
}

/** What was restored from a backup is not what comes, nor is what this account has said. */
const isNews = (entry: HistoryEntry) =>
  !('direction' in entry) || (entry.direction === 'in' && entry.state !== 'restored')

/** Messages of muted conversations: they are left out, counted, and stay unread. */
function createLeftOut(device: Device) {
  const counts = new Map<string, number>()
  const named = (peer: string) => peerName(device, peer)
  const atStart = device.mutes.all().map(({ peer }) => named(peer))
  if (atStart.length > 0) tell(`muted, so what comes there is left out: ${atStart.join(', ')}`)
  return {
    /** The rest, as it is muted now. */
    among(wanted: (entry: HistoryEntry) => boolean) {
      const muted = new Set(device.mutes.all().map(({ peer }) => peer))
      return (entry: HistoryEntry): boolean => {
        if (!wanted(entry) || !('direction' in entry) || !muted.has(entry.peer)) return wanted(entry)
        if (entry.kind === 'message') counts.set(entry.peer, (counts.get(entry.peer) ?? 0) + 1)
        return false
      }
    },
    tell(): void {
      for (const [peer, count] of counts)
        tell(
          `left out ${counted(count, 'message')} of ${named(peer)}, which ${count === 1 ? 'stays' : 'stay'} unread: doormat history`,
        )
    },
  }
}

export async function history(name: string | undefined, flags: HistoryFlags): Promise<void> {
  if (name !== undefined) checkAddressee(name)
  const since = startOf(flags.since) ?? 0
  await lookInto(flags.home, (device) =>
    printAfter(device, since, name === undefined ? null : addressee(device, name), () => true, flags),
  )
}
