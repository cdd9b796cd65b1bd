import type { Delivery } from './api.ts'
import type { Store, StoredMail } from './store/store.ts'

/** How much may be under way to one device before it must acknowledge. This limits the cost of a slow reader. */
const windowMessages = 256
const windowBytes = 1024 * 1024
const readAtOnce = 16

interface UnderWay {
  readonly sequence: number
  readonly sizeBytes: number
}

/** Whoever the mail is for. */
export interface Reader {
  deliver(delivery: Delivery): void
  /** The store cannot be read. */
  unreadable(error: unknown): void
}

/** Hands the mail of one mailbox to one connection: each once, in order, and no more than fits the window. */
export class Collector {
  readonly reader: Reader
  private readonly store: Store
  private readonly device: number
  private pushed = 0
  private underWay: UnderWay[] = []
  private bytesUnderWay = 0
  /** of the next, where there was no room for it: until there is, nobody asks the store */
  private nextBytes = 0
  /** whether something may stand in the mailbox behind what was pushed */
  private mayHaveMore = true
  /** Until it is told to begin, it gives out nothing. */
  private hasBegun = false
  private isReading = false
  private isStopped = false

  constructor(store: Store, device: number, reader: Reader) {
    this.store = store
    this.device = device
    this.reader = reader
  }

  /** What waits goes out, and from now on what comes in. */
  begin(): void {
    this.hasBegun = true
    void this.read()
  }

  stop(): void {
    this.isStopped = true
  }

  hasPushed(sequence: number): boolean {
    return sequence <= this.pushed
  }

  /** What has just been stored goes out as it is, if it comes next and there is room. Otherwise the store is asked. */
  pass(mail: StoredMail): void {
    if (this.isStopped || mail.sequence <= this.pushed) return
    const isNext = !this.isReading && !this.mayHaveMore && mail.sequence === this.pushed + 1
    if (isNext && this.pushIfRoom(mail)) return
    this.mayHaveMore = true
    void this.read()
  }

  /** There is room again for what did not go out before. */
  acknowledged(sequence: number): void {
    const left = this.underWay.findIndex((mail) => mail.sequence > sequence)
    const gone = this.underWay.splice(0, left === -1 ? this.underWay.length : left)
    for (const { sizeBytes } of gone) this.bytesUnderWay -= sizeBytes
    if (this.mayHaveMore) void this.read()
  }

  /** Reads what waits, as far as there is room. Does nothing while it does so already, which then goes on as far as it can. */
  private async read(): Promise<void> {
    if (this.isReading || !this.hasBegun) return
    this.isReading = true
    try {
      while (this.mayHaveMore && !this.isStopped && this.hasRoomFor(this.nextBytes)) {
        // what comes in while the store is asked sets it again
        this.mayHaveMore = false
        const limit = Math.min(readAtOnce, windowMessages - this.underWay.length)
        const left = windowBytes - this.bytesUnderWay
        const batch = await this.store.mailAfter(this.device, this.pushed, limit, left)
        if (this.isStopped) return
        const sizeBytes = batch.reduce((sum, { envelope }) => sum + envelope.length, 0)
        // it may all fit by now, because something was acknowledged meanwhile
        if (batch.length === limit || sizeBytes > left) this.mayHaveMore = true
        for (const mail of batch) if (!this.pushIfRoom(mail)) break
      }
    } catch (error) {
      this.mayHaveMore = true
      this.reader.unreadable(error)
    } finally {
      this.isReading = false
    }
  }

  private hasRoomFor(sizeBytes: number): boolean {
    return this.underWay.length < windowMessages && this.bytesUnderWay + sizeBytes <= windowBytes
  }

  private pushIfRoom(mail: StoredMail): boolean {
    const sizeBytes = mail.envelope.length
    const hasRoom = this.hasRoomFor(sizeBytes)
    this.nextBytes = hasRoom ? 0 : sizeBytes
    if (hasRoom) this.push(mail, sizeBytes)
    return hasRoom
  }

  private push(mail: StoredMail, sizeBytes: number): void {
    this.pushed = mail.sequence
    this.underWay.push({ sequence: mail.sequence, sizeBytes })
    this.bytesUnderWay += sizeBytes
    this.reader.deliver(mail)
  }
}
