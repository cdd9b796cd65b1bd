import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Frames } from '../../server/frames.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('frames')

/** Where a frame's length takes another form, and text with characters of several bytes. */
const payloads = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000].map((sizeBytes) => random(sizeBytes))
const texts = ['', 'a', 'ä'.repeat(62), 'ä'.repeat(63), '🙂'.repeat(20_000), '{"type":"done","ref":1}']

describe('frames to a device', () => {
  it('are read by a client as they were put in, in order, with what ws writes itself between them', async () => {
    const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
    onTestFinished(() => sockets.close())
    await once(sockets, 'listening')
    const client = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`)
    onTestFinished(() => client.terminate())
    const heard: (string | Uint8Array)[] = []
    client.on('message', (data, isBinary) =>
      heard.push(isBinary ? new Uint8Array(data as Buffer) : (data as Buffer).toString()),
    )
    const [socket, request] = (await once(sockets, 'connection')) as [WebSocket, { socket: Socket }]
    const frames = new Frames(request.socket, { change: () => undefined }, { isOpen: true })
    const pinged = once(client, 'ping')
    for (const payload of payloads) frames.put(payload)
    socket.ping('now')
    for (const text of texts) frames.put(text)
    await pinged
    for (const all of [...payloads, ...texts]) frames.put(all)
    frames.flush()
    socket.close(1008)
    const [code] = (await once(client, 'close')) as [number]
    expect([code, heard]).toEqual([1008, [...payloads, ...texts, ...payloads, ...texts]])
  })

  it('of one turn are one piece, and are counted until the system has taken them', async () => {
    const written: number[] = []
    const stream = new PassThrough({ highWaterMark: 1 })
    const write = stream.write.bind(stream)
    stream.write = ((piece: Buffer, told: () => void) => {
      written.push(piece.length)
      return write(piece, told)
    }) as typeof stream.write
    let held = 0
    const speaker = { isOpen: true }
    const frames = new Frames(stream, { change: (_stream, bytes) => void (held += bytes) }, speaker)
    for (let i = 0; i < 3; i++) frames.put(new Uint8Array(100))
    frames.put('done')
    expect([written, held, frames.unsentBytes]).toEqual([[], 312, 312])
    await new Promise(setImmediate)
    expect(written).toEqual([312])
    stream.resume()
    await new Promise(setImmediate)
    expect([held, frames.unsentBytes]).toEqual([0, 0])
    frames.flush()
    expect(written).toEqual([312])
    frames.put('too late')
    speaker.isOpen = false
    await new Promise(setImmediate)
    expect([written, held, frames.unsentBytes]).toEqual([[312], 0, 0])
  })
})
