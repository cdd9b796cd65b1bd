import {
  type Answer,
  type Connection,
  countersMaximum,
  decodeDelivery,
  encodeSubmission,
  type FromDevice,
  type Listener,
  RelayError,
  type RelayErrorCode,
  type SentCounter,
  type ToDevice,
  toDeviceSchema,
  toJson,
} from '../../server/api.ts'
import type { Network } from './network.ts'

const answerWithinMs = 15_000
const leaveWithinMs = 1_000
/** More than this, page by page, no honest relay has to say. */
export const pagedMaximum = 100_000
/** The relay pings twice a minute; silence for longer means that it, or the way to it, is gone. */
const silentForMs = 75_000
/** How often something is asked where pings are not heard. */
const askEveryMs = 30_000

export const endless = () => new RelayError('internal', 'the answer of the relay has no end')

export const unreachable = (url: string) => new RelayError('unreachable', `no relay answers at ${url}`)

interface Waiting {
  resolve(frame: ToDevice): void
  reject(error: RelayError): void
}

/** @throws RelayError as `connect` in server/api.ts says, and what `answer` throws */
export function connectOver(network: Network, url: string, answer: Answer, listener: Listener): Promise<Connection> {
  const address = new URL('/v1/socket', url)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const waiting = new Map<number, Waiting>()
  let lastRef = 0
  let reason: RelayError | null = null
  let closedByUs = false

  return new Promise((resolve, reject) => {
    let ready = false
    let leaving: ReturnType<typeof setTimeout> | undefined
    let pulse: ReturnType<typeof setInterval> | undefined
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
        if (!socket.isOpen) return refused(reason ?? unreachable(url))
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
      reserveBlob: async (id, sizeBytes) =>
        void (await ask('done', (ref) => ({ type: 'reserve-blob', ref, blob: id, sizeBytes }))),
      removeBlob: async (id) => void (await ask('done', (ref) => ({ type: 'remove-blob', ref, blob: id }))),
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
        if (socket.isOpen) send({ type: 'acknowledge', sequence })
      },
      close() {
        closedByUs = true
        // a relay that does not say goodbye is not waited for
        leaving ??= setTimeout(() => socket.terminate(), leaveWithinMs)
        socket.close()
      },
    }

    function onFrame(frame: ToDevice): void {
      if (frame.type === 'challenge') {
        const { user, id, signature } = answer(frame.policyKey, frame.challenge)
        return send({ type: 'authenticate', user, device: id, signature, suite: 2 })
      }
      if (frame.type === 'ready') {
        ready = true
        answered()
        listener.ready()
        if (!network.hearsPings) pulse = setInterval(askForALife, askEveryMs)
        return resolve(connection)
      }
      if (frame.type === 'policy') return listener.policy(frame.link)
      if (frame.ref === null) {
        if (frame.type === 'refused') reason = refusalBefore(ready, frame.code, frame.message)
        return
      }
      const asked = waiting.get(frame.ref)
      waiting.delete(frame.ref)
      answered()
      if (frame.type === 'refused') asked?.reject(new RelayError(frame.code, frame.message))
      else asked?.resolve(frame)
    }

    /** What a relay sends that cannot be understood ends the connection; what `answer` throws is ours to report. */
    function understand(work: () => void): void {
      heard()
      try {
        work()
      } catch (error) {
        reason =
          error instanceof RelayError ? error : new RelayError('internal', 'a frame that is not of a doormat relay')
        if (!ready) reject(error instanceof SyntaxError ? reason : error)
        socket.close()
      }
    }

    /** Whatever the answer is, it is one. */
    const askForALife = () => void connection.countPrekeys().catch(() => undefined)

    const socket = network.open(address, {
      bytes: (bytes) => understand(() => listener.deliver(decodeDelivery(bytes))),
      text: (text) =>
        understand(() => {
          const frame = toDeviceSchema.safeParse(JSON.parse(text))
          if (!frame.success) throw new RelayError('internal', 'a frame that is not of a doormat relay')
          onFrame(frame.data)
        }),
      pinged: heard,
      closed(fault) {
        for (const timer of [silence, patience, leaving]) clearTimeout(timer)
        clearInterval(pulse)
        const error = reason ?? fault ?? unreachable(url)
        for (const asked of waiting.values()) asked.reject(error)
        waiting.clear()
        if (ready) listener.closed(closedByUs ? null : error)
        else reject(error)
      },
    })
  })
}

/** A relay that does not understand how we introduce ourselves is of an earlier version. */
const refusalBefore = (ready: boolean, code: RelayErrorCode, message: string): RelayError =>
  ready || code !== 'bad-request'
    ? new RelayError(code, message)
    : new RelayError(
        code,
        `the relay does not take this version of doormat, and has to be brought up to date first (${message})`,
      )
