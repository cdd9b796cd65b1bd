import { createInterface } from 'node:readline'
import type { Device } from '../../device.ts'
import type { HistoryMessage } from '../../history.ts'
import { whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../terminal.ts'
import { safeJson } from '../visible.ts'
import { untilSent } from '../waiting.ts'

export interface SendFlags {
  readonly home: string
  readonly stdin?: boolean
  readonly ids?: boolean
  readonly id?: string
  readonly json?: boolean
}

export async function send(name: string, text: string | undefined, flags: SendFlags): Promise<void> {
  if ((text === undefined) !== (flags.stdin ?? false))
    throw new Stop('user', 'give the text as an argument, or lines with --stdin', `doormat send ${name} 'hello'`)
  if (flags.ids && !flags.stdin) throw new Stop('user', '--ids goes with --stdin; for one message there is --id')
  await whileOnline(flags.home, async (device, connection) => {
    const messages =
      text === undefined ? await writeLines(device, name, flags.ids ?? false) : [device.write(name, text, flags.id)]
    let failed = 0
    await untilSent(device, connection, messages, (message) => {
      if (message.state === 'failed') failed += 1
      if (flags.json) print(safeJson({ id: message.id, to: name, state: message.state, epoch: message.epoch }))
    })
    if (failed > 0)
      throw new Stop(
        'user',
        `${failed} of ${messages.length} not sent: nobody called ${name} can take them`,
        `doormat history ${name}`,
      )
    if (!flags.json) tell(messages.length === 1 ? `sent to ${name}` : `${messages.length} sent to ${name}`)
  })
}

/** Lines are written down as they come, many in one transaction, so that what was read is kept whatever happens next. */
async function writeLines(device: Device, name: string, withIds: boolean): Promise<HistoryMessage[]> {
  const written: HistoryMessage[] = []
  let waiting: { text: string; id?: string }[] = []
  const flush = () => {
    written.push(...device.writeAll(name, waiting))
    waiting = []
  }
  let number = 0
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    number += 1
    waiting.push(withIds ? splitId(line, number) : { text: line })
    if (waiting.length >= 256) flush()
  }
  flush()
  return written
}

function splitId(line: string, number: number): { text: string; id: string } {
  const tab = line.indexOf('\t')
  if (tab < 1) throw new Stop('user', `line ${number} has no id: with --ids a line is ID, TAB, text`)
  return { id: line.slice(0, tab), text: line.slice(tab + 1) }
}
