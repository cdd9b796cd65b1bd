import type { Device } from '../../device/device.ts'
import type { HistoryMessage } from '../../device/history-entries.ts'
import { isGroup } from '../../device/groups/peers.ts'
import { searchSteps } from '../../device/search.ts'
import { counted } from '../../words/counted.ts'
import { foundText, wantedBy } from '../../words/found.ts'
import { peerName } from '../../words/peer-name.ts'
import { visible } from '../../words/visible.ts'
import { Stop } from '../exit.ts'
import { clockTime } from '../terminal.ts'
import type { Answer } from './commands.ts'

const foundMaximum = 100

/**
 * Finds messages part by part. What is shown is looked up each time: of what has been deleted meanwhile nothing stays on the screen.
 * @param peer the conversation that is open; null for all of them
 * @throws Stop for words with nothing in them
 */
export function searchAnswer(device: Device, peer: string | null, words: string): Answer {
  const isWanted = wantedBy(words)
  if (!isWanted) throw new Stop('user', 'type /search and the words to look for')
  const steps = searchSteps(device.history, isWanted, peer)
  const rows: number[] = []
  let isOver = false
  const where = peer === null ? '' : ` with ${peerName(device, peer)}`

  function goOn(): boolean {
    const step = steps.next()
    if (step.done) isOver = true
    else rows.push(...step.value.found.map(({ row }) => row).slice(0, foundMaximum - rows.length))
    if (rows.length === foundMaximum) isOver = true
    return !isOver
  }

  function lines(): readonly string[] {
    const found = rows.flatMap((row) => device.history.message(row) ?? [])
    const count = `${counted(found.length, 'message')}${where} ${found.length === 1 ? 'has' : 'have'} ${JSON.stringify(visible(words))}`
    const rest = isOver ? (rows.length === foundMaximum ? ', and there may be more' : '') : ' so far …'
    return [`${count}${rest}`, ...found.map((message) => lineOf(device, message, isWanted ?? (() => true)))]
  }
  return { title: 'Esc · search', lines, goOn }
}

function lineOf(device: Device, message: HistoryMessage, isWanted: (text: string) => boolean): string {
  const { peer, direction, author, sentAt } = message
  const who = direction === 'out' ? device.self.device.record.user : (author ?? peer)
  const to = direction === 'out' && !isGroup(peer) ? ` to ${peer}` : ''
  const group = isGroup(peer) ? `[${peerName(device, peer)}] ` : ''
  return `${clockTime(sentAt, Date.now())} ${group}${who}${to}: ${foundText(message, isWanted)}`
}
