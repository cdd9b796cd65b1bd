import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import type { HistoryMessage } from '../../device/history-entries.ts'
import { equal } from '../../../crypto/bytes.ts'
import { wipe } from '../../../crypto/keys.ts'
import type { MessageName } from '../../../crypto/message-name.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { spoolFile } from '../../device/transfer.ts'
import { openSource, type OpenedSource } from '../../node/source.ts'
import { attachmentText } from '../../words/attachment.ts'
import { fileSize } from '../../words/file-size.ts'
import { addressee } from '../addressee.ts'
import { whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { checkFaults, takeLines } from '../lines.ts'
import { messageCalled } from '../message-called.ts'
import { print, tell } from '../output.ts'
import { progressLine } from '../progress.ts'
import { safeJson } from '../../words/visible.ts'
import { untilAllSent } from '../waiting.ts'

export interface SendFlags {
  readonly home: string
  readonly stdin?: boolean
  readonly ids?: boolean
  readonly id?: string
  readonly reply?: string
  readonly file?: string
  readonly voice?: string
  readonly keepMetadata?: boolean
  readonly json?: boolean
}

export async function send(name: string, text: string | undefined, flags: SendFlags): Promise<void> {
  if (flags.file !== undefined && flags.voice !== undefined)
    throw new Stop('user', 'a message has one file: give --file or --voice')
  if (flags.file !== undefined) {
    const { file, keepMetadata = false } = flags
    return sendFile(name, text ?? '', () => openSource(file, keepMetadata), flags)
  }
  if (flags.keepMetadata) throw new Stop('user', '--keep-metadata is only used with --file')
  if (flags.voice !== undefined) {
    const { voice } = flags
    return sendFile(name, text ?? '', async () => (await import('../../node/voice.ts')).openVoice(voice), flags)
  }
  if ((text === undefined) !== (flags.stdin ?? false))
    throw new Stop('user', 'give the text as an argument, or use --stdin to send lines', `doormat send ${name} 'hello'`)
  if (flags.ids && !flags.stdin) throw new Stop('user', '--ids is only used with --stdin; for one message use --id')
  if (flags.reply !== undefined && flags.stdin)
    throw new Stop('user', '--reply is for one message, not for lines of input')
  await whileOnline(flags.home, async (device, connection) => {
    const peer = addressee(device, name)
    device.checkAddressee(peer)
    const { messages, faults } =
      text === undefined
        ? await writeLines(device, peer, flags.ids ?? false)
        : { messages: [device.write(peer, text, flags.id, answeredBy(device, peer, flags))], faults: 0 }
    await untilAllSent(device, connection, name, messages, (message) => {
      if (flags.json) print(safeJson({ id: message.id, to: name, state: message.state, epoch: message.epoch }))
    })
    if (!flags.json && messages.length > 0)
      tell(messages.length === 1 ? `sent to ${name}` : `${messages.length} sent to ${name}`)
    checkFaults(faults)
  })
}

/** @throws ClientError `no-such-message` */
function answeredBy(device: Device, peer: string, { reply }: SendFlags): MessageName | undefined {
  return reply === undefined ? undefined : device.afterwords.nameOf(messageCalled(device, peer, reply))
}

/** The file is encrypted once, and then goes to the relay in parts; what was encrypted goes out whatever happens to the file later. */
async function sendFile(
  name: string,
  text: string,
  openFile: () => Promise<OpenedSource>,
  flags: SendFlags,
): Promise<void> {
  if (flags.stdin || flags.ids) throw new Stop('user', 'a file and lines of input are sent one after the other')
  await whileOnline(flags.home, async (device, connection) => {
    const peer = addressee(device, name)
    // a voice takes long to encode: whoever cannot be written to is told of first
    device.checkFile(peer, text, flags.id)
    const answers = answeredBy(device, peer, flags)
    const source = await openFile()
    const progress = progressLine()
    try {
      if (source.removedBytes)
        tell(
          `left out of the picture: ${fileSize(source.removedBytes)} that say where and when it was taken, or with what`,
        )
      const message = await writeFile(device, peer, { text, id: flags.id, answers }, source)
      await untilAllSent(
        device,
        connection,
        name,
        [message],
        (sent) => {
          progress.end()
          if (flags.json) print(safeJson({ id: sent.id, to: name, state: sent.state, epoch: sent.epoch }))
        },
        ({ done, of }) => progress.tell(done / of, `sent ${fileSize(done)} of ${fileSize(of)}`),
      )
      if (!flags.json) tell(`sent to ${name}${message.attachment ? `: ${attachmentText(message.attachment)}` : ''}`)
    } finally {
      progress.end()
      await source.close()
    }
  })
}

/** Nothing is encrypted for a message that is there already. */
async function writeFile(
  device: Device,
  name: string,
  { text, id, answers }: { text: string; id: string | undefined; answers: MessageName | undefined },
  source: OpenedSource,
) {
  const known = id === undefined ? null : device.history.outgoing(name, id)
  if (known) return known
  const attachment = await spoolFile(device.spool, source, systemRandom)
  let isWritten = false
  try {
    const message = device.writeFile(name, text, attachment, id, answers)
    // another process may have written one under this id meanwhile
    isWritten = message.attachment !== null && equal(message.attachment.blob, attachment.blob)
    return message
  } finally {
    wipe(attachment.key)
    if (!isWritten) await device.spool.remove(attachment.blob)
  }
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
    device.check(message.text, message.id, name)
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
