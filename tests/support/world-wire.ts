import {
  type Connection,
  type Delivery,
  type DeviceAddress,
  type Listener,
  type Relay,
  RelayError,
  type Submission,
} from '../../server/api.ts'

/** What a device asks of its relay, each a moment at which the connection can end. */
export type Step = 'policies' | 'connect' | 'blob' | 'putBlob' | 'readBlob' | Exclude<keyof Connection, 'close'>

type Lies = { [K in Step | 'policyKey']?: (truth: never) => unknown }

/**
 * One device's way to the relay, with somebody on it who records, drops, doubles, holds back and lies. By default it
 * is honest. It counts what it delivers by itself, as a relay would, so that it can deliver what it likes.
 */
export interface Wire extends Relay {
  /** every submission that left the device, also those that never arrived */
  readonly submitted: readonly Submission[]
  /** is told of each of them */
  witness: (submission: Submission) => void
  /** how often each step was asked for */
  readonly asked: (step: Step) => number
  /** what the device is told in place of the answer; takes the true one */
  readonly lies: Lies
  /** what the relay says to a submission instead of taking it; at first nothing */
  refuses: (submission: Submission) => RelayError | null
  /** what becomes of an envelope on its way to the device; at first itself */
  route: (delivery: Delivery) => readonly Pick<Delivery, 'from' | 'envelope'>[]
  /** whether deliveries get sequences of the wire's own; without, nothing can be injected or routed */
  renumbers: boolean
  /** whether news of the policy chain comes through */
  tellsPolicy: boolean
  /** how many envelopes `route` has swallowed */
  readonly withheld: number
  /** Ends the connection at the next such step: before the relay hears of it, or before its answer comes back. */
  cutAt(step: Step, when: 'before' | 'after'): void
  /** cuts that have not happened yet */
  readonly cutsAhead: number
  /** Ends the connection now. */
  cut(): void
  /** An envelope that the relay never had, or delivers once more. */
  inject(from: DeviceAddress, envelope: Uint8Array): void
}

const gone = () => new RelayError('unreachable', 'the wire is cut')

export function wireTo(relay: () => Relay): Wire {
  const submitted: Submission[] = []
  const asked = new Map<Step, number>()
  const cuts = new Set<string>()
  /** the relay's sequence -> the last of ours that it became */
  const numbers = new Map<number, number>()
  const delivered: Delivery[] = []
  let acknowledged = 0
  let withheld = 0
  let current: { end(): void; deliver(delivery: Delivery): void } | null = null

  function cutNow(step: Step, when: 'before' | 'after'): void {
    if (!cuts.delete(`${when} ${step}`)) return
    current?.end()
    throw gone()
  }

  async function pass<T>(step: Step, work: () => Promise<T>, isOpen = () => true): Promise<T> {
    asked.set(step, (asked.get(step) ?? 0) + 1)
    cutNow(step, 'before')
    const truth = await work()
    cutNow(step, 'after')
    if (!isOpen()) throw gone()
    return lie(step, truth)
  }

  const lie = <T>(step: Step | 'policyKey', truth: T): T => {
    const told = wire.lies[step] as ((truth: T) => T) | undefined
    return told ? told(truth) : truth
  }

  function push(from: DeviceAddress, envelope: Uint8Array, time: number): void {
    const delivery = { sequence: delivered.length + 1, time, from, envelope }
    delivered.push(delivery)
    current?.deliver(delivery)
  }

  /** As a relay delivers: what has not been acknowledged comes again on every connection, then what is new. */
  function onDelivery(delivery: Delivery): void {
    if (!wire.renumbers) return current?.deliver(delivery)
    if (numbers.has(delivery.sequence)) return
    const routed = wire.route(delivery)
    if (routed.length === 0) withheld += 1
    for (const { from, envelope } of routed) push(from, envelope, delivery.time)
    numbers.set(delivery.sequence, delivered.length)
  }

  async function submit(connection: Connection, submission: Submission): Promise<void> {
    const refusal = wire.refuses(submission)
    if (refusal) throw refusal
    await connection.submit(submission)
  }

  async function connect(answer: Parameters<Relay['connect']>[0], listener: Listener): Promise<Connection> {
    let open = true
    const isOpen = () => open
    const waiting: Delivery[] = []
    let ready = false
    current = {
      end() {
        if (!open) return
        open = false
        inner?.close()
        listener.closed(gone())
      },
      deliver(delivery) {
        if (!ready) waiting.push(delivery)
        else if (open) listener.deliver(delivery)
      },
    }
    let inner: Connection | null = null
    waiting.push(...delivered.filter(({ sequence }) => sequence > acknowledged))
    inner = await relay().connect((key, challenge) => answer(lie('policyKey', key), challenge), {
      ready: () => listener.ready(),
      deliver: (delivery) => open && onDelivery(delivery),
      policy: (link) => open && wire.tellsPolicy && listener.policy(link),
      closed: (error) => open && listener.closed(error),
    })
    ready = true
    for (const delivery of waiting) listener.deliver(delivery)
    const through = inner
    return {
      publishPrekeys: (prekeys, replace) =>
        pass('publishPrekeys', () => through.publishPrekeys(prekeys, replace), isOpen),
      countPrekeys: () => pass('countPrekeys', () => through.countPrekeys(), isOpen),
      devices: (user) => pass('devices', () => through.devices(user), isOpen),
      bundle: (address) => pass('bundle', () => through.bundle(address), isOpen),
      sent: () => pass('sent', () => through.sent(), isOpen),
      reserveBlob: (id, sizeBytes) => pass('reserveBlob', () => through.reserveBlob(id, sizeBytes), isOpen),
      removeBlob: (id) => pass('removeBlob', () => through.removeBlob(id), isOpen),
      reserveLink: (slot) => pass('reserveLink', () => through.reserveLink(slot), isOpen),
      submit: (submission) => {
        if (open) {
          submitted.push(submission)
          wire.witness(submission)
        }
        return pass('submit', () => submit(through, submission), isOpen)
      },
      acknowledge: (sequence) =>
        pass(
          'acknowledge',
          async () => {
            if (!wire.renumbers) return through.acknowledge(sequence)
            acknowledged = Math.max(acknowledged, sequence)
            const theirs = [...numbers].filter(([, ours]) => ours <= sequence).map(([relays]) => relays)
            if (theirs.length > 0) await through.acknowledge(Math.max(...theirs))
          },
          isOpen,
        ),
      close() {
        open = false
        through.close()
      },
    }
  }

  const wire: Wire = {
    submitted,
    witness: () => undefined,
    asked: (step) => asked.get(step) ?? 0,
    lies: {},
    refuses: () => null,
    route: (delivery) => [delivery],
    renumbers: true,
    tellsPolicy: true,
    get withheld() {
      return withheld
    },
    cutAt: (step, when) => void cuts.add(`${when} ${step}`),
    get cutsAhead() {
      return cuts.size
    },
    cut: () => current?.end(),
    inject: (from, envelope) => push(from, envelope, 0),
    policyKey: () => relay().policyKey(),
    returnPolicy: (link) => relay().returnPolicy(link),
    vouch: (nonce, where) => relay().vouch(nonce, where),
    leaveNote: (slot, step, note) => relay().leaveNote(slot, step, note),
    readNote: (slot, step) => relay().readNote(slot, step),
    register: (list) => relay().register(list),
    blob: (id) => pass('blob', () => relay().blob(id)),
    putBlob: (id, at, bytes) => pass('putBlob', () => relay().putBlob(id, at, bytes)),
    readBlob: (id, at) => pass('readBlob', () => relay().readBlob(id, at)),
    policies: (afterEpoch) => pass('policies', () => relay().policies(afterEpoch)),
    access: () => relay().access(),
    switchAccess: (token, mode, parameters) => relay().switchAccess(token, mode, parameters),
    installTap: (token, mode, instrument) => relay().installTap(token, mode, instrument),
    connect: (answer, listener) => pass('connect', () => connect(answer, listener)),
  }
  return wire
}
