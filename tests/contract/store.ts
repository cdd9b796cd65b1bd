import { describe, expect, it, onTestFinished } from 'vitest'
import type { BlobId } from '../../crypto/attachment.ts'
import { utf8 } from '../../crypto/bytes.ts'
import { envelopeDigest } from '../../crypto/envelope.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { PrekeyKind } from '../../crypto/prekeys.ts'
import type { DeviceAddress } from '../../server/api.ts'
import { mailboxMaximumBytes, mailboxMaximumMessages } from '../../server/store/mailroom.ts'
import type { BlobAges, Lasting, Store, StoredPrekey } from '../../server/store/store.ts'
import { seededRandom } from '../support/random.ts'
import { acknowledge, change, enroll, nothingElse, post, posting } from '../support/stored.ts'

export interface StoreKind {
  /** whether a store opened again at the same place is the same store */
  readonly lasts: boolean
  /** somewhere new; what it gives opens a store there */
  readonly place: () => () => Store
}

const random = seededRandom('stores')
const ids = { phone: random(32) as DeviceId, laptop: random(32) as DeviceId, bob: random(32) as DeviceId }
const phone = { user: 'alice', device: ids.phone }
const laptop = { user: 'alice', device: ids.laptop }
const bob = { user: 'bob', device: ids.bob }
const now = 1000
/** prekeys that have not expired, and expire no later than they can */
const good: Lasting = { afterSeconds: now, untilSeconds: now + 90, onceAfterSignedSeconds: 7 }
const plenty = 100
const letters = 'abcdefghi'.split('')
const text = (bytes: Uint8Array | null | undefined) => bytes && new TextDecoder().decode(bytes)

const prekey = (kind: PrekeyKind, id: number, expiresAtSeconds = now + 1): StoredPrekey => ({
  kind,
  id,
  expiresAtSeconds,
  bytes: utf8(`${kind} ${id}`),
})
const oneTime = (count: number) => Array.from({ length: count }, (_, i) => prekey('one-time', i + 1))
const lasting = [prekey('signed', 901), prekey('KEM last-resort', 902)]

/** Alice's two devices and Bob's one, by their rows. */
async function peopled(store: Store) {
  await enroll(store, 'alice', [ids.phone, ids.laptop], utf8("alice's list"))
  await enroll(store, 'bob', [ids.bob], utf8("bob's list"))
  const row = async (address: DeviceAddress) => (await store.device(address))?.row ?? 0
  return { phone: await row(phone), laptop: await row(laptop), bob: await row(bob) }
}

/** Everything a mailbox holds, as texts. */
const mailbox = async (store: Store, device: number) =>
  (await store.mailAfter(device, 0, 1000)).map(({ envelope }) => text(envelope))

const publish = (store: Store, device: number, prekeys: readonly StoredPrekey[], replace = false, most = plenty) =>
  store.publishPrekeys(device, prekeys, replace, good, most)

const take = async (store: Store, device: number, isFresh = true) => {
  const taken = await store.takeBundle(device, good, isFresh)
  return taken && [taken.signed, taken.kem, taken.oneTime].map(text)
}

/** What every store owes the relay, whatever it is. */
export function storeSuite(name: string, { lasts, place }: StoreKind): void {
  const opened = (open = place()) => {
    const store = open()
    onTestFinished(() => store.close())
    return store
  }

  describe(`a store ${name}: accounts`, () => {
    it('knows an account by its name, and a device by its name and its id', async () => {
      const store = opened()
      const rows = await peopled(store)
      expect(await store.account('alice')).toEqual(utf8("alice's list"))
      expect(await store.device(laptop)).toEqual({ ...laptop, row: rows.laptop })
      expect(new Set(Object.values(rows)).size).toBe(3)
      const strangers = [store.account('carol'), store.device({ user: 'bob', device: ids.phone })]
      expect(await Promise.all(strangers)).toEqual([null, null])
    })

    it('changes an account only from the state that the change was made for', async () => {
      const store = opened()
      await peopled(store)
      const tablet = random(32) as DeviceId
      const asked = { user: 'alice', list: utf8('another list'), added: [tablet] }
      for (const known of [null, utf8('an older list')])
        expect(await change(store, { ...asked, known })).toBe('changed')
      expect(await change(store, { ...asked, user: 'carol', known: utf8('no such list') })).toBe('changed')
      expect([await store.account('alice'), await store.account('carol')]).toEqual([utf8("alice's list"), null])
      expect(await store.device({ user: 'alice', device: tablet })).toBeNull()
      expect(await change(store, { ...asked, known: utf8("alice's list") })).toBe('done')
      expect(await store.account('alice')).toEqual(utf8('another list'))
      expect(await store.device({ user: 'alice', device: tablet })).not.toBeNull()
    })

    it('lets a device go with its mail and prekeys, and keeps what it has sent under its name', async () => {
      const store = opened()
      const rows = await peopled(store)
      for (const device of [rows.phone, rows.laptop]) await publish(store, device, [...oneTime(3), ...lasting])
      await post(store, bob, phone, [utf8('for the phone')])
      await post(store, bob, laptop, [utf8('for the laptop')])
      await post(store, phone, bob, [utf8('from the phone')])
      const tablet = random(32) as DeviceId
      const gone = { user: 'alice', known: utf8("alice's list"), list: utf8('her next list') }
      await change(store, { ...gone, added: [tablet], removed: [ids.phone] })
      expect(await store.account('alice')).toEqual(utf8('her next list'))
      expect([await store.device(phone), (await store.device(laptop))?.row]).toEqual([null, rows.laptop])
      expect(await store.device({ user: 'alice', device: tablet })).not.toBeNull()
      expect([await mailbox(store, rows.phone), await mailbox(store, rows.laptop)]).toEqual([[], ['for the laptop']])
      const counts = [rows.phone, rows.laptop].map(async (row) => (await store.countPrekeys(row, good)).oneTime)
      expect(await Promise.all(counts)).toEqual([0, 3])
      expect(await take(store, rows.phone)).toBeNull()
      expect(await store.mailAfter(rows.bob, 0, 10)).toMatchObject([{ from: phone }])

      // what it says, and what is said to it, finds nobody
      const late = [
        posting({ from: bob, to: phone, counter: 2, envelope: utf8('too late') }),
        posting({ from: phone, to: bob, counter: 2, envelope: utf8('a ghost') }),
      ]
      const kinds = (await store.commit({ ...nothingElse, postings: late })).map(({ kind }) => kind)
      expect(kinds).toEqual(['no-recipient', 'no-sender'])

      await change(store, { ...gone, known: utf8('her next list'), list: utf8('back again'), added: [ids.phone] })
      expect((await store.device(phone))?.row).toBe(rows.phone)
      expect(await store.sentTo(rows.phone, rows.bob)).toBe(1)
      expect(await post(store, bob, phone, [utf8('after')])).toEqual([
        { kind: 'accepted', device: rows.phone, sequence: 2 },
      ])
      expect(await mailbox(store, rows.phone)).toEqual(['after'])
    })

    it('remembers whose keys the id of a device belongs to, also once the device is gone', async () => {
      const store = opened()
      await peopled(store)
      expect([await store.keysOf(phone), await store.keysOf({ user: 'bob', device: ids.phone })]).toEqual([null, null])
      const asked = { user: 'alice', known: utf8("alice's list"), list: utf8("alice's list") }
      const keys = utf8("the phone's keys")
      expect(await change(store, { ...asked, claims: [{ device: ids.phone, keys }] })).toBe('done')
      await change(store, { ...asked, list: utf8('without it'), removed: [ids.phone] })
      expect(await store.keysOf(phone)).toEqual(keys)
      expect(await store.keysOf(laptop)).toBeNull()
    })

    it('changes nothing where an id belongs to other keys', async () => {
      const store = opened()
      await peopled(store)
      const asked = { user: 'alice', known: utf8("alice's list"), list: utf8('her next list'), added: [ids.bob] }
      const claims = ['first keys', 'first keys', 'other keys'].map((keys) => ({
        device: ids.phone,
        keys: utf8(keys),
      }))
      expect(await change(store, { ...asked, claims })).toBe('other-keys')
      expect(await store.account('alice')).toEqual(utf8("alice's list"))
      expect([await store.keysOf(phone), await store.device({ user: 'alice', device: ids.bob })]).toEqual([null, null])
      expect(await change(store, { ...asked, claims: claims.slice(0, 2) })).toBe('done')
      expect(await store.keysOf(phone)).toEqual(utf8('first keys'))
    })
  })

  describe(`a store ${name}: ids of no device`, () => {
    it('are claimed for one key as any other is, and nothing is taken down for them', async () => {
      const store = opened()
      await peopled(store)
      const [asked, nobody] = [{ user: 'alice', known: utf8("alice's list") }, random(32) as DeviceId]
      const claims = ['first keys', 'other keys'].map((keys) => ({ device: nobody, keys: utf8(keys) }))
      expect(await change(store, { ...asked, list: utf8('contradicted'), claims })).toBe('other-keys')
      expect(await store.account('alice')).toEqual(asked.known)
      for (const claim of claims)
        expect(await change(store, { ...asked, list: asked.known, claims: [claim] })).toBe('done')
      expect(await store.keysOf({ user: 'alice', device: nobody })).toBeNull()
    })

    it('are removed without a word', async () => {
      const store = opened()
      const rows = await peopled(store)
      await post(store, bob, phone, [utf8('for the phone')])
      const asked = {
        user: 'alice',
        known: utf8("alice's list"),
        list: utf8('next'),
        removed: [random(32) as DeviceId],
      }
      expect(await change(store, asked)).toBe('done')
      expect([await store.account('alice'), await mailbox(store, rows.phone)]).toEqual([
        utf8('next'),
        ['for the phone'],
      ])
    })
  })

  describe(`a store ${name}: prekeys`, () => {
    it('hands out each one-time key once, however calls for two devices follow each other', async () => {
      const store = opened()
      const rows = await peopled(store)
      const kem = oneTime(20).map(({ id }) => prekey('KEM one-time', id + 20))
      await publish(store, rows.bob, [...lasting, ...oneTime(20), ...kem])
      await publish(store, rows.phone, [...lasting, ...oneTime(20)])
      const devices = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? rows.bob : rows.phone))
      const taken = await Promise.all(devices.map((device) => take(store, device)))
      const of = (device: number, part: number) =>
        new Set(taken.flatMap((bundle, i) => (devices[i] === device ? [bundle?.[part]] : [])))
      expect([of(rows.bob, 1), of(rows.bob, 2), of(rows.phone, 2)].map(({ size }) => size)).toEqual([20, 20, 20])
      expect(of(rows.phone, 1)).toEqual(new Set(['KEM last-resort 902']))
      for (const device of [rows.bob, rows.phone])
        expect(await take(store, device)).toEqual(['signed 901', 'KEM last-resort 902', null])
    })

    it('takes nothing where it is not asked for fresh ones, or a part of the bundle is missing', async () => {
      const store = opened()
      const rows = await peopled(store)
      const one = [...oneTime(1), prekey('KEM one-time', 2)]
      await publish(store, rows.bob, one)
      expect(await take(store, rows.bob)).toBeNull()
      await publish(store, rows.bob, [prekey('signed', 901)])
      expect(await take(store, rows.bob, false)).toBeNull()
      await publish(store, rows.bob, [prekey('KEM last-resort', 902)])
      expect(await take(store, rows.bob, false)).toEqual(['signed 901', 'KEM last-resort 902', null])
      expect(await store.countPrekeys(rows.bob, good)).toEqual({ oneTime: 1, kemOneTime: 1 })
      expect(await take(store, rows.bob)).toEqual(['signed 901', 'KEM one-time 2', 'one-time 1'])
    })

    it('never hands out nor counts an expired one, nor one that expires too long after the signed one', async () => {
      const store = opened()
      const rows = await peopled(store)
      const expiries = [now, now + 8, 0, now + 9]
      await publish(store, rows.bob, [
        ...lasting,
        ...expiries.map((expiry, i) => prekey('one-time', i + 1, expiry)),
        ...expiries.map((expiry, i) => prekey('KEM one-time', i + 11, expiry)),
      ])
      expect(await store.countPrekeys(rows.bob, good)).toEqual({ oneTime: 1, kemOneTime: 1 })
      expect(await take(store, rows.bob)).toEqual(['signed 901', 'KEM one-time 12', 'one-time 2'])
      expect(await take(store, rows.bob)).toEqual(['signed 901', 'KEM last-resort 902', null])
    })

    it('measures one-time keys by nothing where there is no signed one', async () => {
      const store = opened()
      const rows = await peopled(store)
      await publish(store, rows.bob, [prekey('one-time', 1, now + 1_000_000), prekey('one-time', 2, now)])
      expect(await store.countPrekeys(rows.bob, good)).toEqual({ oneTime: 1, kemOneTime: 0 })
    })

    it.each([
      ['the last of those that are good', [now + 9, now + 5, now + 91, now], 8],
      ['the last of all where none is', [now + 92, now, now + 91], 9],
    ])('leaves the signed and the last-resort one where they are, and gives %s', async (_which, expiries, last) => {
      const store = opened()
      const rows = await peopled(store)
      for (const [kind, from] of [
        ['KEM last-resort', 7],
        ['signed', 107],
      ] as const)
        await publish(
          store,
          rows.bob,
          expiries.map((expiry, i) => prekey(kind, from + i, expiry)),
        )
      for (let i = 0; i < 3; i++)
        expect(await take(store, rows.bob)).toEqual([`signed ${100 + last}`, `KEM last-resort ${last}`, null])
    })

    it('thins out one kind of one device: what is not good goes, the oldest first, and good one-time keys stay', async () => {
      const store = opened()
      const rows = await peopled(store)
      const expiries = [now + 1, now, now + 91, now, now + 1]
      const some = expiries.map((expiry, i) => prekey('one-time', i + 1, expiry))
      const count = async (device: number) => (await store.countPrekeys(device, everything)).oneTime
      const everything = { afterSeconds: -1, untilSeconds: now + 1000, onceAfterSignedSeconds: now + 1000 }
      for (const device of [rows.bob, rows.phone]) await publish(store, device, [...some, ...lasting])
      // of five and one more, one too many goes; then two
      expect(await publish(store, rows.bob, [prekey('one-time', 6)], false, 5)).toBe(true)
      expect(await count(rows.bob)).toBe(5)
      expect(await publish(store, rows.bob, [prekey('one-time', 7)], false, 4)).toBe(true)
      expect(await count(rows.bob)).toBe(4)
      // all four are good: there is no room, and nothing has happened
      expect(await publish(store, rows.bob, [prekey('one-time', 8), prekey('signed', 999)], false, 4)).toBe(false)
      expect(await count(rows.bob)).toBe(4)
      expect((await take(store, rows.bob, false))?.[0]).toBe('signed 901')
      // of those that are used again, what is good makes room too
      for (const id of [903, 904]) expect(await publish(store, rows.bob, [prekey('signed', id)], false, 1)).toBe(true)
      expect((await take(store, rows.bob, false))?.[0]).toBe('signed 904')
      expect(await count(rows.phone)).toBe(5)
    })

    it('puts a prekey in the place of one with its id, and replaces those of one device at a time', async () => {
      const store = opened()
      const rows = await peopled(store)
      const count = async (device: number) => (await store.countPrekeys(device, good)).oneTime
      for (const device of [rows.phone, rows.bob]) await publish(store, device, oneTime(3))
      await publish(store, rows.bob, [prekey('signed', 2)])
      expect(await count(rows.bob)).toBe(2)
      await publish(store, rows.bob, lasting, true)
      expect([await count(rows.bob), await count(rows.phone)]).toEqual([0, 3])
    })
  })

  describe(`a store ${name}: commits`, () => {
    it('counts each mailbox from 1, in the order of arrival, and says who sent what when', async () => {
      const store = opened()
      const rows = await peopled(store)
      const postings = [phone, laptop, phone].map((from, i) =>
        posting({ from, to: bob, counter: i === 2 ? 2 : 1, envelope: utf8(`to bob ${i}`), time: now + i }),
      )
      const back = posting({ from: bob, to: phone, counter: 1, envelope: utf8('to alice') })
      expect(await store.commit({ ...nothingElse, postings: [...postings, back] })).toEqual([
        ...[1, 2, 3].map((sequence) => ({ kind: 'accepted', device: rows.bob, sequence })),
        { kind: 'accepted', device: rows.phone, sequence: 1 },
      ])
      expect(await store.mailAfter(rows.bob, 1, 1)).toEqual([
        { sequence: 2, time: now + 1, from: laptop, envelope: utf8('to bob 1') },
      ])
    })

    it('judges by sender, recipient, counter, bytes, form and room, and by what came before in the same commit', async () => {
      const store = opened()
      const rows = await peopled(store)
      const nobody = { user: 'carol', device: random(32) as DeviceId }
      const small = utf8('small')
      const letter = { from: phone, to: bob, envelope: small }
      const half = new Uint8Array(mailboxMaximumBytes / 2)
      const handed = [
        { ...letter, from: nobody, to: nobody, counter: 1 },
        { ...letter, to: nobody, counter: 1, isFaulty: true },
        { ...letter, counter: 0, envelope: new Uint8Array(), isFaulty: true },
        { ...letter, counter: 2, isFaulty: true },
        { ...letter, counter: 1, isFaulty: true },
        { ...letter, counter: 1, envelope: new Uint8Array(mailboxMaximumBytes / 2 + 1) },
        { ...letter, counter: 1 },
        { ...letter, counter: 1 },
        { ...letter, counter: 1, envelope: utf8('other'), isFaulty: true },
        { ...letter, counter: 2 },
        { ...letter, counter: 1, envelope: utf8('an older one, which nobody compares') },
        { ...letter, counter: 3, envelope: half },
        { ...letter, from: laptop, counter: 1, envelope: half },
        { ...letter, from: bob, counter: 1, envelope: half },
      ]
      const outcomes = await store.commit({ ...nothingElse, postings: handed.map(posting) })
      expect(outcomes).toEqual([
        { kind: 'no-sender' },
        { kind: 'no-recipient' },
        { kind: 'known' },
        { kind: 'gap', next: 1 },
        { kind: 'faulty' },
        { kind: 'share-full' },
        { kind: 'accepted', device: rows.bob, sequence: 1 },
        { kind: 'known' },
        { kind: 'other-bytes' },
        { kind: 'accepted', device: rows.bob, sequence: 2 },
        { kind: 'known' },
        { kind: 'share-full' },
        { kind: 'accepted', device: rows.bob, sequence: 3 },
        { kind: 'mailbox-full' },
      ])
      expect((await store.mailAfter(rows.bob, 0, 10)).map(({ envelope }) => envelope.length)).toEqual([
        5,
        5,
        half.length,
      ])
    })

    it('makes room by acknowledgements first, counts what expires, and never uses a sequence again', async () => {
      const store = opened()
      const rows = await peopled(store)
      const half = mailboxMaximumMessages / 2
      const one = utf8('x')
      const kindsOf = async (from: DeviceAddress, count: number, sinceMs = now) =>
        (
          await post(
            store,
            from,
            bob,
            Array.from({ length: count }, () => one),
            now,
            sinceMs,
          )
        ).map(({ kind }) => kind)
      expect(new Set(await kindsOf(phone, half))).toEqual(new Set(['accepted']))
      expect(await kindsOf(phone, 1)).toEqual(['share-full'])
      expect(new Set(await kindsOf(laptop, half, now + 1))).toEqual(new Set(['accepted']))
      expect(await kindsOf(bob, 1)).toEqual(['mailbox-full'])
      const next = posting({ from: phone, to: bob, counter: half + 1, envelope: one })
      const both = { ...nothingElse, acknowledgements: new Map([[rows.bob, 2]]), postings: [next] }
      expect(await store.commit(both)).toEqual([
        { kind: 'accepted', device: rows.bob, sequence: mailboxMaximumMessages + 1 },
      ])
      expect(await kindsOf(phone, 2)).toEqual(['accepted', 'mailbox-full'])
      expect(await store.expireMail(now + 1, mailboxMaximumMessages)).toBe(half)
      expect(await kindsOf(phone, 1)).toEqual(['accepted'])
      await acknowledge(store, rows.bob, 1_000_000)
      expect(await mailbox(store, rows.bob)).toEqual([])
      expect(await store.expireMail(now + 100, plenty)).toBe(0)
      expect(await post(store, bob, bob, [one])).toEqual([
        { kind: 'accepted', device: rows.bob, sequence: mailboxMaximumMessages + 4 },
      ])
    })

    it('knows one id in two accounts as two devices', async () => {
      const store = opened()
      await peopled(store)
      await enroll(store, 'carol', [ids.phone])
      const carols = { user: 'carol', device: ids.phone }
      const [own, other] = [(await store.device(phone))?.row, (await store.device(carols))?.row]
      const postings = [phone, carols, carols].map((to, i) =>
        posting({ from: i === 2 ? carols : phone, to, counter: 1, envelope: utf8(`${i}`) }),
      )
      expect(await store.commit({ ...nothingElse, postings })).toEqual([
        { kind: 'accepted', device: own, sequence: 1 },
        { kind: 'accepted', device: other, sequence: 1 },
        { kind: 'accepted', device: other, sequence: 2 },
      ])
    })

    it('has room for as much in the mailbox of a device that comes back', async () => {
      const store = opened()
      await peopled(store)
      const half = new Uint8Array(mailboxMaximumBytes / 2)
      const kind = async () => (await post(store, phone, bob, [half]))[0]?.kind
      expect([await kind(), await kind()]).toEqual(['accepted', 'share-full'])
      await change(store, { user: 'bob', known: utf8("bob's list"), list: utf8('none'), removed: [ids.bob] })
      await change(store, { user: 'bob', known: utf8('none'), list: utf8('back'), added: [ids.bob] })
      expect([await kind(), await kind()]).toEqual(['accepted', 'share-full'])
    })

    it('judges many pairs of devices in one commit, each by what came before it there', async () => {
      const store = opened()
      await peopled(store)
      const friends = Array.from({ length: 12 }, (_, i) => ({ user: `friend-${i}`, device: random(32) as DeviceId }))
      for (const { user, device } of friends) await enroll(store, user, [device])
      const pairs = friends.flatMap((from) => friends.map((to) => ({ from, to })))
      const handed = (counter: number) => pairs.map((pair) => posting({ ...pair, counter, envelope: utf8('x') }))
      const outcomes = await store.commit({ ...nothingElse, postings: [1, 2, 2, 4].flatMap(handed) })
      const expected = (at: number) =>
        [
          { kind: 'accepted', sequence: Math.floor(at / 12) + 1 },
          { kind: 'accepted', sequence: Math.floor(at / 12) + 13 },
          { kind: 'known' },
          { kind: 'gap', next: 3 },
        ] as const
      expect(outcomes).toMatchObject([0, 1, 2, 3].flatMap((turn) => pairs.map((_, at) => expected(at)[turn])))
      const rows = await Promise.all(friends.map(async (friend) => (await store.device(friend))?.row ?? 0))
      for (const row of rows) expect(await mailbox(store, row)).toHaveLength(24)
      expect(await store.commit({ ...nothingElse, postings: handed(3) })).toMatchObject(
        pairs.map((_, at) => ({ kind: 'accepted', sequence: Math.floor(at / 12) + 25 })),
      )
    })

    it('takes away what is acknowledged, again and again, of one mailbox', async () => {
      const store = opened()
      const rows = await peopled(store)
      await post(store, phone, bob, letters.map(utf8))
      await post(store, bob, phone, [utf8('mine')])
      for (const sequence of [3, 3, 1]) await acknowledge(store, rows.bob, sequence)
      expect(await mailbox(store, rows.bob)).toEqual(letters.slice(3))
      expect(await mailbox(store, rows.phone)).toEqual(['mine'])
    })

    it('takes away all of one mailbox, and counts on from there', async () => {
      const store = opened()
      const rows = await peopled(store)
      await post(store, phone, bob, letters.map(utf8))
      await post(store, bob, phone, [utf8('mine')])
      for (const beyond of [0, 1]) await acknowledge(store, rows.bob, letters.length + beyond)
      expect(await mailbox(store, rows.bob)).toEqual([])
      expect(await mailbox(store, rows.phone)).toEqual(['mine'])
      const batch = {
        acknowledgements: new Map([[rows.bob, letters.length]]),
        postings: [posting({ from: phone, to: bob, counter: letters.length + 1, envelope: utf8('next') })],
      }
      const outcomes = await store.commit({ ...batch, beforeDisk: () => undefined })
      expect(outcomes).toEqual([{ kind: 'accepted', device: rows.bob, sequence: letters.length + 1 }])
      expect(await mailbox(store, rows.bob)).toEqual(['next'])
    })

    it.each([
      ['all', 2],
      ['a part', 1],
    ])('has room again for as much as %s of what a sender had there', async (_, sequence) => {
      const store = opened()
      const rows = await peopled(store)
      const half = new Uint8Array(mailboxMaximumBytes / 2)
      const [most, rest] = [half.subarray(1), half.subarray(0, 1)]
      const offer = async (counter: number, envelope: Uint8Array, through = 0) => {
        const acknowledgements = new Map(through > 0 ? [[rows.bob, through]] : [])
        const postings = [posting({ from: phone, to: bob, counter, envelope })]
        return (await store.commit({ acknowledgements, postings, beforeDisk: () => undefined }))[0]?.kind
      }
      for (const [i, envelope] of [most, rest].entries()) expect(await offer(i + 1, envelope)).toBe('accepted')
      expect(await offer(3, most)).toBe('share-full')
      expect(await offer(3, most, sequence)).toBe('accepted')
      expect(await offer(4, rest)).toBe(sequence === 2 ? 'accepted' : 'share-full')
    })

    it('gives mail in its order, so many, and nothing behind that with which it is more than so many bytes', async () => {
      const store = opened()
      const rows = await peopled(store)
      const sizes = [10, 20, 0, 30, 40]
      await post(
        store,
        phone,
        bob,
        sizes.map((size) => new Uint8Array(size)),
      )
      const given = async (after: number, limit: number, most?: number) =>
        (await store.mailAfter(rows.bob, after, limit, most)).map(({ envelope }) => envelope.length)
      expect(await given(0, 10)).toEqual(sizes)
      expect(await given(1, 2)).toEqual([20, 0])
      expect(await given(0, 10, 0)).toEqual([10])
      expect(await given(0, 10, 30)).toEqual([10, 20, 0, 30])
      expect(await given(0, 2, 30)).toEqual([10, 20])
      expect(await given(5, 10, 30)).toEqual([])
    })

    it('expires what is as old as that, in all mailboxes', async () => {
      const store = opened()
      const rows = await peopled(store)
      for (const [i, letter] of letters.entries()) await post(store, phone, bob, [utf8(letter)], 7, now + i)
      await post(store, bob, phone, [utf8('old')], 7, now)
      expect(await store.expireMail(now + 3, plenty)).toBe(4)
      expect([await mailbox(store, rows.bob), await mailbox(store, rows.phone)]).toEqual([letters.slice(3), []])
    })

    it('expires so much at once, the oldest first and of one age what came first, and has room for as much again', async () => {
      const store = opened()
      const rows = await peopled(store)
      const third = new Uint8Array(mailboxMaximumBytes / 2 / 3)
      for (const [from, to, sinceMs] of [
        [phone, bob, now + 2],
        [phone, phone, now + 1],
        [phone, bob, now + 1],
        [laptop, bob, now + 1],
        [phone, bob, now + 2],
      ] as const)
        await post(store, from, to, [third], 7, sinceMs)
      const left = async () => (await store.mailAfter(rows.bob, 0, 10)).map(({ sequence }) => sequence)
      const kind = async (from: DeviceAddress) => (await post(store, from, bob, [third], 7, now + 9))[0]?.kind
      expect(await kind(phone)).toBe('share-full')
      expect([await store.expireMail(now + 3, 2), await left()]).toEqual([2, [1, 3, 4]])
      expect([await kind(phone), await kind(phone)]).toEqual(['accepted', 'share-full'])
      expect([await store.expireMail(now + 3, 2), await left()]).toEqual([2, [4, 5]])
      expect([await store.expireMail(now + 3, 2), await left()]).toEqual([1, [5]])
      expect(await store.expireMail(now + 3, 2)).toBe(0)
    })

    it('has done nothing, and takes the same again, when something fails before it is on disk', async () => {
      const store = opened()
      const rows = await peopled(store)
      await post(store, phone, bob, [utf8('before')])
      const seen: unknown[] = []
      const batch = {
        acknowledgements: new Map([[rows.bob, 1]]),
        postings: [
          posting({ from: phone, to: bob, counter: 2, envelope: utf8('two') }),
          posting({ from: phone, to: bob, counter: 3, envelope: utf8('three') }),
        ],
      }
      const failing = store.commit({
        ...batch,
        beforeDisk(outcomes) {
          seen.push(...outcomes)
          throw new Error('the archive cannot be written')
        },
      })
      await expect(failing).rejects.toThrow('the archive cannot be written')
      const accepted = [2, 3].map((sequence) => ({ kind: 'accepted', device: rows.bob, sequence }))
      expect(seen).toEqual(accepted)
      expect(await mailbox(store, rows.bob)).toEqual(['before'])
      expect(await store.sentTo(rows.phone, rows.bob)).toBe(1)
      expect(await store.commit({ ...batch, beforeDisk: () => undefined })).toEqual(accepted)
      expect(await mailbox(store, rows.bob)).toEqual(['two', 'three'])
    })
  })

  describe(`a store ${name}: counters, policies and the clock`, () => {
    it('remembers how far each device has sent to each other one', async () => {
      const store = opened()
      const rows = await peopled(store)
      expect(await store.sentTo(rows.phone, rows.bob)).toBe(0)
      await post(store, phone, bob, [utf8('one'), utf8('two')])
      await post(store, phone, laptop, [utf8('to myself')])
      await post(store, bob, phone, [utf8('back')])
      expect([await store.sentTo(rows.phone, rows.bob), await store.sentTo(rows.bob, rows.phone)]).toEqual([2, 1])
      const said = await store.sentBy(rows.phone, 0, 10)
      expect(said).toHaveLength(2)
      const digest = (words: string) => envelopeDigest(utf8(words))
      expect(said).toContainEqual({ row: rows.bob, to: bob, counter: 2, digest: digest('two') })
      expect(said).toContainEqual({ row: rows.laptop, to: laptop, counter: 1, digest: digest('to myself') })
      const has = (senders: number[], recipients: number[]) => store.hasSent(senders, recipients)
      expect(await has([rows.bob, rows.phone], [rows.laptop])).toBe(true)
      expect(await has([rows.laptop, rows.bob], [rows.bob, rows.laptop])).toBe(false)
      expect(await has([], [rows.bob])).toBe(false)
    })

    it('tells how far a device has sent page by page, and reads no more than the page', async () => {
      const store = opened()
      await peopled(store)
      const rows: number[] = []
      for (let i = 0; i < 7; i++) {
        const friend = { user: `friend-${i}`, device: random(32) as DeviceId }
        await enroll(store, friend.user, [friend.device])
        await post(
          store,
          phone,
          friend,
          Array.from({ length: i + 1 }, (_, n) => utf8(`${n}`)),
        )
        rows.push((await store.device(friend))?.row ?? 0)
      }
      const sender = (await store.device(phone))?.row ?? 0
      const pages: unknown[] = []
      for (const after of [0, rows[2], rows[5], rows[6]])
        pages.push((await store.sentBy(sender, after ?? 0, 3)).map(({ row, counter }) => [row, counter]))
      expect(pages).toEqual([
        rows.slice(0, 3).map((row, i) => [row, i + 1]),
        rows.slice(3, 6).map((row, i) => [row, i + 4]),
        [[rows[6], 7]],
        [],
      ])
    })

    it('gives policies back in the order in which they came, and takes only the one that comes next', async () => {
      const store = opened()
      const links = Array.from({ length: 12 }, (_, i) => utf8(`link ${i}`))
      for (const [i, link] of links.entries()) expect(await store.addPolicy(link, i + 1)).toBe(true)
      for (const epoch of [1, 12, 14]) expect(await store.addPolicy(utf8('another'), epoch)).toBe(false)
      expect(await store.policies()).toEqual(links)
    })

    it('keeps the last look at the clock', async () => {
      const store = opened()
      expect(await store.lastLook()).toBeNull()
      for (const look of [
        { runningMs: 0, clockMs: 1_700_000_000_000 },
        { runningMs: 60_000, clockMs: 1_600_000_000_000 },
      ]) {
        await store.saveLook(look)
        expect(await store.lastLook()).toEqual(look)
      }
    })
  })

  describe(`a store ${name}: blobs`, () => {
    const id = (fill: number) => new Uint8Array(32).fill(fill) as BlobId
    const room = { bytesOfAccount: 100, countOfAccount: 3, openOfAccount: 2, bytesOfAll: 0, countOfAll: 0 }
    const newBlob = (fill: number, owner: string, sizeBytes: number, sinceMs = 0) => ({
      id: id(fill),
      owner,
      sizeBytes,
      sinceMs,
    })
    const reserving = (store: Store) => (fill: number, owner: string, sizeBytes: number, sinceMs?: number) =>
      store.reserveBlob(newBlob(fill, owner, sizeBytes, sinceMs), room)

    const expire = async (store: Store, ages: BlobAges, most = plenty) =>
      (await store.expireBlobs(await store.oldBlobs(ages, most), ages)).length

    it('knows who has reserved one, and how much of it there is', async () => {
      const store = opened()
      const reserve = reserving(store)
      expect(await store.blob(id(1))).toBeNull()
      expect(await reserve(1, 'alice', 60, 7)).toBe('done')
      expect(await store.blob(id(1))).toEqual({ ...newBlob(1, 'alice', 60, 7), receivedBytes: 0 })
      expect([await store.growBlob(id(1), 0, 40, 8), await store.growBlob(id(1), 0, 50, 9)]).toEqual([true, false])
      expect([await store.growBlob(id(1), 41, 50, 9), await store.growBlob(id(2), 0, 50, 9)]).toEqual([false, false])
      expect(await store.blob(id(1))).toMatchObject({ receivedBytes: 40, sinceMs: 8 })
      expect([await reserve(1, 'alice', 61), await reserve(1, 'bob', 60)]).toEqual(['taken', 'taken'])
      await store.removeBlob(id(1), false)
      await store.removeBlob(id(1), false)
      await store.removeBlob(id(1), true)
      expect(await store.blob(id(1))).toBeNull()
    })

    it('has one that is reserved again grow old from then on, until it is whole', async () => {
      const store = opened()
      const reserve = reserving(store)
      const since = async () => (await store.blob(id(1)))?.sinceMs
      expect([await reserve(1, 'alice', 60, 7), await reserve(1, 'alice', 60, 8), await since()]).toEqual([
        'done',
        'done',
        8,
      ])
      await store.growBlob(id(1), 0, 40, 9)
      expect([await reserve(1, 'alice', 60, 10), await since()]).toEqual(['done', 10])
      expect(await store.blob(id(1))).toMatchObject({ receivedBytes: 40 })
      await store.growBlob(id(1), 40, 60, 11)
      expect([await reserve(1, 'alice', 60, 12), await since()]).toEqual(['done', 11])
    })

    it('has room for some of an account, and for fewer that have not come whole', async () => {
      const store = opened()
      const reserve = reserving(store)
      expect([await reserve(1, 'alice', 100), await reserve(2, 'alice', 1)]).toEqual(['done', 'owner-full'])
      expect([await reserve(3, 'bob', 40), await reserve(4, 'bob', 40), await reserve(5, 'bob', 20)]).toEqual([
        'done',
        'done',
        'owner-open',
      ])
      await store.growBlob(id(3), 0, 40, 0)
      expect([await reserve(5, 'bob', 21), await reserve(5, 'bob', 20)]).toEqual(['owner-full', 'done'])
      for (const fill of [4, 5]) await store.growBlob(id(fill), 0, fill === 4 ? 40 : 20, 0)
      await store.removeBlob(id(3), false)
      for (const fill of [6, 7, 8]) {
        expect(await reserve(fill, 'bob', 1)).toBe(fill === 6 ? 'done' : 'owner-full')
        await store.growBlob(id(fill), 0, 1, 0)
      }
      await store.removeBlob(id(1), false)
      expect(await reserve(1, 'carol', 100)).toBe('done')
    })

    it('counts what has come of all, and of how many, and nothing that is only reserved', async () => {
      const store = opened()
      const reserve = reserving(store)
      expect(await store.blobUse()).toEqual({ count: 0, bytes: 0 })
      for (const fill of [1, 2]) await reserve(fill, 'alice', 10)
      await reserve(3, 'bob', 10)
      expect(await store.blobUse()).toEqual({ count: 0, bytes: 0 })
      await store.growBlob(id(1), 0, 4, 0)
      await store.growBlob(id(3), 0, 10, 0)
      expect(await store.blobUse()).toEqual({ count: 2, bytes: 14 })
      await store.growBlob(id(1), 4, 9, 0)
      expect(await store.blobUse()).toEqual({ count: 2, bytes: 19 })
      await store.removeBlob(id(2), false)
      await store.removeBlob(id(3), false)
      expect(await store.blobUse()).toEqual({ count: 1, bytes: 9 })
      expect(await expire(store, { wholeMs: 9, unfinishedMs: 9, untouchedMs: 9 })).toBe(1)
      expect(await store.blobUse()).toEqual({ count: 0, bytes: 0 })
    })

    it('lets nobody have the id or the room of one that stays counted, until that is old', async () => {
      const store = opened()
      const reserve = reserving(store)
      await reserve(1, 'alice', 60)
      await store.growBlob(id(1), 0, 60, 5)
      await store.removeBlob(id(1), true)
      expect([await store.blob(id(1)), await store.growBlob(id(1), 60, 61, 6)]).toEqual([null, false])
      expect([await reserve(1, 'alice', 60), await reserve(2, 'alice', 41)]).toEqual(['taken', 'owner-full'])
      expect([await store.blobUse(), await reserve(2, 'alice', 40)]).toEqual([{ count: 1, bytes: 60 }, 'done'])
      expect(await expire(store, { wholeMs: 5, unfinishedMs: 0, untouchedMs: 0 })).toBe(0)
      expect(await expire(store, { wholeMs: 6, unfinishedMs: 0, untouchedMs: 0 })).toBe(1)
      expect([await reserve(1, 'alice', 60), await store.blobUse()]).toEqual(['done', { count: 0, bytes: 0 }])
    })

    it('lets go what is old, earlier what has not come whole, and first that of which nothing has come', async () => {
      const store = opened()
      const reserve = (fill: number) => store.reserveBlob(newBlob(fill, 'alice', 10, 0), { ...room, openOfAccount: 3 })
      for (const fill of [1, 2, 3]) await reserve(fill)
      await store.growBlob(id(1), 0, 10, 20)
      await store.growBlob(id(2), 0, 9, 20)
      const after = async (wholeMs: number, unfinishedMs: number, untouchedMs: number) => {
        const gone = await expire(store, { wholeMs, unfinishedMs, untouchedMs })
        const left = await Promise.all([1, 2, 3].map((fill) => store.blob(id(fill))))
        return [gone, ...left.map((one) => one !== null)]
      }
      expect(await after(20, 20, 0)).toEqual([0, true, true, true])
      expect(await after(20, 20, 1)).toEqual([1, true, true, false])
      expect(await after(20, 21, 0)).toEqual([1, true, false, false])
      expect(await after(21, 0, 0)).toEqual([1, false, false, false])
    })

    it('lets go of none that is not old any more, or is not there', async () => {
      const store = opened()
      for (const fill of [1, 2]) await store.reserveBlob(newBlob(fill, `${fill}`, 10, 0), room)
      const ages = { wholeMs: 10, unfinishedMs: 10, untouchedMs: 10 }
      const old = await store.oldBlobs(ages, plenty)
      expect(old).toEqual([id(1), id(2)])
      await store.growBlob(id(1), 0, 5, 10)
      expect(await store.expireBlobs([...old, id(3)], ages)).toEqual([id(2)])
      expect([await store.blob(id(1)), await store.blob(id(2))]).toMatchObject([{ receivedBytes: 5 }, null])
      await store.growBlob(id(1), 5, 10, 10)
      expect(await store.expireBlobs(old, ages)).toEqual([])
      expect(await store.expireBlobs(old, { ...ages, wholeMs: 11 })).toEqual([id(1)])
    })

    it('lets go of so many at once, those that are whole first, and the oldest of either first', async () => {
      const store = opened()
      const fills = [1, 2, 3, 4]
      for (const fill of fills) await store.reserveBlob(newBlob(fill, `${fill}`, 10, 0), room)
      for (const [fill, sinceMs] of [
        [1, 9],
        [2, 7],
        [3, 8],
      ] as const)
        await store.growBlob(id(fill), 0, 10, sinceMs)
      const left: string[] = []
      for (const most of [1, 2, 2, 2]) {
        const gone = await expire(store, { wholeMs: 10, unfinishedMs: 10, untouchedMs: 10 }, most)
        const there = await Promise.all(fills.map(async (fill) => ((await store.blob(id(fill))) ? fill : '')))
        left.push(`${gone}: ${there.join('')}`)
      }
      expect(left).toEqual(['1: 134', '2: 4', '1: ', '0: '])
    })
  })

  if (!lasts) return

  describe(`a store ${name}: across its end`, () => {
    it('has everything again when it is opened again', async () => {
      const open = place()
      const first = open()
      const rows = await peopled(first)
      await publish(first, rows.bob, [...oneTime(2), ...lasting])
      await post(first, phone, bob, [utf8('one'), utf8('two')])
      await acknowledge(first, rows.bob, 1)
      await first.addPolicy(utf8('link'), 1)
      const blob = { id: random(32) as BlobId, owner: 'alice', sizeBytes: 9, sinceMs: 5 }
      const room = { bytesOfAccount: 9, countOfAccount: 2, openOfAccount: 1, bytesOfAll: 0, countOfAll: 0 }
      await first.reserveBlob(blob, room)
      await first.growBlob(blob.id, 0, 4, 5)
      first.close()

      const second = opened(open)
      expect(await second.blob(blob.id)).toEqual({ ...blob, receivedBytes: 4 })
      expect(await second.blobUse()).toEqual({ count: 1, bytes: 4 })
      expect(await second.reserveBlob({ ...blob, id: random(32) as BlobId }, room)).toBe('owner-full')
      expect(await second.account('alice')).toEqual(utf8("alice's list"))
      expect((await second.device(bob))?.row).toBe(rows.bob)
      expect((await second.countPrekeys(rows.bob, good)).oneTime).toBe(2)
      expect(await take(second, rows.bob, false)).toEqual(['signed 901', 'KEM last-resort 902', null])
      expect(await mailbox(second, rows.bob)).toEqual(['two'])
      const again = { from: phone, to: bob, counter: 2 }
      const postings = [
        posting({ ...again, envelope: utf8('two') }),
        posting({ ...again, envelope: utf8('not two') }),
        posting({ ...again, counter: 3, envelope: utf8('three') }),
      ]
      expect(await second.commit({ ...nothingElse, postings })).toEqual([
        { kind: 'known' },
        { kind: 'other-bytes' },
        { kind: 'accepted', device: rows.bob, sequence: 3 },
      ])
      expect(await second.policies()).toEqual([utf8('link')])
    })

    it('counts the bytes of each sender that were there before', async () => {
      const open = place()
      const first = open()
      await peopled(first)
      const half = new Uint8Array(mailboxMaximumBytes / 2)
      expect(await post(first, phone, bob, [half])).toMatchObject([{ kind: 'accepted' }])
      first.close()
      const second = opened(open)
      expect(await post(second, phone, bob, [utf8('x')])).toEqual([{ kind: 'share-full' }])
      expect(await post(second, laptop, bob, [half, utf8('x')])).toMatchObject([
        { kind: 'accepted', sequence: 2 },
        { kind: 'mailbox-full' },
      ])
    })

    it('hands out each prekey once to two that have it open, call by call', async () => {
      const open = place()
      const [one, other] = [opened(open), opened(open)]
      const rows = await peopled(one)
      await publish(one, rows.bob, [...lasting, ...oneTime(50)])
      const taken: (string | null | undefined)[] = []
      for (let i = 0; i < 25; i++)
        for (const store of [one, other]) taken.push((await take(store, rows.bob))?.[2] ?? null)
      expect(new Set(taken).size).toBe(50)
      expect((await take(other, rows.bob))?.[2]).toBeNull()
    })

    it('counts on from what another has done that has it open', async () => {
      const open = place()
      const [one, other] = [opened(open), opened(open)]
      const rows = await peopled(one)
      const say = async (store: Store, words: string) => (await post(store, phone, bob, [utf8(words)]))[0]
      for (const [i, store] of [one, other, one, other].entries())
        expect(await say(store, `${i}`)).toEqual({ kind: 'accepted', device: rows.bob, sequence: i + 1 })
      await acknowledge(one, rows.bob, 3)
      expect(await mailbox(other, rows.bob)).toEqual(['3'])
      await change(one, { user: 'bob', known: utf8("bob's list"), list: utf8('none'), removed: [ids.bob] })
      expect(
        await other.commit({
          ...nothingElse,
          postings: [posting({ from: phone, to: bob, counter: 5, envelope: utf8('4') })],
        }),
      ).toEqual([{ kind: 'no-recipient' }])
    })
  })
}
