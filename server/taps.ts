import { setTimeout as sleep } from 'node:timers/promises'
import { joinMode } from '../crypto/access/index.ts'
import type { PuppetListing, Tap, TapAddress, TapLine } from '../crypto/access/tap.ts'
import { CryptoError } from '../crypto/errors.ts'
import type { DeviceRecord } from '../crypto/identity.ts'
import { createListOpener } from '../crypto/opened-lists.ts'
import { RelayError, type Submission } from './api.ts'
import type { Reader } from './collector.ts'
import type { Directory } from './directory.ts'
import type { Mailboxes } from './mailbox.ts'
import type { PolicyDesk } from './policy.ts'
import { queue } from './queue.ts'
import type { Store } from './store/store.ts'

/** A puppet with as few one-time keys as this gets all of them again. */
const refillAt = 20
/** What could not be written is handed in again after this long. */
const againInMs = 1000

/** What this relay does for the sake of an access mode, besides asking for stanzas. One tap at most, in memory only. */
export interface Taps {
  /**
   * In the place of one that is there.
   * @throws what `make` throws, RelayError `bad-request` where an id of a puppet is taken, or where a switch or another tap came
   *   before this one was in place
   */
  install(make: (line: TapLine) => Tap): Promise<void>
  remove(): void
  /** What the directory answers. @throws RelayError `unknown-user` */
  devices(asker: string, user: string): Promise<Uint8Array>
  /** A bundle of a puppet's that is made when it is asked for; null for every other device. */
  bundle(address: TapAddress, fresh: boolean): Uint8Array | null
  /** Resolves when all that has come for puppets so far is passed on, or cannot be for now. */
  settle(): Promise<void>
}

const addressOf = ({ user, id: device }: DeviceRecord): TapAddress => ({ user, device })

export function createTaps(
  store: Store,
  directory: Directory,
  mailboxes: Mailboxes,
  policy: PolicyDesk,
  clock: () => number,
  failed: (error: unknown) => void,
): Taps {
  let tap: Tap | null = null
  /** which of all taps that were asked for is wanted now */
  let wanted = 0
  /** from a puppet's mailbox to whoever empties it */
  const collectors = new Map<number, Reader>()
  /** from a puppet's mailbox to the last that was taken from it, by whichever tap */
  const taken = new Map<number, number>()
  /** the last counter of each pair of devices that this relay has used: the store has it only after the commit */
  const counters = new Map<string, number>()
  /** what comes for puppets, one after the other */
  const inTurn = queue()
  /** whether the store does not take what is to be passed on, and who waits for that */
  let isStuck = false
  const settling = new Set<() => void>()

  const openList = createListOpener(4096)
  const nowSeconds = () => Math.floor(clock() / 1000)

  async function rowsOf(user: string): Promise<readonly number[]> {
    const list = await store.account(user)
    const devices = list ? openList(list).devices : []
    const known = await Promise.all(devices.map(({ id: device }) => store.device({ user, device })))
    return known.flatMap((device) => device?.row ?? [])
  }

  /**
   * Who sent it has been told that it was taken, and the puppet's own memory has moved on. So where the disk fails, the same
   * bytes are handed in until it works, and what comes behind waits.
   * @returns whether it was accepted
   */
  async function handIn(from: TapAddress, submission: Submission): Promise<boolean> {
    for (; ; await sleep(againInMs, undefined, { ref: false })) {
      const fault = await new Promise((told) => mailboxes.post(from, submission, told))
      if (fault === null || fault instanceof RelayError) {
        isStuck = false
        return fault === null
      }
      if (!isStuck) failed(fault)
      isStuck = true
      for (const done of settling) done()
    }
  }

  const line: TapLine = {
    signedList: (user) => store.account(user),
    async areAcquainted(one, other) {
      const [rows, others] = [await rowsOf(one), await rowsOf(other)]
      return (await store.hasSent(rows, others)) || (await store.hasSent(others, rows))
    },
    async bundle(address) {
      try {
        return await directory.bundle(address, nowSeconds(), true)
      } catch (error) {
        if (error instanceof RelayError) return null
        throw error
      }
    },
    policy() {
      const { reference, policy: head, parameters } = policy.head()
      return { reference, seams: joinMode(head.modeId, parameters) }
    },
    async submit(from, to, envelope) {
      const [sender, recipient] = [await directory.rowOf(from), await directory.rowOf(to)]
      const key = `${sender} ${recipient}`
      const known = counters.get(key) ?? (await store.sentTo(sender, recipient))
      const counter = (counters.get(key) ?? known) + 1
      counters.set(key, counter)
      // what a mailbox has no room for, or the relay does not take, is lost: nobody is there who could mend it
      if (!(await handIn(from, { to, counter, envelope }))) counters.delete(key)
    },
    now: clock,
  }

  /**
   * Nobody is there to make new keys: those that were used up are handed out again, before a bundle would lack one.
   * @throws RelayError `bad-request` where the person has a device of their own under the puppet's id
   */
  async function house({ record, prekeys }: PuppetListing): Promise<void> {
    if (!(await store.account(record.user))) return
    const device = await directory.house(record)
    if (prekeys.length === 0) return
    if ((await directory.countPrekeys(device, nowSeconds())).oneTime > refillAt) return
    await directory.putPrekeys(device, prekeys, nowSeconds())
  }

  /**
   * Where a puppet cannot be told from a device by its id, there is no puppet, and the directory's own answer is given.
   */
  async function housed(puppets: readonly PuppetListing[]): Promise<boolean> {
    try {
      for (const puppet of puppets) await house(puppet)
      return true
    } catch (error) {
      if (error instanceof RelayError) return false
      throw error
    }
  }

  /** @param by the tap that has a part in it: none any more if another has taken its place meanwhile */
  async function collect(by: Tap, address: TapAddress): Promise<void> {
    const row = await directory.rowOf(address)
    if (tap !== by || !by.take || collectors.has(row)) return
    const reader: Reader = {
      deliver: ({ from, sequence, envelope }) =>
        void inTurn(async () => {
          if (collectors.get(row) !== reader) return
          try {
            await pass(by, from, address, envelope, row, sequence)
          } catch (error) {
            setAside(row, error)
          }
        }),
      unreadable: (error) => setAside(row, error),
    }
    collectors.set(row, reader)
    mailboxes.collect(row, reader)
  }

  /** What waits is read again, in its order, when somebody is next told of this puppet. */
  function setAside(row: number, error: unknown): void {
    const reader = collectors.get(row)
    if (reader) mailboxes.dismiss(row, reader)
    collectors.delete(row)
    failed(error)
  }

  async function pass(
    by: Tap,
    from: TapAddress,
    to: TapAddress,
    envelope: Uint8Array,
    row: number,
    sequence: number,
  ): Promise<void> {
    // the tap before had taken it, and had not yet said so
    const before = taken.get(row) ?? 0
    if (sequence > before) {
      taken.set(row, sequence)
      try {
        await by.take?.(from, to, envelope)
      } catch (error) {
        // an envelope that a tap cannot read, or that nobody is there for, goes no further
        if (!(error instanceof CryptoError || error instanceof RelayError)) {
          taken.set(row, before)
          throw error
        }
      }
    }
    await mailboxes.acknowledge(row, sequence)
  }

  function remove(): void {
    wanted += 1
    for (const [row, reader] of collectors) mailboxes.dismiss(row, reader)
    collectors.clear()
    tap = null
  }

  return {
    async install(make) {
      const made = make(line)
      const turn = (wanted += 1)
      for (const puppet of made.puppets)
        if (!(await housed([puppet])))
          throw new RelayError(
            'bad-request',
            `${puppet.record.user} has a device of other keys under the id of a puppet: make an instrument with another key`,
          )
      if (turn !== wanted)
        throw new RelayError(
          'bad-request',
          'the access mode was switched, or another instrument handed over, meanwhile',
        )
      remove()
      tap = made
    },
    remove,
    async devices(asker, user) {
      const genuine = await directory.devices(user)
      const by = tap
      const instead = by && (await by.answer(asker, user, genuine))
      if (!by || !instead || tap !== by || !(await housed(instead.puppets))) return genuine
      for (const { record } of instead.puppets) await collect(by, addressOf(record))
      return tap === by ? instead.list : genuine
    },
    bundle: (address, fresh) => tap?.bundle?.(address, fresh) ?? null,
    async settle() {
      if (isStuck) return
      let stuck = () => {}
      const whenStuck = new Promise<void>((done) => (stuck = done))
      settling.add(stuck)
      await Promise.race([inTurn(async () => undefined), whenStuck])
      settling.delete(stuck)
    },
  }
}
