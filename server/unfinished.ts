import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { frameMaximumBytes } from './api.ts'

/**
 * Counts what has come of frames that have not come whole.
 * @param tell is given the change, and how much it is now
 */
export function countUnfinished(
  socket: WebSocket,
  tell: (changeBytes: number, sizeBytes: number) => void,
  stream: Socket,
): void {
  let unfinishedBytes = 0
  let told = 0
  const finished = (data: RawData) => {
    const { length } = data as Buffer
    unfinishedBytes -= length + frameHeadBytes(length)
  }
  for (const event of ['message', 'ping', 'pong'] as const) socket.on(event, finished)
  // behind the listener of `ws`, which has taken out of it what is whole
  stream.on('data', (chunk: Buffer) => {
    unfinishedBytes += chunk.length
    const now = Math.min(unfinishedBytes, frameMaximumBytes)
    tell(now - told, now)
    told = now
  })
}

/** Reads the header of a frame from a device: masked, and in one piece. RFC 6455, section 5.2. */
const frameHeadBytes = (length: number) => 6 + (length < 126 ? 0 : length < 65_536 ? 2 : 8)
