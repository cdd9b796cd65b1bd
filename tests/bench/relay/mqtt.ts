import { once } from 'node:events'
import { connect } from 'node:net'
import { type Dial, type Line, neighbourOf } from './lines.ts'

/*
 * As much of MQTT 3.1.1 as the load needs: one topic a client, everything at QoS 1, sessions that outlive a connection.
 */

const kinds = { connect: 0x10, connack: 0x20, publish: 0x32, puback: 0x40, subscribe: 0x82, suback: 0x90 }

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest & 127) | 128)
  }
}

const packet = (kind: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([kind, ...varint(body.length)]), body])
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const text = (value: string): Buffer => Buffer.concat([u16(Buffer.byteLength(value)), Buffer.from(value)])

interface Packet {
  readonly kind: number
  readonly body: Buffer
}

/** Takes whole packets off the front of what has come; what is left over is kept for more. */
function packetsIn(bytes: Buffer): { readonly packets: readonly Packet[]; readonly rest: Buffer } {
  const packets: Packet[] = []
  let start = 0
  for (;;) {
    let [size, at, shift] = [0, start + 1, 0]
    for (;;) {
      if (at >= bytes.length) return { packets, rest: bytes.subarray(start) }
      const byte = bytes.readUInt8(at++)
      size += (byte & 127) << shift
      shift += 7
      if (byte < 128) break
    }
    if (at + size > bytes.length) return { packets, rest: bytes.subarray(start) }
    packets.push({ kind: bytes.readUInt8(start), body: bytes.subarray(at, at + size) })
    start = at + size
  }
}

const cleanSessionOff = 0x00
const topicOf = (place: number) => `d/${place}`

/** A client of an MQTT broker: its PUBACK is the answer, and it acknowledges each message that it gets. */
export const dialMqtt =
  (port: number, payloads: readonly Uint8Array[]): Dial =>
  async (place, ear) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    let rest: Buffer = Buffer.alloc(0)
    let lastId = 0
    let wake: (kind: number) => void = () => undefined
    const next = (kind: number) => new Promise<void>((done) => (wake = (came) => came === kind && done()))

    function take({ kind, body }: Packet): void {
      if (kind === kinds.puback) ear.done()
      else if ((kind & 0xf0) === 0x30) {
        const topicSizeBytes = body.readUInt16BE(0)
        socket.write(packet(kinds.puback, body.subarray(2 + topicSizeBytes, 4 + topicSizeBytes)))
      } else wake(kind)
    }

    socket.on('data', (chunk) => {
      const { packets, rest: left } = packetsIn(rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk)
      rest = left
      for (const one of packets) take(one)
    })
    socket.on('error', (error) => ear.failed(error.message))
    socket.on('close', () => ear.failed('the broker hung up'))

    const keepAliveSeconds = 0
    const hello = [text('MQTT'), Buffer.from([4, cleanSessionOff]), u16(keepAliveSeconds), text(`bench${place}`)]
    socket.write(packet(kinds.connect, ...hello))
    await next(kinds.connack)
    socket.write(packet(kinds.subscribe, u16(1), text(topicOf(place)), Buffer.from([1])))
    await next(kinds.suback)

    const topic = text(topicOf(neighbourOf(place)))
    const line: Line = {
      send() {
        lastId = (lastId % 0xffff) + 1
        const payload = payloads[lastId % payloads.length] ?? new Uint8Array()
        socket.write(packet(kinds.publish, topic, u16(lastId), payload))
      },
    }
    return line
  }
