import type { Duplex } from 'node:stream'
import type { Holdings } from './holdings.ts'

const text = 0x81
const binary = 0x82

/** Of a frame to a device: not masked, and in one piece. RFC 6455, section 5.2. */
const headBytes = (sizeBytes: number) => (sizeBytes < 126 ? 2 : sizeBytes < 65_536 ? 4 : 10)

interface Frame {
  readonly payload: Uint8Array | string
  readonly sizeBytes: number
}

/** Whoever has something to say to the device. */
export interface Speaker {
  /** whether something may still be said */
  readonly isOpen: boolean
}

/**
 * WebSocket frames to one device. All that one turn of the event loop has to say to it is written as one piece, below `ws`:
 * for short messages, each write of its own costs more than everything else that a relay does for them. The two may write
 * in turn, because neither leaves a message half written and nothing is compressed.
 */
export class Frames {
  private readonly stream: Duplex
  private readonly holdings: Holdings
  private readonly speaker: Speaker
  private waiting: Frame[] = []
  private waitingBytes = 0

  /** @param holdings counts what is held in memory for the device, until the system has it */
  constructor(stream: Duplex, holdings: Holdings, speaker: Speaker) {
    this.stream = stream
    this.speaker = speaker
    this.holdings = holdings
  }

  /** How much has not been taken off our hands. */
  get unsentBytes(): number {
    return this.waitingBytes + this.stream.writableLength
  }

  /** @param payload text, or the bytes of an envelope's frame */
  put(payload: Uint8Array | string): void {
    const sizeBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
    if (this.waiting.length === 0) process.nextTick(endOfTurn, this)
    this.waiting.push({ payload, sizeBytes })
    this.waitingBytes += headBytes(sizeBytes) + sizeBytes
    this.holdings.change(this.stream, headBytes(sizeBytes) + sizeBytes)
  }

  endTurn(): void {
    if (this.speaker.isOpen) this.flush()
    else this.drop()
  }

  /** Nothing follows the frame with which `ws` has closed. */
  private drop(): void {
    this.holdings.change(this.stream, -this.waitingBytes)
    this.waiting = []
    this.waitingBytes = 0
  }

  /** Writes now what would otherwise be written at the end of this turn. */
  flush(): void {
    if (this.waiting.length === 0) return
    const [frames, sizeBytes] = [this.waiting, this.waitingBytes]
    this.waiting = []
    this.waitingBytes = 0
    const piece = Buffer.allocUnsafe(sizeBytes)
    let at = 0
    for (const frame of frames) at = lay(piece, at, frame)
    this.stream.write(piece, () => this.holdings.change(this.stream, -sizeBytes))
  }
}

const endOfTurn = (frames: Frames) => frames.endTurn()

/** @returns where the next one begins */
function lay(piece: Buffer, at: number, { payload, sizeBytes }: Frame): number {
  piece[at] = typeof payload === 'string' ? text : binary
  const begin = at + headBytes(sizeBytes)
  if (sizeBytes < 126) piece[at + 1] = sizeBytes
  else if (sizeBytes < 65_536) {
    piece[at + 1] = 126
    piece.writeUInt16BE(sizeBytes, at + 2)
  } else {
    piece[at + 1] = 127
    piece.writeUInt32BE(0, at + 2)
    piece.writeUInt32BE(sizeBytes, at + 6)
  }
  if (typeof payload === 'string') piece.write(payload, begin)
  else piece.set(payload, begin)
  return begin + sizeBytes
}
