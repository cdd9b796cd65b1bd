import { setImmediate } from 'node:timers/promises'
import type { Device } from '../../device/device.ts'
import { isGroup } from '../../device/groups/peers.ts'
import type { HistoryMessage } from '../../device/history-entries.ts'
import { searchSteps } from '../../device/search.ts'
import { foundText, wantedBy } from '../../words/found.ts'
import { safeJson } from '../../words/visible.ts'
import { addressee, checkAddressee } from '../addressee.ts'
import { interruption, lookInto } from '../context.ts'
import { jsonOf, viewerOf } from '../entries.ts'
import { Stop } from '../exit.ts'
import { print, printed, tell } from '../output.ts'
import { clockTime, paint } from '../terminal.ts'

interface SearchFlags {
  readonly home: string
  readonly with?: string
  readonly before?: string
  readonly json?: boolean
}

const foundMaximum = 100

/** Prints messages of this device's history, the latest first; marks nothing as read. */
export async function search(words: string, flags: SearchFlags): Promise<void> {
  const isWanted = wantedBy(words)
  if (!isWanted) throw new Stop('user', 'these words have nothing in them to look for', "doormat search 'the door'")
  if (flags.with !== undefined) checkAddressee(flags.with)
  if (flags.before !== undefined && !/^[1-9]\d{0,14}$/.test(flags.before))
    throw new Stop('user', '--before takes the sequence number of an entry')
  await lookInto(flags.home, async (device) => {
    const interrupted = interruption()
    const peer = flags.with === undefined ? null : addressee(device, flags.with)
    let last: HistoryMessage | null = null
    let count = 0
    for (const { found } of searchSteps(
      device.history,
      isWanted,
      peer,
      flags.before === undefined ? undefined : Number(flags.before),
    )) {
      for (const message of found) {
        if (count === foundMaximum) return tell(`there are more: go on with --before ${last?.row ?? 0}`)
        print(flags.json ? safeJson(jsonOf(message)) : lineOf(device, message, isWanted))
        last = message
        count += 1
      }
      if (!(await printed(interrupted))) return
      await setImmediate()
    }
    if (count === 0) tell(`no message${flags.with === undefined ? '' : ` with ${flags.with}`} has these words`)
  })
}

function lineOf(device: Device, message: HistoryMessage, isWanted: (text: string) => boolean): string {
  const { row, peer, direction, author, sentAt } = message
  const { self, nameOf } = viewerOf(device)
  const who = direction === 'in' ? paint('cyan', author ?? peer) : paint('green', self)
  const where = isGroup(peer) ? ` [${nameOf(peer)}]` : direction === 'out' ? ` to ${nameOf(peer)}` : ''
  return `${paint('dim', `${row}  ${clockTime(sentAt, Date.now())}`)} ${who}${where}: ${foundText(message, isWanted)}`
}
