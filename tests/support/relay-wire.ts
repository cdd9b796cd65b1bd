import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/** One TCP connection, as somebody between device and relay recorded it. */
export interface Recording {
  readonly up: Buffer[]
  readonly down: Buffer[]
}

export interface Message {
  readonly isBinary: boolean
  readonly payload: Buffer
  /** how many frames it came in */
  readonly pieces: number
}

/** Stands between devices and a relay, and records every byte. */
export async function recordingProxy(relayUrl: string) {
  const { hostname, port } = new URL(relayUrl)
  const recordings: Recording[] = []
  const sockets = new Set<Socket>()
  const server = createServer((device) => {
    const relay = connect(Number(port), hostname)
    const recording: Recording = { up: [], down: [] }
    recordings.push(recording)
    for (const [from, to, kept] of [
      [device, relay, recording.up],
      [relay, device, recording.down],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => kept.push(chunk))
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen')
  return { url: `http://127.0.0.1:${address.port}`, recordings }
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8 }

/** The WebSocket messages in one direction: unmasked, put together from their frames, those of control left out (RFC 6455). */
export function messagesIn(chunks: readonly Buffer[]): Message[] {
  const bytes = Buffer.concat(chunks)
  const head = bytes.indexOf('\r\n\r\n')
  if (!/^upgrade: websocket/im.test(bytes.toString('latin1', 0, head))) return []
  const messages: Message[] = []
  let pieces: Buffer[] = []
  let isBinary = false
  for (const { isFinal, opcode, payload } of framesIn(bytes.subarray(head + 4))) {
    if (opcode >= opcodes.close) continue
    if (opcode !== opcodes.continuation) isBinary = opcode === opcodes.binary
    pieces.push(payload)
    if (!isFinal) continue
    messages.push({ isBinary, payload: Buffer.concat(pieces), pieces: pieces.length })
    pieces = []
  }
  return messages
}

function* framesIn(bytes: Buffer) {
  for (let at = 0; at + 2 <= bytes.length;) {
    const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)]
    let [size, offset] = [second & 127, at + 2]
    if (size === 126) [size, offset] = [bytes.readUInt16BE(offset), offset + 2]
    else if (size === 127) [size, offset] = [Number(bytes.readBigUInt64BE(offset)), offset + 8]
    const mask = second & 128 ? bytes.subarray(offset, offset + 4) : null
    const begin = offset + (mask ? 4 : 0)
    const payload = Buffer.from(bytes.subarray(begin, begin + size))
    if (mask) for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0)
    yield { isFinal: (first & 128) !== 0, opcode: first & 15, payload }
    at = begin + size
  }
}
