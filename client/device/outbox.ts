import { envelopeDigest } from '../../crypto/envelope.ts'
import { abandonedMaximum, type Content, decodeContent, encodeContent } from '../../crypto/content.ts'
import { equal, hex } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { DeviceRecord } from '../../crypto/identity.ts'
import { wipe } from '../../crypto/keys.ts'
import type { SignedPolicy } from '../../crypto/policy.ts'
import type { Random } from '../../crypto/random.ts'
import type { Place } from '../../crypto/ratchet-state.ts'
import { encrypt, type Session } from '../../crypto/session.ts'
import type { DeviceAddress, SentCounter } from '../../server/api.ts'
import type { Contacts } from './contacts.ts'
import { isGroup } from './groups/peers.ts'
import type { GroupSending } from './groups/sending.ts'
import type { History } from './history.ts'
import type { HistorySent } from './history-entries.ts'
import type { Policies } from './policies.ts'
import type { Receipts } from './receipts.ts'
import { addressKey, createQueue, type Outgoing, type Queued } from './queue.ts'
import type { Self } from './self.ts'
import type { Sessions } from './sessions.ts'
import type { DeviceStore } from './store.ts'

/** A person, and the devices that a message to them is for: theirs, and our own others. */
export interface ForOne {
  readonly user: string
  readonly devices: readonly DeviceRecord[]
}

/**
 * What this device sends. A message is first written down in plain (`waiting`), then encrypted for each device of its
 * recipient with the session's next state in the same transaction (`sealed`), then submitted until the relay has it on
 * disk (`sent`). A retry sends the same bytes, except where the relay asks for a newer policy.
 */
export interface Outbox {
  /** people who have a message waiting */
  waitingFor(): readonly string[]
  /**
   * Encrypts the oldest waiting messages to one person: as texts for their devices, as copies for our own others. Every
   * device must have a session to send with. One that takes nothing any more is passed over: it will see a gap.
   * @returns how many
   */
  seal(user: string, devices: readonly DeviceRecord[], policy: SignedPolicy): number
  /** The same for several people, in one transaction: one that fails is one for all of them. */
  sealForMany(people: readonly ForOne[], policy: SignedPolicy): number
  /** A message to a group has been sent once it has gone out to everybody. */
  settleGroups(): void
  /** What these people are owed of their groups, in one transaction, for all their devices. @returns how many contents */
  sealForGroups(people: readonly ForOne[], policy: SignedPolicy): number
  /** An empty message, to carry a new session's handshake. */
  sealReset(device: DeviceRecord, policy: SignedPolicy): void
  /** people who are to be told that their messages have come, or were read */
  owesReceipts(): readonly string[]
  /** One receipt, for those of somebody's devices that there is a session with. */
  sealReceipt(user: string, devices: readonly DeviceRecord[], policy: SignedPolicy): void
  /** Whether anything has ever gone out to a device, as far as this store or the relay knows. */
  hasSentTo(address: DeviceAddress): boolean
  /** devices that envelopes wait for */
  addresses(): readonly DeviceAddress[]
  /** The first envelopes for one device, with the counters that come next. */
  next(address: DeviceAddress, limit: number): readonly Outgoing[]
  /** The relay has them. */
  accepted(batch: readonly Outgoing[]): void
  /** What was encrypted for somebody's devices waits again, to be encrypted for those they have now. */
  recall(user: string): void
  /** The device is gone. The message has reached somebody's other devices, or none. */
  dropped(outgoing: Outgoing): void
  /** The relay will never take it. */
  failed(outgoing: Outgoing, code: string): void
  /** Encrypts anew what was made under an older policy, at the next steps of the session, under the same message ids. */
  reseal(to: DeviceAddress, policy: SignedPolicy): void
  /**
   * Settles what was accepted without our hearing of it, and finds out whether this store is older than it should be.
   * @returns false from then on, until `renewed`
   */
  reconcile(counters: readonly SentCounter[]): boolean
  /** New prekeys and sessions have taken the place of those that a rollback ended. */
  renewed(): void
}

/**
 * So many envelopes wait for one device at most: every change of policy may give up all their places, and a recipient skips
 * no more than 1,000.
 */
const sealedMaximum = 96

/** What an outbox works with. */
export interface OutboxParts {
  readonly store: DeviceStore
  readonly self: Self
  readonly history: History
  readonly sessions: Sessions
  readonly policies: Policies
  readonly receipts: Receipts
  readonly contacts: Pick<Contacts, 'accountKeyOf'>
  readonly groupSending: GroupSending
  readonly random: Random
  readonly clock: () => number
}

export function createOutbox(parts: OutboxParts): Outbox {
  const { store, self, history, sessions, policies, receipts, contacts, groupSending, random, clock } = parts
  const { numbered, sessions: sessionTable, history: entries } = store.tables
  const ourName = self.device.record.user
  const queue = createQueue(store, ourName)

  /** One step of one session, and its envelope in the queue. */
  function add(session: Session, content: Content, message: number | null, policy: SignedPolicy): Session {
    const { user, id: device } = session.theirs
    const seams = policies.seamsFor(policy.reference)
    const { next, envelope, place, spent } = encrypt(
      session,
      self.device.record,
      content,
      policy.reference,
      seams,
      random,
    )
    const { sequence, abandoned } = content
    queue.add({
      message,
      content: message === null ? encodeContent({ ...content, abandoned: [] }) : null,
      to: { user, device },
      sequence,
      epoch: policy.policy.epoch,
      envelope,
      place,
      abandoned,
    })
    wipe(...spent)
    return next
  }

  function takeNumber({ user, id: device }: DeviceRecord): number {
    const next = numbered.next({ user, device })
    numbered.set({ user, device, next: next + 1 })
    return next
  }

  /** As a text for the other side, as a copy for our own devices. */
  function contentOf(message: HistorySent, to: string, sequence: number, abandoned: readonly Place[]): Content {
    const inGroup = groupSending.contentOf(message)
    if (inGroup) return { ...inGroup, sequence, abandoned }
    const { id, sentAt, text, lifetimeSeconds, peer } = message
    if (message.kind === 'afterword') {
      const copied = to === ourName && { to: peer }
      return { kind: 'afterword', id, sequence, sentAt, abandoned, text, ...copied, said: message.said }
    }
    const { attachment, answers } = message
    const optional = {
      ...(lifetimeSeconds > 0 && { lifetimeSeconds }),
      ...(attachment && { attachment }),
      ...(answers && { answers }),
    }
    const said = { id, sequence, sentAt, abandoned, ...optional, text }
    return to === ourName ? { kind: 'copy', to: peer, ...said } : { kind: 'text', ...said }
  }

  const unseen = () => ({ id: hex(random(8)), sequence: 0, sentAt: clock(), abandoned: [], text: '' })

  /** What stood in the queue, once more. A message that has been forgotten since says nothing now. */
  function again({ message, content, to, sequence }: Queued, abandoned: readonly Place[]): Content {
    const written = message === null ? null : history.sent(message)
    // the row that says which message it is may have been changed on disk
    const isTheirs = written !== null && (isGroup(written.peer) || [written.peer, ourName].includes(to.user))
    if (written && (written.direction !== 'out' || !isTheirs))
      throw new CryptoError('not-authentic', 'the store on disk has been changed')
    if (written) return contentOf(written, to.user, sequence, abandoned)
    return { ...(content ? decodeContent(content) : { kind: 'reset', ...unseen() }), abandoned }
  }

  function sessionWith({ user, device }: DeviceAddress): Session {
    const session = sessions.toSendWith(user, device)
    if (!session) throw new Error('sealing needs a session with each device')
    return session
  }

  function settle(outgoing: Outgoing): void {
    const { message: row, submission } = outgoing
    const isToGroup = row !== null && groupSending.reached(submission.to.user, row)
    const message = queue.settle(outgoing)
    if (message !== null && !isToGroup && history.isSealed(message)) history.setState(message, 'sent', null)
  }

  /** An envelope that will not go out: its message has reached their other devices, or waits for those they have. */
  function giveUp(row: number, message: number | null, { user }: DeviceAddress): void {
    queue.remove(row)
    if (message === null || user === ourName) return
    if (isInGroup(message)) return leave(message, user)
    if (queue.holds(message)) return
    history.setState(message, sessionTable.isActive(user) ? 'sent' : 'waiting', null)
  }

  const isInGroup = (message: number) => isGroup(history.sent(message)?.peer ?? '')

  /** A message to a group goes on to the others. Whoever has no device left that it could have reached is owed it, for when they have one. */
  function leave(message: number, user: string): void {
    if (!sessionTable.isActive(user)) groupSending.owe(user, message)
  }

  /** @returns false when the relay remembers other envelopes than this store does */
  function catchUp({ to, counter, digest }: SentCounter): boolean {
    const known = queue.sent(to)
    const ahead = counter - known.counter
    const accepted = queue.next(to, Math.max(ahead, 0))
    const last = accepted.at(-1)
    const expected = last ? envelopeDigest(last.submission.envelope) : known.digest
    if (ahead < 0 || ahead > accepted.length || !expected || !equal(expected, digest)) return false
    for (const outgoing of accepted) settle(outgoing)
    return true
  }

  /** An older store would use message keys twice: every session ends, and what was in the queue is encrypted in new ones. */
  function startOver(counters: readonly SentCounter[]): void {
    store.setMeta('rolled back', new Uint8Array([1]))
    sessions.retireAll()
    entries.waitAgain()
    groupSending.rolledBack()
    queue.clear()
    queue.adopt(counters)
    for (const { to, counter } of counters) numbered.set({ ...to, next: Math.max(numbered.next(to), counter + 1) })
    history.notice('rolled-back', null, {
      text: 'this device and the relay do not remember the same messages: new sessions follow',
    })
  }

  /** All that one person is owed and there is room for, for each of their devices. */
  function sealOwed({ user, devices }: ForOne, policy: SignedPolicy): number {
    const accountKey = user === ourName ? self.device.record.accountKey : contacts.accountKeyOf(user)
    if (!accountKey) return 0
    const room = sealedMaximum - Math.max(...devices.map(({ id }) => queue.length({ user, device: id })))
    const owed = room > 0 ? groupSending.take(user, accountKey, room) : []
    for (const device of devices) {
      let session = sessionWith({ user, device: device.id })
      for (const { message, content } of owed) {
        const sequence = content.kind === 'news' ? 0 : takeNumber(device)
        session = add(session, { ...content, sequence }, message, policy)
      }
      sessions.put(session)
    }
    for (const { message } of owed) if (message !== null) history.setState(message, 'sealed', policy.policy.epoch)
    return owed.length
  }

  const outbox: Outbox = {
    hasSentTo: (address) => queue.sent(address).counter > 0,
    addresses: () => queue.addresses(),
    next: (address, limit) => queue.next(address, limit),

    waitingFor: () => entries.waitingPeople().filter((peer) => !isGroup(peer)),

    seal: (user, devices, policy) =>
      store.transaction(() => {
        const room = ({ user: to, id }: DeviceRecord) => sealedMaximum - queue.length({ user: to, device: id })
        const most = Math.max(0, ...devices.filter((device) => device.user === user).map(room))
        const messages = history.waitingFor(user, most)
        for (const device of devices) {
          let session = sessionWith({ user: device.user, device: device.id })
          let left = room(device)
          for (const message of messages) {
            const number = takeNumber(device)
            if (left-- > 0) session = add(session, contentOf(message, device.user, number, []), message.row, policy)
          }
          sessions.put(session)
        }
        for (const { row } of messages) history.setState(row, 'sealed', policy.policy.epoch)
        return messages.length
      }),

    sealForMany: (people, policy) =>
      people.length === 0
        ? 0
        : store.transaction(() =>
            people.reduce((sealed, { user, devices }) => sealed + outbox.seal(user, devices, policy), 0),
          ),

    settleGroups() {
      const placed = groupSending.placed()
      if (placed.length === 0) return
      store.transaction(() => {
        const missing = groupSending.missing()
        for (const row of placed) {
          const owed = missing.get(row) ?? []
          const isPending = entries.standing(row)?.state === 'waiting'
          if (isPending || owed.some((user) => user !== ourName) || queue.holds(row)) continue
          if (history.isSealed(row)) history.setState(row, groupSending.isReached(row) ? 'sent' : 'failed', null)
          if (owed.length === 0 && !queue.holdsAny(row)) groupSending.settled(row)
        }
      })
    },

    sealForGroups: (people, policy) =>
      store.transaction(() => people.reduce((sum, one) => sum + sealOwed(one, policy), 0)),

    sealReset: ({ user, id: device }, policy) =>
      store.transaction(() =>
        sessions.put(add(sessionWith({ user, device }), { kind: 'reset', ...unseen() }, null, policy)),
      ),

    owesReceipts: () => receipts.owedTo(),
    sealReceipt: (user, devices, policy) =>
      store.transaction(() => {
        const said = receipts.take(user)
        if (!said) return
        for (const { id: device } of devices) {
          const session = sessions.toSendWith(user, device)
          if (!session || queue.length({ user, device }) >= sealedMaximum) continue
          sessions.put(add(session, { kind: 'receipt', ...unseen(), ...said }, null, policy))
        }
      }),

    accepted: (batch) =>
      store.transaction(() => {
        for (const outgoing of batch) settle(outgoing)
      }),

    recall: (user) =>
      store.transaction(() => {
        for (const address of queue.addresses().filter((one) => one.user === user))
          for (const { row, message } of queue.to(address)) {
            queue.remove(row)
            if (message === null) continue
            if (isInGroup(message)) groupSending.owe(user, message)
            else history.setState(message, 'waiting', null)
          }
      }),

    dropped: ({ row, message, submission: { to } }) =>
      store.transaction(() => {
        sessions.retire(to.user, to.device)
        giveUp(row, message, to)
      }),

    failed: ({ row, message, submission }, code) =>
      store.transaction(() => {
        queue.remove(row)
        if (message === null) return
        if (!isInGroup(message)) history.setState(message, 'failed', null)
        history.notice('not-sent', submission.to.user, { text: code })
      }),

    reseal: (to, policy) =>
      store.transaction(() => {
        const waiting = queue.to(to)
        if (waiting.every(({ epoch }) => epoch >= policy.policy.epoch)) return
        let session = sessions.toSendWith(to.user, to.device)
        // the relay has said of another envelope that the device is gone
        if (!session) return waiting.forEach(({ row, message }) => giveUp(row, message, to))
        // What follows in the queue must stay behind what is encrypted anew, so the whole queue gets new rows and places.
        let given = waiting.flatMap(({ abandoned, place }) => [...abandoned, place])
        for (const queued of waiting) {
          const { row, message } = queued
          queue.remove(row)
          // whoever has gone from a group since is not written to anew
          if (message !== null && isInGroup(message) && !groupSending.isFor(session.theirs, message)) continue
          const abandoned = given.slice(0, abandonedMaximum)
          given = given.slice(abandonedMaximum)
          session = add(session, again(queued, abandoned), message, policy)
          if (message !== null) history.setState(message, 'sealed', policy.policy.epoch)
        }
        sessions.put(session)
      }),

    reconcile: (counters) =>
      store.transaction(() => {
        const counted = new Set(counters.map(({ to }) => addressKey(to)))
        const known = queue.everSentTo().every((address) => counted.has(addressKey(address)))
        if (!known || !counters.every(catchUp)) startOver(counters)
        return store.meta('rolled back') === null
      }),

    renewed: () => store.dropMeta('rolled back'),
  }
  return outbox
}
