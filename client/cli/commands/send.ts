import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import type { HistoryMessage } from '../../device/history.ts'
import { whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { checkFaults, takeLines } from '../lines.ts'
import { print, tell } from '../output.ts'
import { safeJson } from '../../words/visible.ts'
import { untilAllSent } from '../waiting.ts'

export interface SendFlags {
  readonly home: string
  readonly stdin?: boolean
  readonly ids?: boolean
  readonly id?: string
  readonly json?: boolean
}

export async function send(name: string, text: string | undefined, flags: SendFlags): Promise<void> {
  if ((text === undefined) !== (flags.stdin ?? false))
    throw new Stop('user', 'give the text as an argument, or use --stdin to send lines', `doormat send ${name} 'hello'`)
  if (flags.ids && !flags.stdin) throw new Stop('user', '--ids is only used with --stdin; for one message use --id')
  await whileOnline(flags.home, async (device, connection) => {
    device.checkName(name)
    const { messages, faults } =
      text === undefined
        ? await writeLines(device, name, flags.ids ?? false)
        : { messages: [device.write(name, text, flags.id)], faults: 0 }
    await untilAllSent(device, connection, name, messages, (message) => {
      if (flags.json) print(safeJson({ id: message.id, to: name, state: message.state, epoch: message.epoch }))
    })
    if (!flags.json && messages.length > 0)
      tell(messages.length === 1 ? `sent to ${name}` : `${messages.length} sent to ${name}`)
    checkFaults(faults)
  })
}

/** Lines are written down as they come, many in one transaction, so that what was read is kept whatever happens next. */
async function writeLines(device: Device, name: string, withIds: boolean) {
  const messages: HistoryMessage[] = []
  let waiting: { text: string; id?: string }[] = []
  const flush = () => {
    messages.push(...device.writeAll(name, waiting))
    waiting = []
  }
  const faults = await takeLines(process.stdin, (line) => {
    const message: { text: string; id?: string } = withIds ? withId(line) : { text: line }
    device.check(message.text, message.id)
    waiting.push(message)
    if (waiting.length >= 256) flush()
  })
  flush()
  return { messages, faults }
}

/** @throws ClientError `bad-text` */
function withId(line: string): { text: string; id: string } {
  const tab = line.indexOf('\t')
  if (tab < 1) throw new ClientError('bad-text', 'there is no id: with --ids a line is ID, TAB, text')
  return { id: line.slice(0, tab), text: line.slice(tab + 1) }
}
