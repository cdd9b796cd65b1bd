import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { fromBase64url } from '../../../crypto/bytes.ts'
import { answerChallenge } from '../../../crypto/identity.ts'
import { encodeSubmission, toJson } from '../../../server/api.ts'
import { resident } from './population.ts'

/** What a line hears, in the order in which it asked. */
export interface Ear {
  done(): void
  failed(reason: string): void
}

/** One authenticated sender and recipient. */
export interface Line {
  /** the next message to the neighbour */
  send(): void
}

export type Dial = (place: number, ear: Ear) => Promise<Line>

/** Neighbours talk to each other: 0 with 1, 2 with 3. */
export const neighbourOf = (place: number): number => place ^ 1

interface Frame {
  readonly type: string
  readonly challenge?: string
  readonly policyKey?: string
  readonly code?: string
}

/**
 * A device's socket, at our relay or at the forwarder: the same frames. It acknowledges what has come in one go of the
 * event loop at once, as a client does.
 */
export const dialSocket =
  (url: string, isOurs: boolean, envelopes: readonly Uint8Array[]): Dial =>
  (place, ear) =>
    new Promise((resolve, reject) => {
      const { device } = resident(place)
      const { user, id } = resident(neighbourOf(place)).device.record
      const address = `${url.replace('http', 'ws')}/${isOurs ? 'v1/socket' : device.record.user}`
      const socket = new WebSocket(address, { perMessageDeflate: false })
      const say = (frame: unknown) => socket.send(toJson(frame))
      let counter = 0
      let received = 0
      let acknowledged = 0

      const line: Line = {
        send() {
          counter += 1
          const envelope = envelopes[counter % envelopes.length] ?? new Uint8Array()
          socket.send(encodeSubmission(counter, { to: { user, device: id }, counter, envelope }))
        },
      }

      function acknowledge(): void {
        acknowledged = received
        socket.send(`{"type":"acknowledge","sequence":${received}}`)
      }

      function authenticate({ challenge = '', policyKey = '' }: Frame): void {
        const answer = answerChallenge(device, fromBase64url(policyKey), fromBase64url(challenge))
        say({ type: 'authenticate', user: answer.user, device: answer.id, signature: answer.signature, suite: 2 })
      }

      socket.on('message', (data, isBinary) => {
        if (isBinary) {
          // a fresh mailbox: its sequences are 1, 2, 3
          if (received === acknowledged) setImmediate(acknowledge)
          received += 1
          return
        }
        const frame = JSON.parse((data as Buffer).toString()) as Frame
        if (frame.type === 'done') ear.done()
        else if (frame.type === 'challenge') authenticate(frame)
        else if (frame.type === 'ready') resolve(line)
        else if (frame.type === 'refused') ear.failed(`refused: ${frame.code}`)
      })
      const again = () => sleep(500).then(() => dialSocket(url, isOurs, envelopes)(place, ear))
      // a relay takes so many new sockets a second, whoever asks
      socket.on('error', (error) => (error.message.endsWith(': 429') ? resolve(again()) : reject(error)))
      socket.on('open', () => socket.on('close', (code) => ear.failed(`the connection was closed: ${code}`)))
    })
