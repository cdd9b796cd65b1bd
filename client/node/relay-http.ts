import { WebSocket } from 'ws'
import type { z } from 'zod'
import { base64url } from '../../crypto/bytes.ts'
import type { Digest } from '../../crypto/keys.ts'
import {
  accessSchema,
  type Answer,
  type Connection,
  countersMaximum,
  decodeDelivery,
  encodeSubmission,
  errorSchema,
  frameMaximumBytes,
  type FromDevice,
  type Listener,
  noteSchema,
  policiesMaximum,
  policiesSchema,
  type Relay,
  RelayError,
  relaySchema,
  type SentCounter,
  type ToDevice,
  toDeviceSchema,
  toJson,
  vouchSchema,
} from '../../server/api.ts'
import { exchange, faultOf, type Security, securityFor } from './relay-request.ts'

const answerWithinMs = 15_000
const leaveWithinMs = 1_000
/** More than this, page by page, no honest relay has to say. */
const pagedMaximum = 100_000
/** The relay pings twice a minute; silence for longer means that it, or the way to it, is gone. */
const silentForMs = 75_000

/**
 * The relay across the network: requests by HTTP, mail by WebSocket.
 * @param url `http://` or `https://`, without a path
 * @param ca PEM; with https, the only authorities whose certificates are taken. null for those that this machine trusts
 */
export function relayAt(url: string, ca: string | null = null): Relay {
  const security = securityFor(ca)

  async function ask<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S | null,
    body?: unknown,
    token?: string,
  ): Promise<z.output<S>> {
    const address = new URL(path, url)
    const question = {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: toJson(body) }),
    }
    const { status, text } = await exchange(address, question, security)
    const answer = parseJson(text)
    if (status < 200 || status > 299) {
      const said = errorSchema.safeParse(answer)
      throw said.success ? new RelayError(said.data.code, said.data.message) : unreachable(url)
    }
    if (!schema) return undefined as z.output<S>
    const parsed = schema.safeParse(answer)
    if (!parsed.success) throw new RelayError('internal', 'the answer is not that of a doormat relay')
    return parsed.data
  }

  return {
    policyKey: async () => (await ask('GET', '/v1/relay', relaySchema)).policyKey,
    vouch: async (nonce, where) => (await ask('POST', '/v1/whereabouts', vouchSchema, { nonce, ...where })).signature,
    leaveNote: async (slot, step, note) => void (await ask('PUT', notePath(slot, step), null, { note })),
    readNote: async (slot, step) => (await ask('GET', notePath(slot, step), noteSchema)).note,
    register: async (list) => void (await ask('POST', '/v1/accounts', null, { list })),
    async policies(afterEpoch) {
      const all: Uint8Array[] = []
      for (;;) {
        const { links } = await ask('GET', `/v1/policies?after=${afterEpoch + all.length}`, policiesSchema)
        all.push(...links)
        if (all.length > pagedMaximum) throw endless()
        if (links.length < policiesMaximum) return all
      }
    },
    returnPolicy: async (link) => void (await ask('POST', '/v1/policies', null, { link })),
    access: () => ask('GET', '/v1/access', accessSchema),
    switchAccess: (token, mode, parameters) => ask('PUT', '/v1/access', accessSchema, { mode, parameters }, token),
    installTap: async (token, mode, instrument) =>
      void (await ask('POST', '/v1/taps', null, { mode, instrument }, token)),
    connect: (answer, listener) => connect(url, security, answer, listener),
  }
}

const notePath = (slot: Digest, step: number) => `/v1/links/${base64url(slot)}/${step}`

const endless = () => new RelayError('internal', 'the answer of the relay has no end')

const unreachable = (url: string) => new RelayError('unreachable', `no relay answers at ${url}`)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

interface Waiting {
  resolve(frame: ToDevice): void
  reject(error: RelayError): void
}

function connect(url: string, security: Security, answer: Answer, listener: Listener): Promise<Connection> {
  const address = new URL('/v1/socket', url)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address, {
    ...security,
    perMessageDeflate: false,
    maxPayload: 2 * frameMaximumBytes,
    handshakeTimeout: answerWithinMs,
  })
  const waiting = new Map<number, Waiting>()
  let lastRef = 0
  let reason: RelayError | null = null
  let closedByUs = false

  return new Promise((resolve, reject) => {
    let ready = false
    let silence = setTimeout(() => socket.terminate(), silentForMs)
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => socket.terminate(), silentForMs)
    }

    /** As long as something is asked, answers have to come. */
    let patience = setTimeout(() => socket.terminate(), answerWithinMs)
    const beginToWait = () => {
      clearTimeout(patience)
      patience = setTimeout(() => socket.terminate(), answerWithinMs)
    }
    const answered = () => (waiting.size > 0 ? beginToWait() : clearTimeout(patience))

    const send = (frame: FromDevice) => socket.send(toJson(frame))

    const question = (write: (ref: number) => void) =>
      new Promise<ToDevice>((resolve, refused) => {
        if (socket.readyState !== WebSocket.OPEN) return refused(reason ?? unreachable(url))
        lastRef = (lastRef + 1) % 0x1_0000_0000
        const ref = lastRef
        if (waiting.size === 0) beginToWait()
        waiting.set(ref, { resolve, reject: refused })
        write(ref)
      })

    /** Asks by a text frame, and takes only the kind of answer that belongs to it. */
    async function ask<K extends ToDevice['type']>(
      type: K,
      frame: (ref: number) => FromDevice,
    ): Promise<Extract<ToDevice, { type: K }>> {
      const reply = await question((ref) => send(frame(ref)))
      if (reply.type !== type) throw new RelayError('internal', 'the relay answered something else')
      return reply as Extract<ToDevice, { type: K }>
    }

    const connection: Connection = {
      publishPrekeys: async (prekeys, replace) =>
        void (await ask('done', (ref) => ({ type: 'publish-prekeys', ref, replace, prekeys: [...prekeys] }))),
      countPrekeys: () => ask('prekey-counts', (ref) => ({ type: 'count-prekeys', ref })),
      devices: async (user) => (await ask('device-list', (ref) => ({ type: 'devices', ref, user }))).list,
      bundle: async ({ user, device }) =>
        (await ask('prekey-bundle', (ref) => ({ type: 'bundle', ref, user, device }))).bundle,
      reserveLink: async (slot) => void (await ask('done', (ref) => ({ type: 'reserve-link', ref, slot }))),
      async sent() {
        const all: SentCounter[] = []
        for (;;) {
          const { counters } = await ask('sent-counters', (ref) => ({ type: 'sent', ref, skip: all.length }))
          all.push(...counters.map(({ user, device, counter, digest }) => ({ to: { user, device }, counter, digest })))
          if (counters.length < countersMaximum) return all
          if (all.length > pagedMaximum) throw endless()
        }
      },
      async submit(submission) {
        await question((ref) => socket.send(encodeSubmission(ref, submission)))
      },
      async acknowledge(sequence) {
        if (socket.readyState === WebSocket.OPEN) send({ type: 'acknowledge', sequence })
      },
      close() {
        closedByUs = true
        socket.close()
        // a relay that does not say goodbye is not waited for
        setTimeout(() => socket.terminate(), leaveWithinMs).unref()
      },
    }

    function onFrame(frame: ToDevice): void {
      if (frame.type === 'challenge') {
        const { user, id, signature } = answer(frame.policyKey, frame.challenge)
        return send({ type: 'authenticate', user, device: id, signature })
      }
      if (frame.type === 'ready') {
        ready = true
        answered()
        listener.ready()
        return resolve(connection)
      }
      if (frame.type === 'policy') return listener.policy(frame.link)
      if (frame.ref === null) {
        if (frame.type === 'refused') reason = new RelayError(frame.code, frame.message)
        return
      }
      const asked = waiting.get(frame.ref)
      waiting.delete(frame.ref)
      answered()
      if (frame.type === 'refused') asked?.reject(new RelayError(frame.code, frame.message))
      else asked?.resolve(frame)
    }

    /** What a relay sends that cannot be understood ends the connection; what `answer` throws is ours to report. */
    function onMessage(bytes: Buffer, isBinary: boolean): void {
      heard()
      try {
        if (isBinary) return listener.deliver(decodeDelivery(bytes))
        const frame = toDeviceSchema.safeParse(JSON.parse(bytes.toString('utf8')))
        if (!frame.success) throw new RelayError('internal', 'a frame that is not of a doormat relay')
        onFrame(frame.data)
      } catch (error) {
        reason =
          error instanceof RelayError ? error : new RelayError('internal', 'a frame that is not of a doormat relay')
        if (!ready) reject(error instanceof SyntaxError ? reason : error)
        socket.close()
      }
    }

    socket.on('message', (data, isBinary) => onMessage(data as Buffer, isBinary))
    socket.on('ping', heard)
    socket.on('error', (error) => {
      reason ??= faultOf(new URL(url), error)
      socket.terminate()
    })
    socket.on('close', () => {
      clearTimeout(silence)
      clearTimeout(patience)
      const error = reason ?? unreachable(url)
      for (const asked of waiting.values()) asked.reject(error)
      waiting.clear()
      if (ready) listener.closed(closedByUs ? null : error)
      else reject(error)
    })
  })
}
