import { equal, hex } from '../../crypto/bytes.ts'
import type { PrekeyKind } from '../../crypto/prekeys.ts'
import type { DeviceAddress } from '../api.ts'
import type { Look } from '../running-time.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { createMailroom, type MailTables, rememberedMaximum, type Sent, type Share } from './mailroom.ts'
import type { Lasting, Posting, Store, StoredMail, StoredPrekey } from './store.ts'

interface Device {
  readonly address: DeviceAddress
  readonly row: number
  keys: Uint8Array | null
  isRemoved: boolean
  lastSequence: number
  mail: Mail[]
  prekeys: StoredPrekey[]
  /** from a recipient's row, how far this one has sent */
  readonly sent: Map<number, Sent>
}

type Mail = StoredMail & {
  readonly sender: number
  readonly sinceMs: number
  /** how many have come before it, to anybody */
  readonly place: number
}

const keyOf = ({ user, device }: DeviceAddress) => `${user} ${hex(device)}`
const sharesOf = (mail: readonly Mail[]): readonly Share[] =>
  mail.map(({ sender, envelope }) => ({ sender, messages: 1, bytes: envelope.length }))
const isLasting = (kind: PrekeyKind) => kind === 'signed' || kind === 'KEM last-resort'

/** For a relay that ends with its process: nothing of it is ever on a disk. */
export function openMemoryStore(remembered: number = rememberedMaximum): Store {
  const lists = new Map<string, Uint8Array>()
  const devices: Device[] = []
  const byAddress = new Map<string, Device>()
  const links: Uint8Array[] = []
  const blobs = memoryBlobs()
  const mailroom = createMailroom(remembered)
  let look: Look | null = null
  let posted = 0

  const known = (row: number): Device => {
    const device = devices[row - 1]
    if (!device) throw new Error(`there is no device in row ${row}`)
    return device
  }

  const present = (address: DeviceAddress): Device | null => {
    const device = byAddress.get(keyOf(address))
    return device && !device.isRemoved ? device : null
  }

  function enter(address: DeviceAddress): void {
    const there = byAddress.get(keyOf(address))
    if (there) return void (there.isRemoved = false)
    const device: Device = {
      address,
      row: devices.length + 1,
      keys: null,
      isRemoved: false,
      lastSequence: 0,
      mail: [],
      prekeys: [],
      sent: new Map(),
    }
    devices.push(device)
    byAddress.set(keyOf(address), device)
  }

  /** What the mailroom writes happens when it is over, so that a commit that fails has done nothing. */
  function tablesThatWait(): MailTables & { readonly write: () => void } {
    const changes: (() => void)[] = []
    const removedThrough = new Map<number, number>()
    const mailIn = (row: number) => known(row).mail.filter(({ sequence }) => sequence > (removedThrough.get(row) ?? 0))
    return {
      rowOf: (address) => present(address)?.row ?? null,
      mailbox: (row) => ({
        lastSequence: known(row).lastSequence,
        shares: sharesOf(mailIn(row)),
      }),
      sent: (sender, recipient) => known(sender).sent.get(recipient) ?? null,
      removeMail(row, through) {
        const gone = mailIn(row).filter(({ sequence }) => sequence <= through)
        removedThrough.set(row, through)
        changes.push(() => void (known(row).mail = known(row).mail.filter(({ sequence }) => sequence > through)))
        return sharesOf(gone)
      },
      dropMail(row) {
        removedThrough.set(row, Infinity)
        changes.push(() => void (known(row).mail = []))
      },
      addMail: (row, sequence, sender, { time, sinceMs, from, envelope }: Posting) =>
        // it may lie in a larger frame
        void changes.push(() =>
          known(row).mail.push({
            sequence,
            time,
            from,
            envelope: new Uint8Array(envelope),
            sender,
            sinceMs,
            place: posted++,
          }),
        ),
      setLastSequence: (row, sequence) => void changes.push(() => void (known(row).lastSequence = sequence)),
      setSent: (sender, recipient, sent) => void changes.push(() => known(sender).sent.set(recipient, sent)),
      write() {
        for (const change of changes) change()
      },
    }
  }

  return {
    account: async (user) => lists.get(user) ?? null,
    async device(address) {
      const device = present(address)
      return device && { ...device.address, row: device.row }
    },
    keysOf: async (address) => byAddress.get(keyOf(address))?.keys ?? null,

    async register({ user, known: before, list, added, removed, claims }) {
      const now = lists.get(user) ?? null
      if (!(now && before ? equal(now, before) : now === before)) return 'changed'
      const claimed = new Map<string, Uint8Array>()
      for (const { device, keys } of claims) {
        const key = keyOf({ user, device })
        const owned = claimed.get(key) ?? byAddress.get(key)?.keys
        if (owned && !equal(owned, keys)) return 'other-keys'
        claimed.set(key, keys)
      }
      lists.set(user, list)
      for (const device of added) enter({ user, device })
      for (const [key, keys] of claimed) {
        const device = byAddress.get(key)
        if (device) device.keys = keys
      }
      for (const id of removed) {
        const device = present({ user, device: id })
        if (!device) continue
        Object.assign(device, { isRemoved: true, mail: [], prekeys: [] })
        mailroom.forgetDevice(device.address, device.row)
      }
      return 'done'
    },

    async publishPrekeys(row, prekeys, replace, good, most) {
      const device = known(row)
      const next = new Map((replace ? [] : device.prekeys).map((prekey) => [prekey.id, prekey]))
      for (const prekey of prekeys) next.set(prekey.id, prekey)
      const all = [...next.values()].toSorted((one, other) => one.id - other.id)
      const kept = [...new Set(prekeys.map(({ kind }) => kind))].reduce(
        (rest, kind) => thin(rest, kind, good, most),
        all,
      )
      if (prekeys.some(({ kind }) => ofKind(kept, kind).length > most)) return false
      device.prekeys = kept
      return true
    },

    async takeBundle(row, good, isFresh) {
      const device = known(row)
      const [signed, lastResort] = [last(device.prekeys, 'signed', good), last(device.prekeys, 'KEM last-resort', good)]
      if (!signed) return null
      const first = (kind: PrekeyKind) => (isFresh ? usableOnce(device.prekeys, kind, good)[0] : undefined)
      const [kem, oneTime] = [first('KEM one-time'), first('one-time')]
      const ofKem = kem ?? lastResort
      if (!ofKem) return null
      device.prekeys = device.prekeys.filter((prekey) => prekey !== kem && prekey !== oneTime)
      return { signed: signed.bytes, kem: ofKem.bytes, oneTime: oneTime?.bytes ?? null }
    },

    async countPrekeys(row, good) {
      const { prekeys } = known(row)
      return {
        oneTime: usableOnce(prekeys, 'one-time', good).length,
        kemOneTime: usableOnce(prekeys, 'KEM one-time', good).length,
      }
    },

    async commit(batch) {
      const tables = tablesThatWait()
      try {
        const outcomes = mailroom.process(batch, tables)
        batch.beforeDisk(outcomes)
        tables.write()
        return outcomes
      } catch (error) {
        mailroom.forget()
        throw error
      }
    },

    async mailAfter(row, after, limit, mostBytes = Infinity) {
      const { mail } = known(row)
      const first = mail.findIndex(({ sequence }) => sequence > after)
      const found: StoredMail[] = []
      let sizeBytes = 0
      for (let i = first; i !== -1 && i < mail.length && found.length < limit && sizeBytes <= mostBytes; i++) {
        const { sequence, time, from, envelope } = mail[i] as Mail
        found.push({ sequence, time, from, envelope })
        sizeBytes += envelope.length
      }
      return found
    },

    async expireMail(beforeMs, most) {
      const old = devices
        .flatMap(({ row, mail }) => mail.map((one) => ({ device: row, one })))
        .filter(({ one }) => one.sinceMs < beforeMs)
        .toSorted((first, second) => first.one.sinceMs - second.one.sinceMs || first.one.place - second.one.place)
        .slice(0, most)
      const gone = new Set(old.map(({ one }) => one))
      for (const device of devices) device.mail = device.mail.filter((one) => !gone.has(one))
      mailroom.expired(
        old.map(({ device, one: { sender, envelope } }) => ({ device, sender, messages: 1, bytes: envelope.length })),
      )
      return old.length
    },

    hasSent: async (senders, recipients) =>
      senders.some((sender) => recipients.some((recipient) => known(sender).sent.has(recipient))),
    sentTo: async (sender, recipient) => devices[sender - 1]?.sent.get(recipient)?.counter ?? 0,
    sentBy: async (sender, after, limit) =>
      [...known(sender).sent]
        .filter(([row]) => row > after)
        .toSorted(([one], [other]) => one - other)
        .slice(0, limit)
        .map(([row, sent]) => ({ row, to: known(row).address, ...sent })),

    policies: async () => [...links],
    async addPolicy(link, epoch) {
      if (epoch !== links.length + 1) return false
      links.push(link)
      return true
    },

    blob: async (id) => blobs.one(id),
    blobUse: async () => blobs.use(),
    reserveBlob: async (...asked) => blobs.reserve(...asked),
    growBlob: async (...asked) => blobs.grow(...asked),
    removeBlob: async (...asked) => blobs.remove(...asked),
    oldBlobs: async (...asked) => blobs.old(...asked),
    expireBlobs: async (...asked) => blobs.expire(...asked),

    lastLook: async () => look,
    saveLook: async (now) => void (look = now),
    close: () => undefined,
  }
}

const ofKind = (prekeys: readonly StoredPrekey[], kind: PrekeyKind) => prekeys.filter((prekey) => prekey.kind === kind)

const isGood = ({ expiresAtSeconds }: StoredPrekey, afterSeconds: number, untilSeconds: number) =>
  expiresAtSeconds > afterSeconds && expiresAtSeconds <= untilSeconds

/** The last that is good, or the last of all where none is. @param prekeys in the order of their ids */
function last(prekeys: readonly StoredPrekey[], kind: PrekeyKind, good: Lasting): StoredPrekey | undefined {
  const all = ofKind(prekeys, kind)
  return all.findLast((prekey) => isGood(prekey, good.afterSeconds, good.untilSeconds)) ?? all.at(-1)
}

function usableOnce(prekeys: readonly StoredPrekey[], kind: PrekeyKind, good: Lasting): readonly StoredPrekey[] {
  const signed = last(prekeys, 'signed', good)
  const latest = signed ? signed.expiresAtSeconds + good.onceAfterSignedSeconds : Infinity
  return ofKind(prekeys, kind).filter((prekey) => isGood(prekey, good.afterSeconds, latest))
}

/** Where there are too many of a kind, those go of which there is no need, the lowest ids first. */
function thin(prekeys: readonly StoredPrekey[], kind: PrekeyKind, good: Lasting, most: number): StoredPrekey[] {
  const all = ofKind(prekeys, kind)
  const usable = usableOnce(prekeys, kind, good)
  const needless = all.filter((prekey) => isLasting(kind) || !usable.includes(prekey))
  const gone = new Set(needless.slice(0, Math.max(0, all.length - most)))
  return prekeys.filter((prekey) => !gone.has(prekey))
}
