import type { Attachment } from '../../../crypto/attachment.ts'
import { wipe } from '../../../crypto/keys.ts'
import { RelayError } from '../../../server/api.ts'
import { isGroup } from '../../device/groups/peers.ts'
import type { HistoryMessage } from '../../device/history-entries.ts'
import { voiceName } from '../../device/voice/length.ts'
import { saveAttachment } from '../../node/saving.ts'
import { attachmentText } from '../../words/attachment.ts'
import { safeFileName } from '../../words/file-name.ts'
import { fileSize } from '../../words/file-size.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { addressee } from '../addressee.ts'
import { atRelayOf, deviceIn } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, tell } from '../output.ts'
import { progressLine } from '../progress.ts'

export interface SaveFlags {
  readonly home: string
  readonly id?: string
  readonly to?: string
  readonly json?: boolean
}

/** Fetches a file that somebody has sent, checks it, and writes it down: the last one, the last of that name, or that of one message. */
export async function save(person: string, file: string | undefined, flags: SaveFlags): Promise<void> {
  const device = await deviceIn(flags.home)
  const progress = progressLine()
  const all = device.history.attached()
  try {
    const peer = addressee(device, person)
    if (!isGroup(peer)) device.checkName(peer)
    const { attachment, id } = chosen(all, { peer, person }, file, flags)
    const path = await atRelayOf(device, (relay) =>
      saveAttachment(relay, flags.home, attachment, flags.to ?? '.', nameOf(attachment), (done, of) =>
        progress.tell(done / of, `fetched ${fileSize(done)} of ${attachmentText(attachment)}`),
      ),
    ).catch((error: unknown) => {
      throw error instanceof RelayError && error.code === 'not-found' ? gone() : error
    })
    progress.end()
    if (flags.json) print(safeJson({ id, path, name: attachment.name, sizeBytes: attachment.sizeBytes }))
    else tell(`saved ${visible(path)}, ${fileSize(attachment.sizeBytes)}`)
  } finally {
    progress.end()
    for (const { attachment } of all) if (attachment) wipe(attachment.key)
    device.store.close()
  }
}

/** A voice message is called what it is shown as, whatever name its sender gave it. */
const nameOf = ({ name, voiceMs }: Attachment): string =>
  voiceMs === undefined ? safeFileName(name) : voiceName(voiceMs)

const gone = () =>
  new Stop('user', 'the relay does not have this file any more: it keeps files for 30 days. Ask for it again')

type WithFile = HistoryMessage & { readonly attachment: NonNullable<HistoryMessage['attachment']> }

/** What others have sent; of one's own files that one whose message is named. */
function chosen(
  all: readonly HistoryMessage[],
  { peer, person }: { readonly peer: string; readonly person: string },
  file: string | undefined,
  flags: SaveFlags,
): WithFile {
  const { id } = flags
  const theirs = all.filter((message): message is WithFile => message.peer === peer && message.attachment !== null)
  const named = theirs.filter((message) => file === undefined || message.attachment.name === file)
  const last = named.findLast((message) => (id === undefined ? message.direction === 'in' : message.id === id))
  if (last) return last
  const which = file === undefined ? '' : ` called ${visible(file)}`
  const own = id === undefined ? named.at(-1) : undefined
  if (own)
    throw new Stop(
      'user',
      `${person} has sent you no file${which}; you have sent one`,
      `doormat save ${person} --id ${own.id}`,
    )
  throw new Stop('user', `there is no file${which} in your conversation with ${person}`, `doormat history ${person}`)
}
