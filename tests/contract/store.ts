import { describe, expect, it, onTestFinished } from 'vitest'
import { utf8 } from '../../crypto/bytes.ts'
import { envelopeDigest } from '../../crypto/envelope.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import type { PrekeyKind } from '../../crypto/prekeys.ts'
import type { Store, StoredPrekey } from '../../server/store/store.ts'
import { seededRandom } from '../support/random.ts'

export interface StoreKind {
  /** whether a store opened again at the same place is the same store */
  readonly lasts: boolean
  /** somewhere new; what it gives opens a store there */
  readonly place: () => () => Store
}

const random = seededRandom('stores')
const ids = { phone: random(32) as DeviceId, laptop: random(32) as DeviceId, bob: random(32) as DeviceId }
const now = 1000
/** prekeys that have not expired, and expire no later than they can */
const good = { afterSeconds: now, untilSeconds: now + 90 }
const all = { afterSeconds: -1, untilSeconds: Number.MAX_SAFE_INTEGER }
const nothing = { messages: 0, bytes: 0 }
const digestOf = (text: string) => envelopeDigest(utf8(text))

const prekey = (kind: PrekeyKind, id: number, expiresAtSeconds = now + 1): StoredPrekey => ({
  kind,
  id,
  expiresAtSeconds,
  bytes: utf8(`${kind} ${id}`),
})
const oneTime = (count: number) => Array.from({ length: count }, (_, i) => prekey('one-time', i + 1))

/** Alice's two devices and Bob's one, by their rows. */
function peopled(store: Store) {
  store.transaction(() => {
    store.addAccount('alice', utf8("alice's list"), [ids.phone, ids.laptop])
    store.addAccount('bob', utf8("bob's list"), [ids.bob])
  })
  const row = (user: string, device: DeviceId) => store.device({ user, device })?.row ?? 0
  return { phone: row('alice', ids.phone), laptop: row('alice', ids.laptop), bob: row('bob', ids.bob) }
}

/** Everything a mailbox holds, as texts, and whether its size is that of what it holds. */
function mailbox(store: Store, device: number): string[] {
  const mail = store.mailAfter(device, 0, 1000)
  expect(store.mailboxSize(device)).toEqual({
    messages: mail.length,
    bytes: mail.reduce((sum, { envelope }) => sum + envelope.length, 0),
  })
  return mail.map(({ envelope }) => new TextDecoder().decode(envelope))
}

/** What every store owes the relay, whatever it is. */
export function storeSuite(name: string, { lasts, place }: StoreKind): void {
  const opened = (open = place()) => {
    const store = open()
    onTestFinished(() => store.close())
    return store
  }

  describe(`a store ${name}: accounts and transactions`, () => {
    it('knows an account by its name, and a device by its name and its id', () => {
      const store = opened()
      const rows = peopled(store)
      expect(store.account('alice')).toEqual(utf8("alice's list"))
      expect(store.device({ user: 'alice', device: ids.laptop })).toMatchObject({ row: rows.laptop, user: 'alice' })
      expect(new Set(Object.values(rows)).size).toBe(3)
      expect([store.account('carol'), store.device({ user: 'bob', device: ids.phone })]).toEqual([null, null])
    })

    it('does all of a transaction or nothing, and gives its result', () => {
      const store = opened()
      const { bob, phone } = peopled(store)
      const all = () => {
        store.addAccount('carol', utf8('list'), [random(32) as DeviceId])
        store.putPrekeys(bob, oneTime(2))
        store.setSentTo(phone, bob, 1, digestOf('hello'))
        store.addPolicy(utf8('link'))
        return store.appendMail(bob, phone, now, utf8('hello'), now)
      }
      const state = () => [
        store.account('carol'),
        store.countPrekeys(bob, 'one-time', good),
        store.sentTo(phone, bob)?.counter,
        store.policies().length,
        mailbox(store, bob),
      ]
      const before = state()
      const failing = () => {
        all()
        throw new Error('the work failed at its end')
      }
      expect(() => store.transaction(failing)).toThrow('the work failed at its end')
      expect(state()).toEqual(before)
      expect(store.transaction(all)).toBe(1)
      expect(state()).toEqual([utf8('list'), 2, 1, 1, ['hello']])
    })

    it('lets a device go with its mail and prekeys, and keeps what it has sent under its name', () => {
      const store = opened()
      const { phone, laptop, bob } = peopled(store)
      store.putPrekeys(phone, oneTime(3))
      store.putPrekeys(laptop, oneTime(3))
      store.appendMail(phone, bob, now, utf8('for the phone'), now)
      store.appendMail(laptop, bob, now, utf8('for the laptop'), now)
      store.appendMail(bob, phone, now, utf8('from the phone'), now)
      store.setSentTo(phone, bob, 1, digestOf('from the phone'))
      const tablet = random(32) as DeviceId
      store.transaction(() => store.changeAccount('alice', utf8('her next list'), [tablet], [ids.phone]))
      const row = (device: DeviceId) => store.device({ user: 'alice', device })?.row
      expect([store.account('alice'), row(ids.phone), row(ids.laptop)]).toEqual([
        utf8('her next list'),
        undefined,
        laptop,
      ])
      expect(row(tablet)).toBeDefined()
      expect([mailbox(store, phone), mailbox(store, laptop)]).toEqual([[], ['for the laptop']])
      expect([phone, laptop].map((device) => store.countPrekeys(device, 'one-time', good))).toEqual([0, 3])
      expect(store.mailAfter(bob, 0, 10)).toMatchObject([{ from: { user: 'alice', device: ids.phone } }])
      store.changeAccount('alice', utf8('back again'), [ids.phone], [])
      expect([row(ids.phone), store.sentTo(phone, bob)?.counter]).toEqual([phone, 1])
      expect(store.appendMail(phone, bob, now, utf8('after'), now)).toBe(2)
      expect(mailbox(store, phone)).toEqual(['after'])
    })

    it('remembers whose keys the id of a device belongs to, also once the device is gone', () => {
      const store = opened()
      peopled(store)
      const phone = { user: 'alice', device: ids.phone }
      expect([store.keysOf(phone), store.keysOf({ user: 'bob', device: ids.phone })]).toEqual([null, null])
      store.setKeys(phone, utf8("the phone's keys"))
      store.transaction(() => store.changeAccount('alice', utf8('without it'), [], [ids.phone]))
      expect(store.keysOf(phone)).toEqual(utf8("the phone's keys"))
      expect(store.keysOf({ user: 'alice', device: ids.laptop })).toBeNull()
    })

    it('refuses a name and a device that are there already, and keeps the first', () => {
      const store = opened()
      peopled(store)
      expect(() => store.addAccount('alice', utf8('another list'), [])).toThrow(/constraint/i)
      expect(store.account('alice')).toEqual(utf8("alice's list"))
    })
  })

  describe(`a store ${name}: prekeys`, () => {
    it('hands out each prekey once, however calls for two devices and two kinds follow each other', () => {
      const store = opened()
      const { bob, phone } = peopled(store)
      store.putPrekeys(bob, [...oneTime(20), ...oneTime(20).map(({ id }) => prekey('KEM one-time', id + 20))])
      store.putPrekeys(phone, oneTime(20))
      const taken = Array.from({ length: 20 }, () => [
        store.takePrekey(bob, 'one-time', good),
        store.takePrekey(phone, 'one-time', good),
        store.takePrekey(bob, 'KEM one-time', good),
      ])
      for (const column of [0, 1, 2]) expect(new Set(taken.map((row) => String(row[column]))).size).toBe(20)
      for (const device of [bob, phone]) expect(store.takePrekey(device, 'one-time', good)).toBeNull()
    })

    it('has a prekey again whose handing out was rolled back', () => {
      const store = opened()
      const { bob } = peopled(store)
      store.putPrekeys(bob, oneTime(1))
      const failing = () => {
        store.takePrekey(bob, 'one-time', good)
        throw new Error('nobody got it')
      }
      expect(() => store.transaction(failing)).toThrow('nobody got it')
      expect(store.takePrekey(bob, 'one-time', good)).toEqual(utf8('one-time 1'))
    })

    it('never hands out nor counts an expired one, nor one that expires too late', () => {
      const store = opened()
      const { bob } = peopled(store)
      const expiries = [now, now + 1, 0, now + 91]
      store.putPrekeys(
        bob,
        expiries.map((expiry, i) => prekey('one-time', i + 1, expiry)),
      )
      expect(store.countPrekeys(bob, 'one-time', good)).toBe(1)
      expect(store.takePrekey(bob, 'one-time', good)).toEqual(utf8('one-time 2'))
      expect(store.takePrekey(bob, 'one-time', good)).toBeNull()
    })

    it.each([
      ['the last of those that are good', [now + 9, now + 5, now + 91, now], 8],
      ['the last of all where none is', [now + 92, now, now + 91], 9],
    ])('leaves the signed and the last-resort one where they are, and gives %s', (_which, expiries, last) => {
      const store = opened()
      const { bob } = peopled(store)
      store.putPrekeys(
        bob,
        expiries.map((expiry, i) => prekey('KEM last-resort', 7 + i, expiry)),
      )
      for (let i = 0; i < 3; i++)
        expect(store.lastPrekey(bob, 'KEM last-resort', good)).toEqual(utf8(`KEM last-resort ${last}`))
      expect(store.lastPrekey(bob, 'signed', good)).toBeNull()
    })

    it('thins out one kind of one device: what is not good goes, the oldest first, and good one-time keys stay', () => {
      const store = opened()
      const { bob, phone } = peopled(store)
      for (const device of [bob, phone]) {
        store.putPrekeys(
          device,
          [now + 1, now, now + 91, now, now + 1].map((expiry, i) => prekey('one-time', i + 1, expiry)),
        )
        store.putPrekeys(
          device,
          [11, 12, 13].map((id) => prekey('signed', id)),
        )
      }
      store.thinPrekeys(bob, 'one-time', good, 5)
      expect(store.countPrekeys(bob, 'one-time', all)).toBe(5)
      store.thinPrekeys(bob, 'one-time', good, 3)
      expect(store.countPrekeys(bob, 'one-time', all)).toBe(3)
      store.thinPrekeys(bob, 'one-time', good, 1)
      expect([store.countPrekeys(bob, 'one-time', all), store.countPrekeys(bob, 'one-time', good)]).toEqual([2, 2])
      store.thinPrekeys(bob, 'signed', good, 1)
      expect(store.countPrekeys(bob, 'signed', all)).toBe(1)
      expect(store.lastPrekey(bob, 'signed', good)).toEqual(utf8('signed 13'))
      expect((['one-time', 'signed'] as const).map((kind) => store.countPrekeys(phone, kind, all))).toEqual([5, 3])
    })

    it('puts a prekey in the place of one with its id, and drops one device at a time', () => {
      const store = opened()
      const { bob, phone } = peopled(store)
      store.putPrekeys(phone, oneTime(3))
      store.putPrekeys(bob, oneTime(3))
      store.putPrekeys(bob, [prekey('signed', 2)])
      expect(store.countPrekeys(bob, 'one-time', good)).toBe(2)
      store.dropPrekeys(bob)
      expect([store.countPrekeys(bob, 'one-time', good), store.lastPrekey(bob, 'signed', good)]).toEqual([0, null])
      expect(store.countPrekeys(phone, 'one-time', good)).toBe(3)
    })
  })

  describe(`a store ${name}: mail`, () => {
    it('counts each mailbox from 1, in the order of arrival, and says who sent what when', () => {
      const store = opened()
      const { bob, phone, laptop } = peopled(store)
      const sequences = [phone, laptop, phone].map((sender, i) =>
        store.appendMail(bob, sender, now + i, utf8(`to bob`), now + i),
      )
      expect([...sequences, store.appendMail(phone, bob, now, utf8('to alice'), now)]).toEqual([1, 2, 3, 1])
      expect(store.mailAfter(bob, 1, 1)).toEqual([
        { sequence: 2, time: now + 1, from: { user: 'alice', device: ids.laptop }, envelope: utf8('to bob') },
      ])
    })

    it('never uses a sequence again, whether its mail was acknowledged or expired', () => {
      const store = opened()
      const { bob, phone } = peopled(store)
      for (const text of ['one', 'two']) store.appendMail(bob, phone, now, utf8(text), now)
      store.acknowledgeMail(bob, 2)
      expect(store.appendMail(bob, phone, now, utf8('three'), now)).toBe(3)
      store.expireMail(now + 1)
      expect(store.appendMail(bob, phone, now, utf8('four'), now)).toBe(4)
      expect(mailbox(store, bob)).toEqual(['four'])
    })

    it('keeps the sizes right through arrival, acknowledgement and expiry', () => {
      const store = opened()
      const { bob, phone } = peopled(store)
      for (let i = 1; i <= 9; i++) store.appendMail(bob, phone, now + i, utf8('x'.repeat(i)), now + i)
      store.appendMail(phone, bob, now + 1, utf8('old'), now + 1)
      expect(mailbox(store, bob)).toHaveLength(9)
      for (const sequence of [3, 3, 1]) store.acknowledgeMail(bob, sequence)
      expect(mailbox(store, bob)).toHaveLength(6)
      expect(store.expireMail(now + 6)).toBe(3)
      expect(mailbox(store, bob).map(({ length }) => length)).toEqual([6, 7, 8, 9])
      expect(mailbox(store, phone)).toEqual([])
      store.acknowledgeMail(bob, 1_000_000)
      expect(mailbox(store, bob)).toEqual([])
      expect(store.expireMail(now + 100)).toBe(0)
    })

    it('keeps what each sender has in a mailbox right through arrival, acknowledgement and expiry', () => {
      const store = opened()
      const { bob, phone, laptop } = peopled(store)
      const shares = () => [phone, laptop].map((sender) => store.shareOf(bob, sender))
      expect(shares()).toEqual([nothing, nothing])
      for (let i = 1; i <= 9; i++)
        store.appendMail(bob, i % 3 === 0 ? laptop : phone, now + i, utf8('x'.repeat(i)), now + i)
      store.appendMail(phone, laptop, now + 1, utf8('elsewhere'), now + 1)
      const of = (messages: number, bytes: number) => ({ messages, bytes })
      expect(shares()).toEqual([of(6, 27), of(3, 18)])
      store.acknowledgeMail(bob, 3)
      expect(shares()).toEqual([of(4, 24), of(2, 15)])
      store.expireMail(now + 6)
      expect(shares()).toEqual([of(2, 15), of(2, 15)])
      store.acknowledgeMail(bob, 8)
      expect(shares()).toEqual([nothing, of(1, 9)])
      store.appendMail(bob, phone, now, utf8('again'), now)
      expect(shares()).toEqual([of(1, 5), of(1, 9)])
    })

    it('remembers how far each device has sent to each other one', () => {
      const store = opened()
      const { bob, phone, laptop } = peopled(store)
      expect(store.sentTo(phone, bob)).toBeNull()
      for (const counter of [1, 2]) store.setSentTo(phone, bob, counter, digestOf(`to bob ${counter}`))
      store.setSentTo(phone, laptop, 7, digestOf('to myself'))
      store.setSentTo(bob, phone, 4, digestOf('to alice'))
      expect(store.sentTo(phone, bob)).toEqual({ counter: 2, digest: digestOf('to bob 2') })
      expect(store.sentTo(bob, phone)?.counter).toBe(4)
      const said = store.sentBy(phone, 0, 10).map(({ to, counter, digest }) => [to.user, to.device, counter, digest])
      expect(said).toHaveLength(2)
      expect(said).toContainEqual(['bob', ids.bob, 2, digestOf('to bob 2')])
      expect(said).toContainEqual(['alice', ids.laptop, 7, digestOf('to myself')])
    })

    it('keeps the last look at the clock', () => {
      const store = opened()
      expect(store.lastLook.load()).toBeNull()
      for (const look of [
        { runningMs: 0, clockMs: 1_700_000_000_000 },
        { runningMs: 60_000, clockMs: 1_600_000_000_000 },
      ]) {
        store.lastLook.save(look)
        expect(store.lastLook.load()).toEqual(look)
      }
    })

    it('tells how far a device has sent page by page, and reads no more than the page', () => {
      const store = opened()
      const { phone } = peopled(store)
      const rows = Array.from({ length: 7 }, (_, i) => {
        const device = random(32) as DeviceId
        store.addAccount(`friend-${i}`, utf8('list'), [device])
        const row = store.device({ user: `friend-${i}`, device })?.row ?? 0
        store.setSentTo(phone, row, i + 1, digestOf(`${i}`))
        return row
      })
      const pages = [0, rows[2] ?? 0, rows[5] ?? 0, rows[6] ?? 0].map((after) => store.sentBy(phone, after, 3))
      expect(pages.map((page) => page.map(({ row, counter }) => [row, counter]))).toEqual([
        rows.slice(0, 3).map((row, i) => [row, i + 1]),
        rows.slice(3, 6).map((row, i) => [row, i + 4]),
        [[rows[6], 7]],
        [],
      ])
    })

    it('gives policies back in the order in which they came', () => {
      const store = opened()
      const links = Array.from({ length: 12 }, (_, i) => utf8(`link ${i}`))
      for (const link of links) store.addPolicy(link)
      expect(store.policies()).toEqual(links)
    })
  })

  if (!lasts) return

  describe(`a store ${name}: across its end`, () => {
    it('has everything again when it is opened again', () => {
      const open = place()
      const first = open()
      const { bob, phone } = peopled(first)
      first.putPrekeys(bob, [...oneTime(2), prekey('signed', 3)])
      for (const text of ['one', 'two']) first.appendMail(bob, phone, now, utf8(text), now)
      first.acknowledgeMail(bob, 1)
      first.setSentTo(phone, bob, 2, digestOf('two'))
      first.addPolicy(utf8('link'))
      first.close()

      const second = opened(open)
      expect(second.account('alice')).toEqual(utf8("alice's list"))
      expect(second.device({ user: 'bob', device: ids.bob })?.row).toBe(bob)
      expect(second.countPrekeys(bob, 'one-time', good)).toBe(2)
      expect(second.lastPrekey(bob, 'signed', good)).toEqual(utf8('signed 3'))
      expect(mailbox(second, bob)).toEqual(['two'])
      expect(second.appendMail(bob, phone, now, utf8('three'), now)).toBe(3)
      expect(second.sentTo(phone, bob)).toEqual({ counter: 2, digest: digestOf('two') })
      expect(second.policies()).toEqual([utf8('link')])
    })

    it('hands out each prekey once to two that have it open, call by call', () => {
      const open = place()
      const [one, other] = [opened(open), opened(open)]
      const { bob } = peopled(one)
      one.putPrekeys(bob, oneTime(50))
      const taken = Array.from({ length: 25 }, () =>
        [one, other].map((store) => store.takePrekey(bob, 'one-time', good)),
      )
      expect(new Set(taken.flat().map(String)).size).toBe(50)
      expect(other.takePrekey(bob, 'one-time', good)).toBeNull()
    })
  })
}
