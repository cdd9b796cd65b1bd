import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { wipe } from '../../../crypto/keys.ts'
import { RelayError } from '../../../server/api.ts'
import { stagedFolder } from '../../authority/staged-folder.ts'
import type { Device } from '../../device/device.ts'
import type { HistoryEntry } from '../../device/history-entries.ts'
import { relayAt } from '../../node/relay.ts'
import { saveAttachment } from '../../node/saving.ts'
import { quoteFrom } from '../../words/afterword.ts'
import { attachmentText } from '../../words/attachment.ts'
import { counted } from '../../words/counted.ts'
import { safeFileName } from '../../words/file-name.ts'
import { fileSize } from '../../words/file-size.ts'
import { peerName } from '../../words/peer-name.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { deviceIn, needDevice } from '../context.ts'
import { jsonOf } from '../entries.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { type ExportedConversation, type ExportedFile, exportPage } from '../export-page.ts'
import { print, tell } from '../output.ts'
import { progressLine } from '../progress.ts'
import { mustBeEmpty } from './authority.ts'

const filesFolder = 'files'
const pageSize = 200

/** Writes this device's history for other programs and for people; nothing in it is encrypted, and nothing is marked as read. */
export async function exportHistory(folder: string, flags: { readonly home: string }): Promise<void> {
  needDevice(flags.home)
  mustBeEmpty(folder, 'doormat export ANOTHER')
  const device = await deviceIn(flags.home)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const files = await fetchFiles(device, flags.home, join(folder, filesFolder))
    const count = { messages: 0 }
    const staged = stagedFolder(folder, (name) => name.startsWith('messages.'), String(process.pid))
    try {
      staged.write('messages.jsonl', linesOf(device, files, count))
      const conversations = conversationsOf(device)
      staged.write(
        'messages.html',
        exportPage({ self: device.self.device.record.user, conversations, files, quote: quoteFrom(device) }),
      )
      staged.commit()
    } catch (error) {
      staged.discard()
      throw error
    }
    const missing = [...files.values()].filter((file) => 'missing' in file).length
    print(
      `${visible(folder)} has ${counted(count.messages, 'message')} and ${counted(files.size - missing, 'file')}, NOT encrypted`,
    )
    if (missing > 0) print(`${counted(missing, 'file')} could not be had; messages.html says which, and why`)
  } finally {
    device.store.close()
  }
}

/** What stands in the history after a row, page by page, as it is then. */
function* entriesOf(device: Device, peer: string | null): Generator<HistoryEntry> {
  for (let row = 0; ;) {
    const page = device.history.after(row, peer, pageSize)
    yield* page
    if (page.length < pageSize) return
    row = page.at(-1)?.row ?? row
  }
}

function* linesOf(
  device: Device,
  files: ReadonlyMap<number, ExportedFile>,
  count: { messages: number },
): Generator<string> {
  for (const entry of entriesOf(device, null)) {
    if (entry.kind === 'message') count.messages += 1
    const file = files.get(entry.row)
    yield `${safeJson({ ...jsonOf(entry), ...(file && { file }) })}\n`
  }
}

const conversationsOf = (device: Device): readonly ExportedConversation[] =>
  device.conversations.all().map(({ user }) => ({
    name: peerName(device, user),
    // what concerns everybody too, as in a chat: from where on somebody else could read
    entries: () => entriesOf(device, user),
  }))

/** What became of the file of each message that has one. A relay that does not answer is not asked for the next. */
async function fetchFiles(device: Device, home: string, folder: string): Promise<ReadonlyMap<number, ExportedFile>> {
  const files = new Map<number, ExportedFile>()
  const all = device.history.attached()
  const relay = relayAt(device.self.relayUrl, device.self.relayCa)
  const progress = progressLine()
  let silent: string | null = null
  if (all.length > 0) mkdirSync(folder, { mode: 0o700 })
  for (const { row, attachment } of all) {
    if (!attachment) continue
    if (silent !== null) {
      files.set(row, { missing: silent })
      continue
    }
    try {
      const name = safeFileName(attachment.name)
      const path = await saveAttachment(relay, home, attachment, folder, name, (done, of) =>
        progress.tell(done / of, `fetched ${fileSize(done)} of ${attachmentText(attachment)}`),
      )
      files.set(row, { path: `${filesFolder}/${path.slice(folder.length + 1)}` })
    } catch (error) {
      if (!(error instanceof RelayError) && !(error instanceof CryptoError)) throw error
      const isGone = error instanceof RelayError && error.code === 'not-found'
      const why = isGone ? 'the relay does not have it any more' : error.message
      if (error instanceof RelayError && !isGone) silent = why
      files.set(row, { missing: why })
    } finally {
      progress.end()
      wipe(attachment.key)
    }
  }
  if (silent !== null) tell(`files cannot be fetched: ${visible(silent)}`)
  return files
}
