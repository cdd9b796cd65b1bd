import type { Digest } from '../../crypto/keys.ts'
import type { DeviceAddress } from '../api.ts'
import type { Batch, Outcome, Posting } from './store.ts'

/** Either of these fills a mailbox that nobody empties. */
export const mailboxMaximumMessages = 10_000
export const mailboxMaximumBytes = 64 * 1024 * 1024
/** The part of a mailbox that one sending device may fill, so that one stranger shuts nobody out. */
const shareOfSender = 1 / 2

/** Beyond this many entries, the mailroom lets go of what it has in memory and reads again what it needs: some 30 MiB. */
export const rememberedMaximum = 200_000

/** How much of a mailbox came from one sender. */
export interface Share {
  readonly sender: number
  readonly messages: number
  readonly bytes: number
}

/** The same in the mailbox of this device. */
export interface ShareOfDevice extends Share {
  readonly device: number
}

/** How far one device has sent to another. */
export interface Sent {
  readonly counter: number
  readonly digest: Digest
}

/** The mail of an engine, within a transaction of its own. */
export interface MailTables {
  /** null too for a device that was removed */
  rowOf(address: DeviceAddress): number | null
  mailbox(device: number): { readonly lastSequence: number; readonly shares: readonly Share[] }
  sent(sender: number, recipient: number): Sent | null
  /** @returns what was there; one sender may have several shares */
  removeMail(device: number, throughSequence: number): readonly Share[]
  /** all of it */
  dropMail(device: number): void
  addMail(device: number, sequence: number, sender: number, posting: Posting): void
  setLastSequence(device: number, sequence: number): void
  setSent(sender: number, recipient: number, sent: Sent): void
}

/**
 * Judges what is handed in. What it needs to know for that (how full a mailbox is and whose mail fills it, how far one
 * device has sent to another) is read from the tables when it is first asked for, and kept in memory from then on.
 */
export interface Mailroom {
  /** What the engine does within one transaction. If that fails, the mailroom has to forget. */
  process(batch: Batch, tables: MailTables): readonly Outcome[]
  /** The tables have changed otherwise. */
  forget(): void
  /** This has gone from them. */
  expired(shares: readonly ShareOfDevice[]): void
  forgetDevice(address: DeviceAddress, row: number): void
}

/** An id as one character a byte: a key for a map that holds on to no buffer. */
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
const keyOf = ({ user, device }: DeviceAddress) => `${user} ${latin1(device)}`

/** How full a mailbox is, and by whom. */
class Mailbox {
  lastSequence: number
  messages = 0
  private bytes = 0
  private readonly shares = new Map<number, { messages: number; bytes: number }>()

  constructor({ lastSequence, shares }: ReturnType<MailTables['mailbox']>) {
    this.lastSequence = lastSequence
    for (const { sender, messages, bytes } of shares) this.change(sender, messages, bytes)
  }

  /** how many entries it takes in memory */
  get size(): number {
    return 1 + this.shares.size
  }

  hasRoomFor(sizeBytes: number): boolean {
    return this.messages < mailboxMaximumMessages && this.bytes + sizeBytes <= mailboxMaximumBytes
  }

  hasRoomOf(sender: number, sizeBytes: number): boolean {
    const share = this.shares.get(sender)
    if (!share) return sizeBytes <= mailboxMaximumBytes * shareOfSender
    const { messages, bytes } = share
    return messages < mailboxMaximumMessages * shareOfSender && bytes + sizeBytes <= mailboxMaximumBytes * shareOfSender
  }

  /** @returns its sequence */
  add(sender: number, sizeBytes: number): number {
    this.change(sender, 1, sizeBytes)
    this.lastSequence += 1
    return this.lastSequence
  }

  remove({ sender, messages, bytes }: Share): void {
    this.change(sender, -messages, -bytes)
  }

  empty(): void {
    this.messages = 0
    this.bytes = 0
    this.shares.clear()
  }

  private change(sender: number, messages: number, bytes: number): void {
    this.messages += messages
    this.bytes += bytes
    const share = this.shares.get(sender)
    if (!share) return void this.shares.set(sender, { messages, bytes })
    share.messages += messages
    share.bytes += bytes
    if (share.messages === 0) this.shares.delete(sender)
  }
}

const known: Outcome = { kind: 'known' }

/** How far one device has sent to another, as long as it is in memory. */
interface Pair {
  readonly sender: number
  readonly recipient: number
  counter: number
  /** one character a byte */
  digest: string
}

/** @param most entries that it keeps beyond what a commit has changed */
export function createMailroom(most: number): Mailroom {
  let rows = new Map<string, number>()
  let mailboxes = new Map<number, Mailbox>()
  let pairs = new Map<string, Pair>()
  /** entries when last counted, and those that came since */
  let remembered = 0

  function rowOf(address: DeviceAddress, tables: MailTables): number | null {
    const key = keyOf(address)
    const there = rows.get(key)
    if (there !== undefined) return there
    const row = tables.rowOf(address)
    if (row === null) return null
    rows.set(key, row)
    remembered += 1
    return row
  }

  function mailboxOf(device: number, tables: MailTables): Mailbox {
    const there = mailboxes.get(device)
    if (there) return there
    const read = new Mailbox(tables.mailbox(device))
    mailboxes.set(device, read)
    remembered += read.size
    return read
  }

  function pairOf(sender: number, recipient: number, tables: MailTables): Pair {
    const key = `${sender} ${recipient}`
    const there = pairs.get(key)
    if (there) return there
    const sent = tables.sent(sender, recipient)
    const read = { sender, recipient, counter: sent?.counter ?? 0, digest: sent ? latin1(sent.digest) : '' }
    pairs.set(key, read)
    remembered += 1
    return read
  }

  /** @param unwritten what the tables do not have yet, and so stays */
  function forget(unwritten: Unwritten = nothingUnwritten): void {
    rows = new Map()
    mailboxes = new Map(unwritten.mailboxes)
    pairs = new Map([...unwritten.pairs.keys()].map((pair) => [`${pair.sender} ${pair.recipient}`, pair]))
    remembered = pairs.size + [...mailboxes.values()].reduce((sum, { size }) => sum + size, 0)
  }

  return {
    process({ acknowledgements, postings }, tables) {
      const unwritten: Unwritten = { mailboxes: new Map(), pairs: new Map() }

      for (const [device, sequence] of acknowledgements) {
        const mailbox = mailboxOf(device, tables)
        if (mailbox.messages === 0) continue
        // most acknowledge all that they have
        if (sequence >= mailbox.lastSequence) {
          tables.dropMail(device)
          mailbox.empty()
        } else for (const share of tables.removeMail(device, sequence)) mailbox.remove(share)
        if (remembered > most) forget()
      }

      /** Does its checks in an order in which nothing is written before the last of them. */
      function judge(posting: Posting): Outcome {
        if (remembered > most) forget(unwritten)
        const { counter, envelope } = posting
        const sender = rowOf(posting.from, tables)
        if (sender === null) return { kind: 'no-sender' }
        const device = rowOf(posting.to, tables)
        if (device === null) return { kind: 'no-recipient' }
        const pair = pairOf(sender, device, tables)
        if (counter <= pair.counter) {
          const isOther = counter === pair.counter && counter > 0 && pair.digest !== latin1(posting.digest)
          return isOther ? { kind: 'other-bytes' } : known
        }
        if (counter !== pair.counter + 1) return { kind: 'gap', next: pair.counter + 1 }
        if (posting.isFaulty) return { kind: 'faulty' }
        const mailbox = mailboxOf(device, tables)
        if (!mailbox.hasRoomFor(envelope.length)) return { kind: 'mailbox-full' }
        if (!mailbox.hasRoomOf(sender, envelope.length)) return { kind: 'share-full' }
        const { size } = mailbox
        const sequence = mailbox.add(sender, envelope.length)
        remembered += mailbox.size - size
        pair.counter = counter
        pair.digest = latin1(posting.digest)
        tables.addMail(device, sequence, sender, posting)
        unwritten.mailboxes.set(device, mailbox)
        unwritten.pairs.set(pair, posting.digest)
        return { kind: 'accepted', device, sequence }
      }

      const outcomes = postings.map(judge)
      for (const [device, { lastSequence }] of unwritten.mailboxes) tables.setLastSequence(device, lastSequence)
      for (const [{ sender, recipient, counter }, digest] of unwritten.pairs)
        tables.setSent(sender, recipient, { counter, digest })
      return outcomes
    },

    forget: () => forget(),
    expired(shares) {
      for (const share of shares) mailboxes.get(share.device)?.remove(share)
    },
    forgetDevice(address, row) {
      rows.delete(keyOf(address))
      mailboxes.delete(row)
    },
  }
}

/** What one commit has changed, and writes at its end. */
interface Unwritten {
  readonly mailboxes: Map<number, Mailbox>
  readonly pairs: Map<Pair, Digest>
}

const nothingUnwritten: Unwritten = { mailboxes: new Map(), pairs: new Map() }
