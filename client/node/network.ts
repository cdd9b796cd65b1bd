import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { WebSocket } from 'ws'
import { frameMaximumBytes, RelayError } from '../../server/api.ts'
import type { Network, Question, Reply, Socket, SocketEar } from '../device/network.ts'

const answerWithinMs = 15_000
const answerMaximumBytes = 1024 * 1024
/** At the slowest that a part of a file is waited for, 256 KiB take as long as this: some 900 bytes a second. */
const largeWithinMs = 5 * 60_000

/** How every connection to a relay is secured: nothing in the environment may turn that off. */
interface Security {
  readonly rejectUnauthorized: true
  readonly minVersion: 'TLSv1.2'
  /** PEM; the only authorities trusted, in place of those that this machine trusts */
  readonly ca?: string
}

const securityFor = (ca: string | null): Security => ({
  rejectUnauthorized: true,
  minVersion: 'TLSv1.2',
  ...(ca === null ? {} : { ca }),
})

/** On a connection of its own. */
function exchange(address: URL, question: Question, security: Security): Promise<Reply> {
  const { method, headers, body, isLarge = false } = question
  const [send, tls] = address.protocol === 'https:' ? [requestHttps, security] : [requestHttp, {}]
  const silence = createSilence(answerWithinMs)
  const limits = [silence.signal, AbortSignal.timeout(isLarge ? largeWithinMs : answerWithinMs)]
  const signal = AbortSignal.any(question.signal ? [...limits, question.signal] : limits)
  const answered = new Promise<Reply>((resolve, reject) => {
    const fail = (error: Error) => reject(error instanceof RelayError ? error : faultOf(address, error))
    const asking = send(address, { ...tls, method, headers, agent: false, signal }, (response) => {
      readAll(response, silence.heard).then((bytes) => resolve({ status: response.statusCode ?? 0, bytes }), fail)
    })
    asking.on('error', fail)
    asking.end(body)
  })
  return answered.finally(silence.over)
}

/** Its signal is given when nothing has been heard for so long. */
function createSilence(ms: number) {
  const silent = new AbortController()
  const begin = () => setTimeout(() => silent.abort(), ms).unref()
  let timer = begin()
  const over = () => clearTimeout(timer)
  const heard = () => {
    over()
    timer = begin()
  }
  return { signal: silent.signal, heard, over }
}

async function readAll(response: IncomingMessage, heard: () => void): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    heard()
    sizeBytes += part.length
    if (sizeBytes > answerMaximumBytes) throw new RelayError('internal', 'the answer is longer than any of a relay')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** What Node and OpenSSL call the faults of a certificate that have a sentence of their own. */
const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: "is not valid yet, if this machine's clock is right",
  ERR_TLS_CERT_ALTNAME_INVALID: 'is that of another name',
}

/** how `ws` says that the relay would have no socket */
const upgradeRefused = (status: number) => `Unexpected server response: ${status}`

/** What a failed connection means. */
function faultOf(address: URL, error: Error): RelayError {
  const code = 'code' in error ? String(error.code) : ''
  const fault = certificateFaults[code]
  if (fault) return new RelayError('bad-certificate', `the certificate of ${address.origin} ${fault}`)
  if (/CERT|ISSUER|LEAF_SIGNATURE|INVALID_(CA|PURPOSE)/.test(code))
    return new RelayError('bad-certificate', `the certificate of ${address.origin} is signed by nobody trusted here`)
  if (error.message === upgradeRefused(403))
    return new RelayError(
      'foreign-host',
      `the relay does not go by the name ${address.hostname}; its operator can give it: doormat relay --name ${address.hostname}`,
    )
  if (error.message === upgradeRefused(429))
    return new RelayError('too-many', 'the relay has as many connections as it takes')
  return new RelayError('unreachable', `no relay answers at ${address.origin}`)
}

function open(address: URL, ear: SocketEar, security: Security): Socket {
  const socket = new WebSocket(address, {
    ...security,
    perMessageDeflate: false,
    maxPayload: 2 * frameMaximumBytes,
    handshakeTimeout: answerWithinMs,
  })
  const page = new URL(address)
  page.protocol = address.protocol === 'wss:' ? 'https:' : 'http:'
  let fault: RelayError | null = null
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer
    if (isBinary) ear.bytes(bytes)
    else ear.text(bytes.toString('utf8'))
  })
  socket.on('ping', () => ear.pinged())
  socket.on('error', (error) => {
    fault ??= faultOf(page, error)
    socket.terminate()
  })
  socket.on('close', () => ear.closed(fault))
  return {
    get isOpen() {
      return socket.readyState === WebSocket.OPEN
    },
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
    terminate: () => socket.terminate(),
  }
}

/**
 * Node's.
 * @param ca PEM; with https, the only authorities whose certificates are taken. null for those that this machine trusts
 */
export function nodeNetwork(ca: string | null): Network {
  const security = securityFor(ca)
  return {
    exchange: (address, question) => exchange(address, question, security),
    open: (address, ear) => open(address, ear, security),
    hearsPings: true,
  }
}
