import type { Digest } from '../../crypto/keys.ts'
import type { DeviceAddress } from '../api.ts'
import type { Batch, Outcome, Posting } from './store.ts'

/** Either of these fills a mailbox that nobody empties. */
export const mailboxMaximumMessages = 10_000
export const mailboxMaximumBytes = 64 * 1024 * 1024
/** The part of a mailbox that one sending device may fill, so that one stranger shuts nobody out. */
const shareOfSender = 1 / 2

/** Beyond this much, the mailroom forgets all that it has in memory and reads again what it needs: some 50 MiB. */
const rememberedMaximum = 500_000

/** One envelope that waits, as it is counted. */
export interface Waiting {
  readonly sequence: number
  readonly sender: number
  readonly sizeBytes: number
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
  mailbox(device: number): { readonly lastSequence: number; readonly waiting: readonly Waiting[] }
  sent(sender: number, recipient: number): Sent | null
  removeMail(device: number, throughSequence: number): void
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
  forgetDevice(address: DeviceAddress, row: number): void
}

/** An id as one character a byte: a key for a map that holds on to no buffer. */
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
const keyOf = ({ user, device }: DeviceAddress) => `${user} ${latin1(device)}`

/** How much of a mailbox came from one sender. */
interface Share {
  messages: number
  bytes: number
}

/** How full a mailbox is. Its oldest mail goes first, so what was removed is only stepped over. */
class Mailbox {
  lastSequence: number
  bytes = 0
  private readonly waiting: Waiting[]
  private first = 0
  private readonly shares = new Map<number, Share>()

  constructor({ lastSequence, waiting }: ReturnType<MailTables['mailbox']>) {
    this.lastSequence = lastSequence
    this.waiting = [...waiting]
    for (const mail of waiting) this.count(mail)
  }

  get messages(): number {
    return this.waiting.length - this.first
  }

  hasRoomFor(sizeBytes: number): boolean {
    return this.messages < mailboxMaximumMessages && this.bytes + sizeBytes <= mailboxMaximumBytes
  }

  hasRoomOf(sender: number, sizeBytes: number): boolean {
    const { messages, bytes } = this.shares.get(sender) ?? nothing
    return messages < mailboxMaximumMessages * shareOfSender && bytes + sizeBytes <= mailboxMaximumBytes * shareOfSender
  }

  add(sender: number, sizeBytes: number): number {
    const mail = { sequence: (this.lastSequence += 1), sender, sizeBytes }
    this.waiting.push(mail)
    this.count(mail)
    return mail.sequence
  }

  /** @returns how many were there */
  removeThrough(sequence: number): number {
    const before = this.first
    for (let mail = this.waiting[before]; mail && mail.sequence <= sequence; mail = this.waiting[this.first]) {
      this.discount(mail)
      this.first += 1
    }
    const removed = this.first - before
    if (this.first > 1000 || this.first === this.waiting.length) {
      this.waiting.splice(0, this.first)
      this.first = 0
    }
    return removed
  }

  private count({ sender, sizeBytes }: Waiting): void {
    this.bytes += sizeBytes
    const share = this.shares.get(sender)
    if (!share) return void this.shares.set(sender, { messages: 1, bytes: sizeBytes })
    share.messages += 1
    share.bytes += sizeBytes
  }

  private discount({ sender, sizeBytes }: Waiting): void {
    this.bytes -= sizeBytes
    const share = this.shares.get(sender)
    if (!share) return
    share.messages -= 1
    share.bytes -= sizeBytes
    if (share.messages === 0) this.shares.delete(sender)
  }
}

const nothing: Readonly<Share> = { messages: 0, bytes: 0 }
const known: Outcome = { kind: 'known' }

/** How far one device has sent to another, as long as it is in memory. */
interface Pair {
  readonly sender: number
  readonly recipient: number
  counter: number
  /** one character a byte */
  digest: string
}

export function createMailroom(): Mailroom {
  const rows = new Map<string, number>()
  const mailboxes = new Map<number, Mailbox>()
  const pairs = new Map<string, Pair>()
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
    remembered += 1 + read.messages
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

  function forget(): void {
    rows.clear()
    mailboxes.clear()
    pairs.clear()
    remembered = 0
  }

  return {
    process({ acknowledgements, postings }, tables) {
      if (remembered > rememberedMaximum) forget()
      const grown = new Map<number, Mailbox>()
      const moved = new Map<Pair, Digest>()

      for (const [device, sequence] of acknowledgements) {
        const removed = mailboxOf(device, tables).removeThrough(sequence)
        remembered -= removed
        if (removed > 0) tables.removeMail(device, sequence)
      }

      /** Does its checks in an order in which nothing is written before the last of them. */
      function judge(posting: Posting): Outcome {
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
        const sequence = mailbox.add(sender, envelope.length)
        remembered += 1
        pair.counter = counter
        pair.digest = latin1(posting.digest)
        tables.addMail(device, sequence, sender, posting)
        grown.set(device, mailbox)
        moved.set(pair, posting.digest)
        return { kind: 'accepted', device, sequence }
      }

      const outcomes = postings.map(judge)
      for (const [device, { lastSequence }] of grown) tables.setLastSequence(device, lastSequence)
      for (const [{ sender, recipient, counter }, digest] of moved)
        tables.setSent(sender, recipient, { counter, digest })
      return outcomes
    },

    forget,
    forgetDevice(address, row) {
      rows.delete(keyOf(address))
      mailboxes.delete(row)
    },
  }
}
