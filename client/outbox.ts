import { concat, equal, Reader, u32 } from '../crypto/bytes.ts'
import { abandonedMaximum, type Content } from '../crypto/content.ts'
import { envelopeDigest } from '../crypto/envelope.ts'
import type { DeviceRecord } from '../crypto/identity.ts'
import { type AgreementKey, type DeviceId, type Digest, keySizeBytes, wipe } from '../crypto/keys.ts'
import type { SignedPolicy } from '../crypto/policy.ts'
import type { Random } from '../crypto/random.ts'
import type { Place } from '../crypto/ratchet-state.ts'
import { encrypt, type Session } from '../crypto/session.ts'
import type { DeviceAddress, SentCounter, Submission } from '../server/api.ts'
import type { History, HistoryMessage } from './history.ts'
import type { Policies } from './policies.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'
import { bytesOf, type DeviceStore, type Row } from './store.ts'

/** An envelope that waits for the relay's word. */
export interface Outgoing {
  readonly row: number
  /** in the history; null for a reset */
  readonly message: number | null
  readonly submission: Submission
}

/** How far the relay remembers this device's sending, against what this store remembers. */
export type Reconciliation = 'agrees' | 'rolled-back'

/**
 * What this device sends. A message is first written down in plain (`waiting`), then encrypted for each device of its
 * recipient with the session's next state in the same transaction (`sealed`), then submitted until the relay has it on
 * disk (`sent`). A retry sends the same bytes, except where the relay asks for a newer policy.
 */
export interface Outbox {
  /** people who have a message waiting */
  waitingFor(): readonly string[]
  /** Encrypts the oldest waiting messages to one person. Every device must have a session to send with. @returns how many */
  seal(user: string, devices: readonly DeviceRecord[], policy: SignedPolicy): number
  /** An empty message, to carry a new session's handshake. */
  sealReset(device: DeviceRecord, policy: SignedPolicy): void
  /** Envelopes in order, each pair of devices with the counters that come next. */
  pending(): readonly Outgoing[]
  /** The relay has them. */
  accepted(batch: readonly Outgoing[]): void
  /** The relay will never take it. */
  failed(outgoing: Outgoing, code: string): void
  /** Encrypts anew what was made under an older policy, at the next steps of the session, under the same message ids. */
  reseal(to: DeviceAddress, policy: SignedPolicy): void
  /**
   * Settles what was accepted without our hearing of it, and finds out whether this store is older than it should be.
   * It says `rolled-back` at every start until `renewed`.
   */
  reconcile(counters: readonly SentCounter[]): Reconciliation
  /** New prekeys and sessions have taken the place of those that a rollback ended. */
  renewed(): void
}

const sealAtOnce = 64

export function createOutbox(
  store: DeviceStore,
  self: Self,
  history: History,
  sessions: Sessions,
  policies: Policies,
  random: Random,
  clock: () => number,
): Outbox {
  const ours = self.device.record

  /** One step of one session, and its envelope in the queue. */
  function add(session: Session, content: Content, message: number | null, policy: SignedPolicy): Session {
    const { next, envelope, place, spent } = encrypt(
      session,
      ours,
      content,
      policy.reference,
      policies.seamsFor(policy.reference),
      random,
    )
    store.run(
      'INSERT INTO outbox (message, user, device, sequence, epoch, envelope, place, abandoned) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      message,
      session.theirs.user,
      session.theirs.id,
      content.sequence,
      policy.policy.epoch,
      envelope,
      encodePlaces([place]),
      encodePlaces(content.abandoned),
    )
    wipe(...spent)
    return next
  }

  const takeNumber = (user: string, device: DeviceId) =>
    Number(
      store.get(
        `INSERT INTO numbered (user, device, next) VALUES (?, ?, 2)
         ON CONFLICT (user, device) DO UPDATE SET next = next + 1 RETURNING next - 1 AS number`,
        user,
        device,
      )?.['number'],
    )

  const contentOf = (message: HistoryMessage, sequence: number, abandoned: readonly Place[]): Content => ({
    kind: 'text',
    id: message.id,
    sequence,
    sentAt: message.sentAt,
    abandoned,
    text: message.text,
  })

  const reset = (): Content => ({
    kind: 'reset',
    id: `reset-${clock()}`,
    sequence: 0,
    sentAt: clock(),
    abandoned: [],
    text: '',
  })

  const sessionWith = (user: string, device: DeviceId): Session => {
    const session = sessions.toSendWith(user, device)
    if (!session) throw new Error('sealing needs a session with each device')
    return session
  }

  const queue = (user: string, device: DeviceId) =>
    store.all('SELECT * FROM outbox WHERE user = ? AND device = ? ORDER BY row', user, device)

  const sentTo = (user: string, device: DeviceId) => {
    const row = store.get('SELECT counter, digest FROM sent WHERE user = ? AND device = ?', user, device)
    return { counter: Number(row?.['counter'] ?? 0), digest: row ? bytesOf<Digest>(row['digest']) : null }
  }

  const setSent = (user: string, device: DeviceId, counter: number, digest: Digest) =>
    store.run(
      'INSERT OR REPLACE INTO sent (user, device, counter, digest) VALUES (?, ?, ?, ?)',
      user,
      device,
      counter,
      digest,
    )

  /** The head of a queue has been accepted under this counter. */
  function settle(row: Row, counter: number): void {
    setSent(String(row['user']), bytesOf(row['device']), counter, envelopeDigest(bytesOf(row['envelope'])))
    store.run('DELETE FROM outbox WHERE row = ?', Number(row['row']))
    finish(messageOf(row))
  }

  function finish(message: number | null): void {
    if (message === null || store.get('SELECT 1 FROM outbox WHERE message = ?', message)) return
    if (history.message(message)?.state === 'sealed') history.setState(message, 'sent', null)
  }

  return {
    waitingFor: () =>
      store.all("SELECT DISTINCT peer FROM history WHERE state = 'waiting'").map((row) => String(row['peer'])),

    seal: (user, devices, policy) =>
      store.transaction(() => {
        const waiting = store.all(
          "SELECT row FROM history WHERE state = 'waiting' AND peer = ? ORDER BY row LIMIT ?",
          user,
          sealAtOnce,
        )
        const messages = waiting.map((row) => history.message(Number(row['row']))).filter((message) => message !== null)
        for (const device of devices) {
          let session = sessionWith(user, device.id)
          for (const message of messages)
            session = add(session, contentOf(message, takeNumber(user, device.id), []), message.row, policy)
          sessions.put(session)
        }
        for (const { row } of messages) history.setState(row, 'sealed', policy.policy.epoch)
        return messages.length
      }),

    sealReset: (device, policy) =>
      store.transaction(() => sessions.put(add(sessionWith(device.user, device.id), reset(), null, policy))),

    pending() {
      const counters = new Map<string, number>()
      return store.all('SELECT * FROM outbox ORDER BY row LIMIT 512').map((row): Outgoing => {
        const [user, device] = [String(row['user']), bytesOf<DeviceId>(row['device'])]
        const key = `${user} ${device.join()}`
        const counter = (counters.get(key) ?? sentTo(user, device).counter) + 1
        counters.set(key, counter)
        return {
          row: Number(row['row']),
          message: messageOf(row),
          submission: { to: { user, device }, counter, envelope: bytesOf(row['envelope']) },
        }
      })
    },

    accepted: (batch) =>
      store.transaction(() => {
        for (const outgoing of batch) {
          const row = store.get('SELECT * FROM outbox WHERE row = ?', outgoing.row)
          if (row) settle(row, outgoing.submission.counter)
        }
      }),

    failed: (outgoing, code) =>
      store.transaction(() => {
        store.run('DELETE FROM outbox WHERE row = ?', outgoing.row)
        if (outgoing.message === null) return
        history.setState(outgoing.message, 'failed', null)
        history.notice('not-sent', outgoing.submission.to.user, { text: code })
      }),

    reseal: ({ user, device }, policy) =>
      store.transaction(() => {
        const waiting = queue(user, device)
        if (waiting.every((row) => Number(row['epoch']) >= policy.policy.epoch)) return
        let session = sessionWith(user, device)
        // What follows in the queue must stay behind what is encrypted anew, so the whole queue gets new rows and places.
        let given: Place[] = waiting.flatMap((row) => [
          ...decodePlaces(bytesOf(row['abandoned'])),
          ...decodePlaces(bytesOf(row['place'])),
        ])
        for (const row of waiting) {
          store.run('DELETE FROM outbox WHERE row = ?', Number(row['row']))
          const message = messageOf(row)
          const written = message === null ? null : history.message(message)
          const abandoned = given.slice(0, abandonedMaximum)
          given = given.slice(abandonedMaximum)
          session = add(
            session,
            written ? contentOf(written, Number(row['sequence']), abandoned) : { ...reset(), abandoned },
            message,
            policy,
          )
          if (message !== null) history.setState(message, 'sealed', policy.policy.epoch)
        }
        sessions.put(session)
      }),

    reconcile: (counters) =>
      store.transaction(() => {
        const listed = (row: Row) =>
          counters.some(({ to }) => to.user === row['user'] && equal(to.device, bytesOf(row['device'])))
        const agrees = store.all('SELECT user, device FROM sent').every(listed) && counters.every(catchUp)
        if (!agrees) startOver(counters)
        return store.meta('rolled back') ? 'rolled-back' : 'agrees'
      }),

    renewed: () => void store.run("DELETE FROM meta WHERE key = 'rolled back'"),
  }

  /** @returns false when the relay remembers other envelopes than this store does */
  function catchUp({ to, counter, digest }: SentCounter): boolean {
    const known = sentTo(to.user, to.device)
    const ahead = counter - known.counter
    const accepted = queue(to.user, to.device).slice(0, Math.max(ahead, 0))
    const last = accepted.at(-1)
    const expected = last ? envelopeDigest(bytesOf(last['envelope'])) : known.digest
    if (ahead < 0 || ahead > accepted.length || !expected || !equal(expected, digest)) return false
    for (const [i, row] of accepted.entries()) settle(row, known.counter + i + 1)
    return true
  }

  /** An older store would use message keys twice: every session ends, and what was in the queue is encrypted in new ones. */
  function startOver(counters: readonly SentCounter[]): void {
    store.setMeta('rolled back', new Uint8Array([1]))
    sessions.retireAll()
    store.run("UPDATE history SET state = 'waiting' WHERE state = 'sealed'")
    store.run('DELETE FROM outbox')
    store.run('DELETE FROM sent')
    for (const { to, counter, digest } of counters) {
      setSent(to.user, to.device, counter, digest)
      store.run(
        `INSERT INTO numbered (user, device, next) VALUES (?, ?, ?)
         ON CONFLICT (user, device) DO UPDATE SET next = max(next, excluded.next)`,
        to.user,
        to.device,
        counter + 1,
      )
    }
    history.notice('rolled-back', null, {
      text: 'this device and the relay do not remember the same messages: new sessions follow',
    })
  }
}

const messageOf = (row: Row) => (row['message'] === null ? null : Number(row['message']))

/** 36 bytes each */
const encodePlaces = (places: readonly Place[]) =>
  concat(...places.map(({ ratchetKey, index }) => concat(ratchetKey, u32(index))))

function decodePlaces(bytes: Uint8Array): Place[] {
  const reader = new Reader(bytes)
  const places: Place[] = []
  while (reader.offset < bytes.length)
    places.push({ ratchetKey: reader.take(keySizeBytes) as AgreementKey, index: reader.u32() })
  return places
}
