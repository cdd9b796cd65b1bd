import { joinMode } from '../crypto/access/index.ts'
import type { PuppetListing, Tap, TapAddress, TapLine } from '../crypto/access/tap.ts'
import { CryptoError } from '../crypto/errors.ts'
import type { DeviceRecord } from '../crypto/identity.ts'
import { createListOpener } from '../crypto/opened-lists.ts'
import { encodePrekey } from '../crypto/prekeys.ts'
import { RelayError } from './api.ts'
import type { Directory } from './directory.ts'
import type { Mailboxes } from './mailbox.ts'
import type { PolicyDesk } from './policy.ts'
import type { Store } from './store/store.ts'

/** A puppet with as few one-time keys as this gets all of them again. */
const refillAt = 20

/** What this relay does for the sake of an access mode, besides asking for stanzas. One tap at most, in memory only. */
export interface Taps {
  /** In the place of one that is there. @throws what `make` throws, RelayError `bad-request` where an id of a puppet is taken */
  install(make: (line: TapLine) => Tap): void
  remove(): void
  /** What the directory answers. @throws RelayError `unknown-user` */
  devices(asker: string, user: string): Uint8Array
  /** A bundle of a puppet's that is made when it is asked for; null for every other device. */
  bundle(address: TapAddress, fresh: boolean): Uint8Array | null
}

const addressOf = ({ user, id: device }: DeviceRecord): TapAddress => ({ user, device })

export function createTaps(
  store: Store,
  directory: Directory,
  mailboxes: Mailboxes,
  policy: PolicyDesk,
  clock: () => number,
): Taps {
  let tap: Tap | null = null
  const collectors = new Map<number, () => void>()
  /** the last counter of each pair of devices that this relay has used: the store has it only after the commit */
  const counters = new Map<string, number>()

  const openList = createListOpener(4096)

  const rowsOf = (user: string): number[] => {
    const list = store.account(user)
    const devices = list ? openList(list).devices : []
    return devices.flatMap(({ id: device }) => store.device({ user, device })?.row ?? [])
  }

  const line: TapLine = {
    signedList: (user) => store.account(user),
    areAcquainted: (one, other) =>
      rowsOf(one).some((a) => rowsOf(other).some((b) => store.sentTo(a, b) !== null || store.sentTo(b, a) !== null)),
    bundle(address) {
      try {
        return directory.bundle(address, Math.floor(clock() / 1000), true)
      } catch (error) {
        if (error instanceof RelayError) return null
        throw error
      }
    },
    policy() {
      const { reference, policy: head, parameters } = policy.head()
      return { reference, seams: joinMode(head.modeId, parameters) }
    },
    submit(from, to, envelope) {
      const [sender, recipient] = [directory.rowOf(from), directory.rowOf(to)]
      const key = `${sender} ${recipient}`
      const counter = (counters.get(key) ?? store.sentTo(sender, recipient)?.counter ?? 0) + 1
      counters.set(key, counter)
      // if the mailbox is full the envelope is lost: nobody is there to try again
      mailboxes.submit(from, { to, counter, envelope }).catch(() => counters.delete(key))
    },
    now: clock,
  }

  /**
   * Nobody is there to make new keys: those that were used up are handed out again, before a bundle would lack one.
   * @throws RelayError `bad-request` where the person has a device of their own under the puppet's id
   */
  function house({ record, prekeys }: PuppetListing): void {
    const address = addressOf(record)
    const { user, device } = address
    const list = store.account(user)
    if (!list) return
    store.transaction(() => {
      if (!store.device(address)) store.changeAccount(user, list, [device], [])
      directory.claim(record)
      if (directory.countPrekeys(address, Math.floor(clock() / 1000)).oneTime > refillAt) return
      store.putPrekeys(
        directory.rowOf(address),
        prekeys.map((prekey) => ({
          kind: prekey.kind,
          id: prekey.id,
          expiresAtSeconds: prekey.expiresAtSeconds,
          bytes: encodePrekey(prekey),
        })),
      )
    })
  }

  /**
   * Where a puppet cannot be told from a device by its id, there is no puppet, and the directory's own answer is given.
   */
  function housed(puppets: readonly PuppetListing[]): boolean {
    try {
      for (const puppet of puppets) house(puppet)
      return true
    } catch (error) {
      if (error instanceof RelayError) return false
      throw error
    }
  }

  function collect(address: TapAddress): void {
    const row = directory.rowOf(address)
    if (!tap?.take || collectors.has(row)) return
    const stop = mailboxes.collect(address, ({ from, sequence, envelope }) =>
      // after the round of deliveries that this belongs to
      queueMicrotask(() => {
        pass(from, address, envelope)
        mailboxes.acknowledge(address, sequence).catch(() => undefined)
      }),
    )
    collectors.set(row, stop)
  }

  function pass(from: TapAddress, to: TapAddress, envelope: Uint8Array): void {
    try {
      tap?.take?.(from, to, envelope)
    } catch (error) {
      // an envelope that a tap cannot read goes no further
      if (!(error instanceof CryptoError)) throw error
    }
  }

  function remove(): void {
    for (const stop of collectors.values()) stop()
    collectors.clear()
    tap = null
  }

  return {
    install(make) {
      const made = make(line)
      for (const puppet of made.puppets)
        if (!housed([puppet]))
          throw new RelayError(
            'bad-request',
            `${puppet.record.user} has a device of other keys under the id of a puppet: make an instrument with another key`,
          )
      remove()
      tap = made
    },
    remove,
    devices(asker, user) {
      const genuine = directory.devices(user)
      const instead = tap?.answer(asker, user, genuine)
      if (!instead || !housed(instead.puppets)) return genuine
      for (const { record } of instead.puppets) collect(addressOf(record))
      return instead.list
    },
    bundle: (address, fresh) => tap?.bundle?.(address, fresh) ?? null,
  }
}
