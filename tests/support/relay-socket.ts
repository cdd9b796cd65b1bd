import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { base64url, fromBase64url } from '../../crypto/bytes.ts'
import { answerChallenge, type ChallengeAnswer, type DeviceSecrets } from '../../crypto/identity.ts'
import type { PolicyKey } from '../../crypto/keys.ts'
import { decodeDelivery, type Delivery, type DeviceAddress, encodeSubmission } from '../../server/api.ts'
import { createNews } from './relay-news.ts'

export type Frame = Readonly<Record<string, unknown>>

/** A socket to a relay that sends whatever it is given, and remembers what comes. */
export class RawSocket {
  readonly ws: WebSocket
  /** text frames that came, after the challenge */
  readonly frames: Frame[] = []
  readonly mail: Delivery[] = []
  /** the code with which the relay ended the connection */
  readonly closed: Promise<number>
  #challenge: Frame = {}
  readonly #news = createNews()
  #address!: DeviceAddress
  #settled = 0

  constructor(url: string, options: ClientOptions) {
    this.ws = new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, { perMessageDeflate: false, ...options })
    this.closed = new Promise((resolve) =>
      this.ws.once('close', (code) => {
        resolve(code)
        this.#news.tell()
      }),
    )
    this.ws.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary))
    this.ws.on('error', () => this.ws.terminate())
    onTestFinished(() => this.ws.terminate())
  }

  #take(bytes: Buffer, isBinary: boolean): void {
    if (isBinary) this.mail.push(decodeDelivery(bytes))
    else {
      const frame = JSON.parse(bytes.toString()) as Frame
      if (frame['type'] === 'challenge') this.#challenge = frame
      else this.frames.push(frame)
    }
    this.#news.tell()
  }

  #until<T>(look: () => T | undefined): Promise<T> {
    return this.#news.until(() => {
      const found = look()
      if (found === undefined && this.ws.readyState === WebSocket.CLOSED)
        throw new Error(`the relay has closed, after ${JSON.stringify(this.frames.at(-1))}`)
      return found
    })
  }

  get policyKey(): PolicyKey {
    return fromBase64url(String(this.#challenge['policyKey'])) as PolicyKey
  }

  get challenge(): Uint8Array {
    return fromBase64url(String(this.#challenge['challenge']))
  }

  challenged = () => this.#until(() => this.#challenge['challenge'])

  pinged = async () => void (await once(this.ws, 'ping'))

  frame = (matches: (frame: Frame) => boolean) => this.#until(() => this.frames.find(matches))

  delivered = (count: number) => this.#until(() => (this.mail.length >= count ? this.mail : undefined))

  send(frame: Frame | string | Uint8Array): void {
    const isRaw = typeof frame === 'string' || frame instanceof Uint8Array
    this.ws.send(isRaw ? frame : JSON.stringify(frame))
  }

  /** the answer to a request, found by its ref */
  ask(frame: Frame): Promise<Frame> {
    this.send(frame)
    return this.frame(({ ref }) => ref === frame['ref'])
  }

  /** what the relay says last when it is sent this, and the code with which it then closes */
  async lastWords(frame: Frame | string | Uint8Array): Promise<{ said: Frame | undefined; code: number }> {
    this.send(frame)
    const code = await this.closed
    return { said: this.frames.at(-1), code }
  }

  async signIn(device: DeviceSecrets): Promise<this> {
    this.#address = { user: device.record.user, device: device.record.id }
    this.send(authenticate(answerChallenge(device, this.policyKey, this.challenge)))
    await this.frame(({ type }) => type === 'ready')
    return this
  }

  /** Resolves when all that the relay had to do and to send before this is done and sent: counter 0 is no news to it. */
  async settled(): Promise<void> {
    const ref = 0xffff_0000 + ++this.#settled
    this.send(encodeSubmission(ref, { to: this.#address, counter: 0, envelope: new Uint8Array() }))
    await this.frame((frame) => frame['ref'] === ref)
  }
}

export const authenticate = ({ user, id, signature }: ChallengeAnswer): Frame => ({
  type: 'authenticate',
  user,
  device: base64url(id),
  signature: base64url(signature),
  suite: 2,
})

/** A socket that has been given its challenge and has not answered it. */
export async function rawSocket(url: string, options: ClientOptions = {}): Promise<RawSocket> {
  const socket = new RawSocket(url, options)
  await socket.challenged()
  return socket
}

/** How an upgrade is refused, its connection over: status and body; or null when it is not. */
export async function upgradeRefused(url: string, headers: Record<string, string>): Promise<Refusal | null> {
  const { ws } = new RawSocket(url, { headers })
  const refusal = once(ws, 'unexpected-response').then(async ([, response]: IncomingMessage[]) => {
    const over = response && once(response.socket, 'close')
    const body = response ? await text(response) : ''
    await over
    return { status: response?.statusCode, body }
  })
  return Promise.race([refusal, once(ws, 'open').then(() => null)])
}

interface Refusal {
  readonly status: number | undefined
  readonly body: string
}
