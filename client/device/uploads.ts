import { blobSize, type BlobId, blobIdSizeBytes } from '../../crypto/attachment.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { wipe } from '../../crypto/keys.ts'
import type { Random } from '../../crypto/random.ts'
import { type Connection, type Relay, RelayError, type RelayErrorCode } from '../../server/api.ts'
import type { Device } from './device.ts'
import type { HistoryMessage } from './history-entries.ts'
import { checkSpooled, isGone, SpoolError, upload } from './transfer.ts'

/** how many of the last entries are looked through for what has been told already */
const toldAmong = 1_000

/** Brings the files of messages to the relay, one after the other; each message goes out when its file is there. */
export interface Uploads {
  /** Books what has come of the last one, and begins the next. @returns whether anything was booked */
  turn(): boolean
  hasNews(): boolean
  isWaiting(): boolean
  /**
   * The relay has ended the connection: if it did so instead of taking a file, all of them wait before they are tried again.
   * @returns whether it is a relay that takes no files
   */
  refused(error: RelayError): boolean
  /** The connection is over: no further part goes out, and nothing is booked. */
  stop(): void
}

/** What a relay says of itself, and not of one file: all of them wait. */
const ofAll: ReadonlySet<RelayErrorCode> = new Set([
  'unreachable',
  'too-many',
  'too-slow',
  'bad-certificate',
  'foreign-host',
])
/** What passes is not told. */
const quiet: ReadonlySet<RelayErrorCode> = new Set(['unreachable', 'too-many', 'too-slow'])
/** What is mended by the next try, unless it comes again: a relay has forgotten a file, was handed a part by two at once, or has failed. */
const mended: ReadonlySet<RelayErrorCode> = new Set(['not-found', 'out-of-order', 'internal'])
/** A relay that does not know what it is asked ends the connection. */
const takesNoFiles = 'this relay takes no files yet: whoever runs it has to bring it up to date'

/** All files, where pauses are kept by the row of a message. */
const everyRow = 0

type WithFile = HistoryMessage & { readonly attachment: NonNullable<HistoryMessage['attachment']> }

/** @param wake is called when one has ended */
export function createUploads(
  { history, spool, store, uploaded, uploadPauses: pauses }: Device,
  relay: Relay,
  connection: Connection,
  random: Random,
  wake: () => void,
): Uploads {
  const stopping = new AbortController()
  let isUnderWay = false
  let ended: { readonly message: WithFile; readonly error: unknown } | null = null
  /** whose file the relay has been asked to take, and has not answered */
  let asked: WithFile | null = null

  /** A store put back to an older state may know nothing of an upload that was finished. */
  async function isAtRelay(blob: BlobId): Promise<boolean> {
    try {
      const { receivedBytes, sizeBytes } = await relay.blob(blob)
      return receivedBytes === sizeBytes
    } catch (error) {
      if (error instanceof RelayError && error.code === 'not-found') return false
      throw error
    }
  }

  /** @returns why the file cannot be handed in from here; null where it can */
  async function unusable({ attachment }: WithFile): Promise<SpoolError | null> {
    const { blob } = attachment
    const place = spool.place(blob)
    try {
      if ((await spool.size(blob)) === 0) return isGone(place)
      await checkSpooled(spool, attachment)
      return null
    } catch (error) {
      if (error instanceof CryptoError) return new SpoolError(`the encrypted file is damaged: ${place}`, false)
      if (error instanceof SpoolError && !error.mayPass) return error
      throw error
    }
  }

  /**
   * A relay that has a file of somebody else under the id, or had one and keeps an archive, takes no other there: the same ciphertext goes
   * under another id. The root is over the ciphertext alone. Whenever this is stopped, the id that the message names has its file.
   */
  async function reserve(message: WithFile, sizeBytes: number): Promise<void> {
    const { row, attachment } = message
    const { blob } = attachment
    asked = message
    try {
      await connection.reserveBlob(blob, sizeBytes)
      asked = null
    } catch (error) {
      if (!(error instanceof RelayError) || error.code !== 'out-of-order' || stopping.signal.aborted) throw error
      const fresh = random(blobIdSizeBytes) as BlobId
      await spool.copy(blob, fresh)
      if (stopping.signal.aborted) return spool.remove(fresh)
      history.renameBlob(row, fresh)
      removeCiphertext(blob)
      throw error
    }
  }

  async function bring(message: WithFile): Promise<void> {
    const { row, attachment } = message
    const { blob } = attachment
    const fault = await unusable(message)
    if (!fault) {
      const sizeBytes = blobSize(attachment.sizeBytes)
      await reserve(message, sizeBytes)
      const progress = (done: number, of: number) => uploaded.note({ row, done, of })
      await upload(relay, spool, { blob, sizeBytes }, progress, stopping.signal)
    } else if (!(await isAtRelay(blob))) throw fault
  }

  function begin(message: WithFile): void {
    isUnderWay = true
    const end = (error: unknown) => {
      wipe(message.attachment.key)
      if (stopping.signal.aborted) return
      ended = { message, error }
      isUnderWay = false
      wake()
    }
    bring(message).then(() => end(null), end)
  }

  /** @returns the next that does not have to wait */
  function next(): WithFile | null {
    if (pauses.has(everyRow)) return null
    const all = history.uploading().filter((message): message is WithFile => message.attachment !== null)
    const first = all.find(({ row }) => !pauses.has(row)) ?? null
    for (const message of all) if (message !== first) wipe(message.attachment.key)
    return first
  }

  const removeCiphertext = (blob: BlobId) => void spool.remove(blob).catch(() => undefined)
  /** Where that fails, it goes with its time. */
  const removeFromRelay = (blob: BlobId) => void connection.removeBlob(blob).catch(() => undefined)

  function arrived({ row, attachment: { blob } }: WithFile): void {
    uploaded.end()
    for (const key of [row, everyRow]) pauses.end(key)
    removeCiphertext(blob)
    // it may have been forgotten meanwhile
    if (history.message(row)?.state === 'uploading') history.setState(row, 'waiting', null)
    else removeFromRelay(blob)
  }

  function failed({ row, peer, attachment: { blob } }: WithFile, text: string): void {
    store.transaction(() => {
      // it may have been deleted meanwhile, and its file with it
      if (!history.message(row)) return
      history.setState(row, 'failed', null)
      history.notice('not-sent', peer, { text })
    })
    uploaded.end()
    removeCiphertext(blob)
    removeFromRelay(blob)
  }

  /** Once since the message was written, also where the program has been started again meanwhile. */
  function tellOnce({ row, peer }: WithFile, text: string): void {
    const since = history.after(Math.max(row, history.lastRow() - toldAmong), peer, toldAmong)
    if (since.some((entry) => entry.kind === 'not-sent' && entry.text === text)) return
    history.notice('not-sent', peer, { text })
  }

  function book({ message, error }: NonNullable<typeof ended>): void {
    asked = null
    if (error === null) return arrived(message)
    if (error instanceof SpoolError) {
      if (!error.mayPass) return failed(message, error.message)
      if (pauses.begin(message.row)) tellOnce(message, error.message)
      return
    }
    if (!(error instanceof RelayError)) throw error
    if (error.code === 'too-large') return failed(message, error.code)
    const isAgain = pauses.begin(ofAll.has(error.code) ? everyRow : message.row)
    if (!quiet.has(error.code) && (isAgain || !mended.has(error.code))) tellOnce(message, error.code)
  }

  return {
    turn() {
      const last = ended
      ended = null
      if (last) book(last)
      const message = isUnderWay ? null : next()
      if (message) begin(message)
      uploaded.share()
      return last !== null
    },
    hasNews: () => ended !== null,
    isWaiting: () => isUnderWay,
    refused({ code }) {
      if (!asked) return false
      pauses.begin(everyRow)
      if (code !== 'bad-request') return false
      tellOnce(asked, takesNoFiles)
      return true
    },
    stop() {
      stopping.abort()
      uploaded.leave()
    },
  }
}
