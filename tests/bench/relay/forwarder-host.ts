import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { answerParent } from './processes.ts'

/*
 * The floor of a relay in this language: takes the same frames, hands each to the socket it is for and answers the
 * sender. Nothing is checked, nobody authenticates, nothing is kept.
 */

const sockets = new Map<string, WebSocket>()
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
await once(server, 'listening')

server.on('connection', (socket, request) => {
  sockets.set((request.url ?? '').slice(1), socket)
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return
    const frame = data as Buffer
    const recipient = frame.toString('latin1', 9, 9 + frame.readUInt32BE(5))
    sockets.get(recipient)?.send(frame)
    socket.send(JSON.stringify({ type: 'done', ref: frame.readUInt32BE(1) }))
  })
  socket.send(JSON.stringify({ type: 'ready' }))
})

answerParent({ url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
