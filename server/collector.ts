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

/** Hands the mail of one mailbox to one connection: each once, in order, and no more than fits the window. */
export class Collector {
  private readonly store: Store
  private readonly device: number
  private readonly deliver: (delivery: Delivery) => void
  private readonly failed: (error: unknown) => void
  private pushed = 0
  private underWay: UnderWay[] = []
  private bytesUnderWay = 0
  /** whether something may stand in the mailbox behind what was pushed */
  private mayHaveMore = true
  private isReading = false
  private isStopped = false

  constructor(store: Store, device: number, deliver: (delivery: Delivery) => void, failed: (error: unknown) => void) {
    this.store = store
    this.device = device
    this.deliver = deliver
    this.failed = failed
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
    if (isNext && this.hasRoomFor(mail)) return this.push(mail)
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
  async read(): Promise<void> {
    if (this.isReading) return
    this.isReading = true
    try {
      while (this.mayHaveMore && !this.isStopped && this.underWay.length < windowMessages) {
        // what comes in while the store is asked sets it again
        this.mayHaveMore = false
        const limit = Math.min(readAtOnce, windowMessages - this.underWay.length)
        const batch = await this.store.mailAfter(this.device, this.pushed, limit)
        if (this.isStopped) return
        const isFull = !batch.every((mail) => this.pushIfRoom(mail))
        if (isFull || batch.length === limit) this.mayHaveMore = true
        if (isFull) return
      }
    } catch (error) {
      this.mayHaveMore = true
      this.failed(error)
    } finally {
      this.isReading = false
    }
  }

  private hasRoomFor({ envelope }: StoredMail): boolean {
    return this.underWay.length < windowMessages && this.bytesUnderWay + envelope.length <= windowBytes
  }

  private pushIfRoom(mail: StoredMail): boolean {
    if (!this.hasRoomFor(mail)) return false
    this.push(mail)
    return true
  }

  private push(mail: StoredMail): void {
    const sizeBytes = mail.envelope.length
    this.pushed = mail.sequence
    this.underWay.push({ sequence: mail.sequence, sizeBytes })
    this.bytesUnderWay += sizeBytes
    this.deliver(mail)
  }
}
