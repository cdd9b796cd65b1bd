import { isUtf8 } from 'node:buffer'
import { textMaximumBytes } from '../../../crypto/content.ts'
import type { Device } from '../../device.ts'
import { ClientError } from '../../errors.ts'
import type { HistoryMessage } from '../../history.ts'
import { whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../output.ts'
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
    const { messages, faults } =
      text === undefined
        ? await writeLines(device, name, flags.ids ?? false)
        : { messages: [device.write(name, text, flags.id)], faults: 0 }
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
    if (!flags.json && messages.length > 0)
      tell(messages.length === 1 ? `sent to ${name}` : `${messages.length} sent to ${name}`)
    if (faults > 0) throw new Stop('user', faults === 1 ? '1 line was not sent' : `${faults} lines were not sent`)
  })
}

/**
 * Lines are written down as they come, many in one transaction, so that what was read is kept whatever happens next. A line
 * that is no message is told of, by its number, and the others go.
 */
async function writeLines(device: Device, name: string, withIds: boolean) {
  const messages: HistoryMessage[] = []
  let waiting: { text: string; id?: string }[] = []
  let [number, faults] = [0, 0]
  const flush = () => {
    messages.push(...device.writeAll(name, waiting))
    waiting = []
  }
  for await (const line of linesIn(process.stdin)) {
    number += 1
    try {
      const message = messageIn(line, withIds)
      device.check(message.text, message.id)
      waiting.push(message)
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      faults += 1
      tell(`line ${number}: ${error.message} [${error.code}]`)
    }
    if (waiting.length >= 256) flush()
  }
  flush()
  return { messages, faults }
}

const newline = 0x0a
const lineMaximumBytes = 2 * textMaximumBytes

/** Lines end with LF, or CR LF; a CR within one belongs to it. */
async function* linesIn(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      yield rest.subarray(0, end)
      rest = rest.subarray(end + 1)
    }
    // what is too long for a message anyway need not be kept whole
    if (rest.length > lineMaximumBytes) rest = rest.subarray(0, lineMaximumBytes)
  }
  if (rest.length > 0) yield rest
}

/** @throws ClientError `bad-text` */
function messageIn(line: Buffer, withId: boolean): { text: string; id?: string } {
  const whole = line.at(-1) === 0x0d ? line.subarray(0, -1) : line
  if (!isUtf8(whole)) throw new ClientError('bad-text', 'the text is not UTF-8')
  const text = whole.toString('utf8')
  if (!withId) return { text }
  const tab = text.indexOf('\t')
  if (tab < 1) throw new ClientError('bad-text', 'there is no id: with --ids a line is ID, TAB, text')
  return { id: text.slice(0, tab), text: text.slice(tab + 1) }
}
