import { joinMode } from '../crypto/access/index.ts'
import type { PuppetListing, Tap, TapAddress, TapLine } from '../crypto/access/tap.ts'
import { CryptoError } from '../crypto/errors.ts'
import { createListOpener } from '../crypto/opened-lists.ts'
import { encodePrekey } from '../crypto/prekeys.ts'
import { RelayError } from './api.ts'
import type { Directory } from './directory.ts'
import type { Mailboxes } from './mailbox.ts'
import type { PolicyDesk } from './policy.ts'
import type { Store } from './store/store.ts'

/** What this relay does for an access mode's sake, besides asking for stanzas. At most one tap, and only in memory. */
export interface Taps {
  /** In the place of one that is there. @throws what `make` throws */
  install(make: (line: TapLine) => Tap): void
  remove(): void
  /** What the directory answers. @throws RelayError `unknown-user` */
  devices(asker: string, user: string): Uint8Array
}

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
      // a full mailbox loses it: nobody is there to try again
      mailboxes.submit(from, { to, counter, envelope }).catch(() => counters.delete(key))
    },
    now: clock,
  }

  function house({ user, device, prekeys }: PuppetListing): void {
    const list = store.account(user)
    if (!list) return
    store.transaction(() => {
      if (store.device({ user, device })) return
      store.changeAccount(user, list, [device], [])
      store.putPrekeys(
        directory.rowOf({ user, device }),
        prekeys.map((prekey) => ({
          kind: prekey.kind,
          id: prekey.id,
          expiresAtSeconds: prekey.expiresAtSeconds,
          bytes: encodePrekey(prekey),
        })),
      )
    })
    collect({ user, device })
  }

  function collect(address: TapAddress): void {
    const row = directory.rowOf(address)
    if (!tap?.take || collectors.has(row)) return
    const stop = mailboxes.collect(address, ({ from, sequence, envelope }) =>
      // after the round of deliveries that this is in
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
      // what a tap cannot read goes no further
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
      remove()
      tap = made
    },
    remove,
    devices(asker, user) {
      const genuine = directory.devices(user)
      const instead = tap?.answer(asker, user, genuine) ?? null
      for (const puppet of instead?.puppets ?? []) house(puppet)
      return instead?.list ?? genuine
    },
  }
}
