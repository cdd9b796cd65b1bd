import { createServer, type IncomingMessage, request, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { decodeDelivery, decodeSubmission } from '../../server/api.ts'
import type { Random } from '../../crypto/random.ts'
import { below } from './random.ts'

export const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port

/** from a device: an envelope, anything else (an acknowledgement, mostly); and the same from the relay */
export const frameKinds = ['submission', 'request', 'delivery', 'answer'] as const
type FrameKind = (typeof frameKinds)[number]

interface Frame {
  readonly bytes: Buffer
  readonly isBinary: boolean
}

const lateMaximumMs = 300

/**
 * Somebody between devices and relay who speaks their protocol. They keep a copy of every envelope. As long
 * as they are not calm, as at first, whole envelopes come twice, late, in another order, or not at all.
 */
export async function openMiddle(relayPort: number, random: Random) {
  const state = { calm: true, doubled: 0, late: 0, dropped: 0 }
  const submitted: Uint8Array[] = []
  const delivered: Uint8Array[] = []
  const sockets = new Set<WebSocket>()
  /** is told of each frame as it comes, and of whose connection it is */
  let witness: (kind: FrameKind, user: string) => void = () => undefined

  /** Sends a frame on, or what the middle makes of it. */
  function pass(frame: Frame, to: WebSocket, cut: () => void): void {
    const send = () => to.readyState === WebSocket.OPEN && to.send(frame.bytes, { binary: frame.isBinary })
    const fate = state.calm || !frame.isBinary ? 0 : below(24, random)
    if (fate === 1) {
      state.dropped += 1
      return void setTimeout(cut, below(lateMaximumMs, random))
    }
    const isLate = fate >= 2 && fate <= 4
    const isDoubled = fate >= 5 && fate <= 8
    if (isLate) state.late += 1
    else send()
    if (isDoubled) state.doubled += 1
    if (isLate || isDoubled) setTimeout(send, below(lateMaximumMs, random))
  }

  function join(near: WebSocket): void {
    const far = new WebSocket(`ws://127.0.0.1:${relayPort}/v1/socket`, { perMessageDeflate: false })
    const cut = () => [near, far].forEach((socket) => socket.terminate())
    const early: Frame[] = []
    let user = ''
    near.on('message', (data: RawData, isBinary: boolean) => {
      const frame = { bytes: data as Buffer, isBinary }
      if (isBinary) submitted.push(decodeSubmission(frame.bytes).submission.envelope)
      else user ||= userIn(frame.bytes)
      witness(isBinary ? 'submission' : 'request', user)
      if (far.readyState === WebSocket.OPEN) pass(frame, far, cut)
      else early.push(frame)
    })
    far.on('open', () => early.forEach((frame) => pass(frame, far, cut)))
    far.on('message', (data: RawData, isBinary: boolean) => {
      const frame = { bytes: data as Buffer, isBinary }
      if (isBinary) delivered.push(decodeDelivery(frame.bytes).envelope)
      witness(isBinary ? 'delivery' : 'answer', user)
      pass(frame, near, cut)
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => socket.terminate())
      socket.on('close', () => {
        sockets.delete(socket)
        other.close()
      })
    }
  }

  /** Requests go through as they are. */
  function forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = incoming
    const onward = request({ port: relayPort, host: '127.0.0.1', method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.on('error', () => answer.destroy())
      response.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    incoming.pipe(onward)
  }

  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer(forward)
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
    upgrades.handleUpgrade(incoming, socket, head, join),
  )
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    port: portOf(server),
    state,
    /** every envelope that reached the middle from a device, and from the relay */
    submitted,
    delivered,
    /** Waits for so many frames, but not for ever. @returns at once when the last comes, whose connection it came on */
    frames(wanted: FrameKind, count: number, patienceMs: number): Promise<string> {
      let left = count
      return new Promise((resolve) => {
        const impatient = setTimeout(() => resolve(''), patienceMs)
        witness = (kind, user) => {
          if (kind === wanted) left -= 1
          if (left > 0) return
          clearTimeout(impatient)
          resolve(user)
        }
      })
    },
    close() {
      server.close()
      server.closeAllConnections()
      for (const socket of sockets) socket.terminate()
    },
  }
}

/** Whose name stands in the first frame of a device, which proves it. */
const userIn = (bytes: Buffer) => (JSON.parse(bytes.toString()) as { user?: string }).user ?? ''
