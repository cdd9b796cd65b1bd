import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { ChallengeAnswer } from '../crypto/identity.ts'
import type { PolicyKey } from '../crypto/keys.ts'
import {
  decodeSubmission,
  type Delivery,
  encodeDelivery,
  fromDeviceSchema,
  type Listener,
  RelayError,
  type ToDevice,
  toJson,
} from './api.ts'
import type { LocalConnection } from './connection.ts'
import { Frames, type Speaker } from './frames.ts'
import { isAnswered } from './heart.ts'
import type { Holdings } from './holdings.ts'
import { parse } from './http.ts'
import type { Seats } from './limits.ts'
import { answer } from './questions.ts'
import type { LocalRelay } from './relay.ts'
import type { Strangers } from './strangers.ts'
import { Unfinished } from './unfinished.ts'

const authenticateWithinMs = 10_000
/** With more than this unsent, the reader is too slow for what it asks. */
const unsentMaximumBytes = 4 * 1024 * 1024
/** What a stranger may say on a socket before its device is known: a proof has some 300 bytes. */
const introductionMaximumBytes = 4096
/** Pings, and pongs that answer none, of a stranger. */
const introductionDisturbances = 10
/** What still comes once a connection is ended is thrown away, and if it is more than this, its sender is not waited for. */
const lateMaximumBytes = 1024 * 1024
/** With so much of one device waiting for its commit, nothing more is read from it until that is over. */
const uncommittedMaximumBytes = 1024 * 1024

/** What all sockets share. */
export interface ServeParts {
  readonly relay: LocalRelay
  readonly policyKey: PolicyKey
  readonly strangers: Strangers
  /** seats for those who have not yet said who they are */
  readonly unknown: Seats
  readonly holdings: Holdings
  readonly tell: (error: unknown) => void
}

/** The other side speaks no WebSocket, or has gone away. That is no fault of the relay, and no line in its log. */
export const isOfThePeer = (error: NodeJS.ErrnoException): boolean =>
  error.syscall !== undefined || (error.code ?? '').startsWith('WS_ERR_')

/** @param stream what the socket reads from and writes to */
export function serve(socket: WebSocket, stream: Socket, parts: ServeParts): void {
  const device = new DeviceSocket(socket, stream, parts)
  socket.on('message', (data, isBinary) => device.heard(data as Buffer, isBinary))
  socket.on('ping', (payload) => device.pinged(payload))
  socket.on('pong', (payload) => device.ponged(payload))
  socket.on('error', (error) => device.failed(error))
  socket.on('close', () => device.gone())
  // behind the listener of `ws`, which has taken out of it what is whole
  stream.on('data', ({ length }: Buffer) => device.came(length))
}

/** Somebody of whom nothing is known yet. */
interface Introduction {
  readonly challenge: Uint8Array
  /** gives back what a stranger takes */
  readonly end: () => void
  /** how often something came that nobody asked for */
  disturbances: number
}

/** One device's socket. Thousands may say nothing for hours, so each holds on to little. */
class DeviceSocket implements Listener, Speaker {
  private readonly socket: WebSocket
  private readonly stream: Socket
  private readonly parts: ServeParts
  private readonly frames: Frames
  private introduction: Introduction | null
  private connection: LocalConnection | null = null
  /** what has come while the relay looks whose device this is */
  private early: [Buffer, boolean][] | null = null
  private readonly unfinished = new Unfinished()
  private readonly place = { given: 0, after: 0 }
  /** what has come since the connection was ended */
  private lateBytes = 0
  /** envelopes that wait for their commit */
  private uncommittedBytes = 0

  constructor(socket: WebSocket, stream: Socket, parts: ServeParts) {
    this.socket = socket
    this.stream = stream
    this.parts = parts
    this.frames = new Frames(stream, parts.holdings, this)
    this.introduction = this.introduced()
    this.send({ type: 'challenge', challenge: this.introduction.challenge, policyKey: parts.policyKey })
  }

  ready(): void {
    this.send({ type: 'ready' })
  }

  deliver(delivery: Delivery): void {
    this.push(encodeDelivery(delivery))
  }

  policy(link: Uint8Array): void {
    this.send({ type: 'policy', link })
  }

  closed(error: RelayError | null): void {
    if (error) this.giveUp(error)
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  heard(bytes: Buffer, isBinary: boolean): void {
    this.finished(bytes.length)
    this.take(bytes, isBinary)
  }

  pinged(payload: Buffer): void {
    this.finished(payload.length)
    this.disturbed()
  }

  ponged(payload: Buffer): void {
    this.finished(payload.length)
    if (!isAnswered(this.socket, payload)) this.disturbed()
  }

  failed(error: Error): void {
    if (!isOfThePeer(error)) this.parts.tell(error)
    this.socket.terminate()
  }

  gone(): void {
    this.endIntroduction()
    this.connection?.close()
  }

  private finished(sizeBytes: number): void {
    this.unfinished.finished(sizeBytes)
  }

  private disturbed(): void {
    if (!this.isOpen) return
    if (!this.introduction) return this.connection?.disturbed()
    this.introduction.disturbances += 1
    if (this.introduction.disturbances > introductionDisturbances)
      this.giveUp(new RelayError('too-many', 'say who you are before anything else'))
  }

  came(sizeBytes: number): void {
    if (!this.isOpen) {
      this.lateBytes += sizeBytes
      if (this.lateBytes > lateMaximumBytes) this.stream.destroy()
    }
    this.parts.holdings.change(this.stream, this.unfinished.came(sizeBytes))
    const isUnknown = !this.connection && !this.early
    if (isUnknown && this.unfinished.sizeBytes > introductionMaximumBytes) this.stream.destroy()
  }

  /** Takes a stranger's place, for as long as this is one. */
  private introduced(): Introduction {
    const { relay, strangers, unknown } = this.parts
    const challenge = relay.challenge()
    const deadline = setTimeout(
      () => this.giveUp(new RelayError('not-authenticated', 'no answer to the challenge in time')),
      authenticateWithinMs,
    )
    const leave = unknown.take(() =>
      this.giveUp(new RelayError('too-many', 'too many are connecting, and this connection had waited longest')),
    )
    const end = () => {
      clearTimeout(deadline)
      leave()
      relay.dismiss(challenge)
      strangers.introduced(this.stream)
    }
    return { challenge, end, disturbances: 0 }
  }

  private endIntroduction(): void {
    this.introduction?.end()
    this.introduction = null
  }

  private take(bytes: Buffer, isBinary: boolean): void {
    if (!this.isOpen) return
    if (this.early) return void this.early.push([bytes, isBinary])
    try {
      if (isBinary) this.onSubmission(bytes)
      else this.onText(bytes.toString('utf8'))
    } catch (error) {
      this.giveUp(error)
    }
  }

  private onText(text: string): void {
    const frame = parse(fromDeviceSchema, parseJson(text))
    if (frame.type === 'authenticate') {
      if (!this.introduction) throw new RelayError('bad-request', 'this socket is authenticated already')
      const { user, device, signature, suite } = frame
      // before it hands in prekeys that nobody takes, and gives up older ones for them
      if (!suite) throw new RelayError('bad-request', 'this relay asks for a later version of doormat')
      return void this.admit(this.introduction.challenge, { user, id: device, signature })
    }
    const { connection } = this
    if (!connection) throw new RelayError('not-authenticated', 'authenticate first')
    if (frame.type === 'acknowledge')
      return void connection.acknowledge(frame.sequence).catch((error: unknown) => this.giveUp(error))
    answer(connection, frame, this.place).then(
      (said) => this.send(said),
      (error: unknown) => this.send(this.refusal(frame.ref, error)),
    )
  }

  private onSubmission(bytes: Buffer): void {
    if (!this.connection) throw new RelayError('not-authenticated', 'authenticate first')
    const { ref, submission } = decodeSubmission(bytes)
    this.uncommitted(bytes.length)
    this.connection.post(submission, (fault) => {
      this.uncommitted(-bytes.length)
      if (fault === null) this.push(`{"type":"done","ref":${ref}}`)
      else this.send(this.refusal(ref, fault))
    })
  }

  /** @param change by how many bytes there are more now, or fewer */
  private uncommitted(change: number): void {
    this.parts.holdings.change(this.stream, change)
    const before = this.uncommittedBytes > uncommittedMaximumBytes
    this.uncommittedBytes += change
    const isMuch = this.uncommittedBytes > uncommittedMaximumBytes
    if (isMuch === before || !this.isOpen) return
    if (isMuch) this.socket.pause()
    else this.socket.resume()
  }

  /** What comes meanwhile is answered afterwards. */
  private async admit(challenge: Uint8Array, proof: ChallengeAnswer): Promise<void> {
    const early: [Buffer, boolean][] = []
    this.early = early
    this.socket.pause()
    try {
      this.connection = await this.parts.relay.admit(challenge, proof, this)
      this.endIntroduction()
    } catch (error) {
      this.giveUp(error)
    }
    this.early = null
    for (const [bytes, isBinary] of early) this.take(bytes, isBinary)
    if (this.uncommittedBytes <= uncommittedMaximumBytes) this.socket.resume()
    if (!this.isOpen) this.connection?.close()
  }

  private refusal(ref: number | null, error: unknown): ToDevice {
    const known = error instanceof RelayError ? error : new RelayError('internal', 'the relay failed; its log says why')
    if (known !== error) this.parts.tell(error)
    return { type: 'refused', ref, code: known.code, message: known.message }
  }

  /** A frame that cannot be answered by its ref ends the connection, with the reason in the last frame. */
  private giveUp(error: unknown): void {
    if (!this.isOpen) return
    this.frames.put(toJson(this.refusal(null, error)))
    this.frames.flush()
    this.socket.close(1008)
  }

  private send(frame: ToDevice): void {
    this.push(toJson(frame))
  }

  private push(data: string | Uint8Array): void {
    if (!this.isOpen) return
    if (this.frames.unsentBytes <= unsentMaximumBytes) this.frames.put(data)
    else this.giveUp(new RelayError('too-slow', 'what is asked for is not being read'))
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RelayError('bad-request', 'the frame is not JSON')
  }
}
