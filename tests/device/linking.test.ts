import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Agree, approveDevice, joinAccount, removeDevice } from '../../client/device/linking.ts'
import { openStoreInMemory } from '../../client/device/memory/store.ts'
import { openStore } from '../../client/node/store.ts'
import { createAccount, createDevice, encodeDeviceRecord, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import { concat } from '../../crypto/bytes.ts'
import { type Digest, generatePolicyPair } from '../../crypto/keys.ts'
import {
  linkSlot,
  type LinkSecret,
  linkSteps,
  newLinkSecret,
  openNote,
  sealNote,
  withDevice,
} from '../../crypto/linking.ts'
import type { Relay } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { signIn } from '../support/relay.ts'
import { createWorld, patience, type Person, type World } from '../support/world.ts'

/* How a device comes into an account, and what a relay, a stranger or a crash can do about it. */

const refusal = (code: string) => expect.objectContaining({ code })
const devicesOf = (person: Person) => person.device.self.list.devices.length
const choices = { refusesAccess: false, receipts: true }
const yes: Agree = async () => true

/** Somebody who looks at a number, and says yes or no to it. */
function looking(answer = true) {
  const seen: string[] = []
  const agree: Agree = async (number) => {
    seen.push(number.join(' '))
    return answer
  }
  return { seen, agree }
}

/** One end of a linking alone: the new device, in a folder of its own. */
function newDeviceIn(world: World, name: string) {
  const random = seededRandom(name)
  const secret = newLinkSecret(random)
  const home = join(world.folder, name)
  return {
    secret,
    home,
    async join(relay: Relay = world.relay, pause = patience(), agree: Agree = yes) {
      const store = openStore(home)
      try {
        const place = { relayUrl: 'in this process', relayCa: null }
        return await joinAccount(store, place, choices, { relay, secret, random, pause, agree })
      } finally {
        store.close()
      }
    },
    /** what of a device is stored by now */
    stored() {
      const store = openStore(home)
      const keys = store.tables.meta.all().map(({ key }) => key)
      const contacts = store.tables.contacts.all().length
      store.close()
      return { keys, contacts }
    },
  }
}

const approve = (first: Person, world: World, secret: LinkSecret, relay: Relay = world.relay, agree: Agree = yes) =>
  approveDevice(first.device, { relay, secret, random: first.random, pause: patience(), agree })

/** The outcome of both ends, each by itself. */
const both = async (...ends: Promise<unknown>[]) =>
  (await Promise.allSettled(ends)).map((end) =>
    end.status === 'fulfilled' ? 'done' : ((end.reason as { code?: string }).code ?? 'in vain'),
  )

describe('a linking', () => {
  it('hands over as many contacts as a note can hold, those compared first', async () => {
    const world = await createWorld('many contacts')
    const laptop = await world.join('alice')
    const { contacts } = laptop.device
    for (let i = 0; i < 300; i++) {
      const name = `friend.${i}`
      contacts.learn(name, createAccount(name, seededRandom(name)).signedList)
      contacts.accept(name)
    }
    for (const name of ['friend.298', 'friend.299']) contacts.verify(name)
    const phone = await world.link(laptop, 'phone')
    const known = phone.device.contacts.all()
    expect(known.length).toBeGreaterThan(200)
    expect(known.length).toBeLessThan(300)
    expect(known.filter(({ verified }) => verified).map(({ user }) => user)).toEqual(['friend.298', 'friend.299'])
  })

  it('leaves the new device without the account key, and nothing of it at the relay', async () => {
    const world = await createWorld('the account key')
    const laptop = await world.join('alice')
    const left: Uint8Array[] = []
    const listening: Relay = {
      ...world.relay,
      leaveNote(slot, step, note) {
        left.push(note)
        return world.relay.leaveNote(slot, step, note)
      },
    }
    const phone = await world.link(laptop, 'phone', { firstsRelay: listening, newRelay: listening })
    expect(() => phone.device.self.accountSecret()).toThrow(refusal('not-primary'))
    expect(left).toHaveLength(4)
    for (const store of [
      Buffer.concat(left),
      Buffer.concat(phone.device.store.tables.meta.all().map(({ value }) => Buffer.from(value))),
    ])
      expect(store.includes(Buffer.from(laptop.device.self.accountSecret()))).toBe(false)
    expect(Buffer.concat(left).includes('alice')).toBe(false)
  })

  it('shows the same number on both, of six groups of five digits, and another one each time', async () => {
    const world = await createWorld('numbers')
    const laptop = await world.join('alice')
    const numbers: string[] = []
    for (const name of ['phone', 'tablet']) {
      const [news, firsts, device] = [looking(), looking(), newDeviceIn(world, name)]
      const approved = approve(laptop, world, device.secret, world.relay, firsts.agree)
      expect(await both(device.join(world.relay, patience(), news.agree), approved)).toEqual(['done', 'done'])
      expect(news.seen).toEqual(firsts.seen)
      numbers.push(...news.seen)
    }
    expect(new Set(numbers).size).toBe(2)
    for (const number of numbers) expect(number).toMatch(/^\d{5}( \d{5}){5}$/)
  })

  it('signs nothing and stores nothing unless both people say yes', async () => {
    const world = await createWorld('a no')
    const laptop = await world.join('alice')
    for (const [firsts, news] of [
      [false, true],
      [true, false],
      [false, false],
    ] as const) {
      const phone = newDeviceIn(world, `phone ${String(firsts)} ${String(news)}`)
      const ends = [
        phone.join(world.relay, patience(), looking(news).agree),
        approve(laptop, world, phone.secret, world.relay, looking(firsts).agree),
      ]
      expect(await both(...ends)).toEqual(['link-failed', 'link-failed'])
      expect([devicesOf(laptop), phone.stored()]).toEqual([1, { keys: [], contacts: 0 }])
    }
  })

  it('is not answered for the new device by whoever has read the code: that one fails, and the number is not on its screen', async () => {
    const world = await createWorld('a quick thief')
    const laptop = await world.join('alice')
    const phone = newDeviceIn(world, 'phone')
    const thief = { ...newDeviceIn(world, 'thief'), secret: phone.secret }
    const store = openStore(thief.home)
    const [thiefs, news, firsts] = [looking(), looking(), looking(false)]
    const stolen = joinAccount(store, { relayUrl: '', relayCa: null }, choices, {
      relay: world.relay,
      secret: phone.secret,
      random: world.random,
      pause: patience(),
      agree: thiefs.agree,
    })
    // the new device looks only once the thief has answered
    const late: Relay = {
      ...world.relay,
      readNote: async (slot, step) => (thiefs.seen.length > 0 || step !== 1 ? world.relay.readNote(slot, step) : null),
    }
    const outcomes = await both(
      stolen,
      phone.join(late, patience(), news.agree),
      approve(laptop, world, phone.secret, world.relay, firsts.agree),
    )
    store.close()
    expect(outcomes).toEqual(['link-failed', 'link-failed', 'link-failed'])
    expect([thiefs.seen, news.seen]).toEqual([firsts.seen, []])
    expect(devicesOf(laptop)).toBe(1)
  })

  it('shows two numbers where somebody with the code, and the relay, stands between the two', async () => {
    const world = await createWorld('in between')
    const [laptop, mallory] = [await world.join('alice'), await world.join('mallory')]
    const phone = newDeviceIn(world, 'phone')
    const [firsts, news] = [looking(false), looking(false)]
    // two worlds of notes, of which each end sees one
    const other = (slot: Digest) => slot.with(0, 255 - (slot[0] ?? 0)) as Digest
    const elsewhere = (relay: Relay): Relay => ({
      ...relay,
      async connect(answer, listener) {
        const connection = await relay.connect(answer, listener)
        return { ...connection, reserveLink: (slot) => connection.reserveLink(other(slot)) }
      },
      leaveNote: (slot, step, note) => relay.leaveNote(other(slot), step, note),
      readNote: (slot, step) => relay.readNote(other(slot), step),
    })
    const thief = joinAccount(openStoreInMemory(), { relayUrl: '', relayCa: null }, choices, {
      relay: world.relay,
      secret: phone.secret,
      random: world.random,
      pause: patience(),
      agree: yes,
    })
    const outcomes = await both(
      phone.join(elsewhere(world.relay), patience(), news.agree),
      approve(mallory, world, phone.secret, elsewhere(world.relay)),
      thief,
      approve(laptop, world, phone.secret, world.relay, firsts.agree),
    )
    expect(outcomes).toEqual(outcomes.map(() => 'link-failed'))
    expect([news.seen.length, firsts.seen.length]).toEqual([1, 1])
    expect(news.seen).not.toEqual(firsts.seen)
    expect([devicesOf(laptop), devicesOf(mallory)]).toEqual([1, 1])
  })

  it('needs a folder without a device', async () => {
    const world = await createWorld('a folder that is taken')
    const laptop = await world.join('alice')
    const bob = await world.join('bob')
    const join = joinAccount(bob.device.store, { relayUrl: '', relayCa: null }, choices, {
      relay: world.relay,
      secret: newLinkSecret(world.random),
      random: world.random,
      pause: patience(),
      agree: yes,
    })
    await expect(join).rejects.toEqual(refusal('device-exists'))
    expect([devicesOf(laptop), bob.device.self.device.record.user]).toEqual([1, 'bob'])
  })

  it('is not held up by strangers who leave notes at the relay', async () => {
    const world = await createWorld('notes of strangers')
    const laptop = await world.join('alice')
    const note = world.random(60_000)
    const leave = () => world.relay.leaveNote(linkSlot(newLinkSecret(world.random)), 1, note)
    const left = await both(...Array.from({ length: 300 }, leave))
    expect(new Set(left)).toEqual(new Set(['not-found']))
    await world.link(laptop, 'phone')
    expect(devicesOf(laptop)).toBe(2)
  })

  it('does nothing with a code that nobody shows', async () => {
    const world = await createWorld('a wrong code')
    const laptop = await world.join('alice')
    const phone = newDeviceIn(world, 'phone')
    expect(await both(phone.join(), approve(laptop, world, newLinkSecret(world.random)))).toEqual([
      'in vain',
      'in vain',
    ])
    expect([devicesOf(laptop), phone.stored()]).toEqual([1, { keys: [], contacts: 0 }])
  })
})

describe('a relay that meddles with a linking', () => {
  /** The relay, with what it says of notes changed. */
  const meddling = (
    world: World,
    read: (
      step: number,
      note: Uint8Array | null,
      slot: Parameters<Relay['readNote']>[0],
    ) => Promise<Uint8Array | null> | Uint8Array | null,
  ): Relay => ({
    ...world.relay,
    readNote: async (slot, step) => read(step, await world.relay.readNote(slot, step), slot),
  })

  it('cannot give the note of one step as that of another', async () => {
    const world = await createWorld('swapped notes')
    const laptop = await world.join('alice')
    const swap = meddling(world, (step, _note, slot) =>
      world.relay.readNote(slot, step === linkSteps.welcome ? 1 : step),
    )
    const phone = newDeviceIn(world, 'phone')
    expect(await both(phone.join(swap), approve(laptop, world, phone.secret))).toEqual(['not-authentic', 'done'])
    expect(phone.stored()).toEqual({ keys: [], contacts: 0 })
    const echo = meddling(world, (step, note, slot) => (step === 2 ? world.relay.readNote(slot, 1) : note))
    const tablet = newDeviceIn(world, 'tablet')
    expect(await both(tablet.join(), approve(laptop, world, tablet.secret, echo))).toEqual(['in vain', 'not-authentic'])
    expect(devicesOf(laptop)).toBe(2)
  })

  it('cannot write a note, alter one, or give that of another linking', async () => {
    const world = await createWorld('forged notes')
    const laptop = await world.join('alice')
    const mallory = await world.join('mallory')
    const forgers: ((step: number, note: Uint8Array | null) => Uint8Array | null)[] = [
      () => new Uint8Array(),
      () => world.random(300),
      (_step, note) => note && note.with(30, 255 - (note[30] ?? 0)),
      (step, note) => note && sealNote(newLinkSecret(world.random), step as 1, new Uint8Array(160), world.random),
    ]
    for (const [i, forge] of forgers.entries()) {
      const phone = newDeviceIn(world, `phone ${i}`)
      const codes = await both(
        phone.join(meddling(world, forge)),
        approve(laptop, world, phone.secret, meddling(world, forge)),
      )
      expect(codes).toContain('not-authentic')
      expect(codes).not.toContain('done')
      expect(phone.stored().keys).toEqual([])
    }
    const [one, other] = [newDeviceIn(world, 'one'), newDeviceIn(world, 'other')]
    const crossed = meddling(world, (step) => world.relay.readNote(linkSlot(other.secret), step))
    expect(
      await both(
        one.join(crossed),
        other.join(),
        approve(laptop, world, one.secret),
        approve(mallory, world, other.secret),
      ),
    ).toEqual(['not-authentic', 'done', 'in vain', 'done'])
    expect([devicesOf(laptop), devicesOf(mallory)]).toEqual([1, 2])
  })

  it('cannot be another relay than the one the account knows', async () => {
    const world = await createWorld('another relay')
    const laptop = await world.join('alice')
    const { public: otherKey } = generatePolicyPair(world.random)
    const elsewhere: Relay = { ...world.relay, policyKey: async () => otherKey }
    const phone = newDeviceIn(world, 'phone')
    expect(await both(phone.join(elsewhere), approve(laptop, world, phone.secret))).toEqual(['wrong-relay', 'in vain'])
    expect([devicesOf(laptop), phone.stored().keys]).toEqual([1, []])
  })
})

describe('a first device that does not do what it should', () => {
  /** Leaves the notes of a first device by hand. */
  async function byHand(
    seed: string,
    welcome: (account: ReturnType<typeof createAccount>, keys: Uint8Array) => Uint8Array,
  ) {
    const world = await createWorld(seed)
    const phone = newDeviceIn(world, 'phone')
    const account = createAccount('alice', world.random)
    const slot = linkSlot(phone.secret)
    await world.relay.register(account.signedList)
    const { connection } = await signIn(world.relay, account)
    await connection.reserveLink(slot)
    const note = concat(
      await world.relay.policyKey(),
      Uint8Array.of(0, 0, 1, account.signedList.length & 255).with(2, account.signedList.length >> 8),
      account.signedList,
      new Uint8Array(4),
    )
    const leave = (step: 1 | 4, bytes: Uint8Array) =>
      world.relay.leaveNote(slot, step, sealNote(phone.secret, step, bytes, world.random))
    await leave(1, note)
    const answer = async () => {
      const pause = patience()
      for (;;) {
        const sealed = await world.relay.readNote(slot, linkSteps.device)
        if (sealed) return leave(4, welcome(account, openNote(phone.secret, linkSteps.device, sealed)))
        await pause()
      }
    }
    const [code] = await both(phone.join(), answer())
    return { code, stored: phone.stored() }
  }
  const nothing = { keys: [], contacts: 0 }

  it('is not believed that the new device is in a list that it is not in', async () => {
    const same = await byHand('the same list', ({ signedList }) => signedList)
    expect(same).toEqual({ code: 'link-failed', stored: nothing })
    const other = await byHand('another device', ({ signedList, accountSecret, list }) => {
      const device = createDevice('alice', list.accountKey, seededRandom('x')(32) as never, seededRandom('y'))
      return withDevice(signedList, device.record, proveDevice(device), accountSecret)
    })
    expect(other).toEqual({ code: 'link-failed', stored: nothing })
  })

  it('is not believed about another identity key under its id', async () => {
    const swapped = await byHand('another key', ({ signedList, accountSecret, list }, keys) => {
      const device = createDevice('alice', list.accountKey, keys.slice(0, 32) as never, seededRandom('y'))
      return withDevice(signedList, device.record, proveDevice(device), accountSecret)
    })
    expect(swapped).toEqual({ code: 'link-failed', stored: nothing })
  })

  it('is not believed about a list of another account, or one that does not hold', async () => {
    const random = seededRandom('elsewhere')
    const elsewhere = await byHand('another account', (_account, keys) => {
      const other = createAccount('alice', random)
      const record = {
        user: 'alice',
        accountKey: other.list.accountKey,
        id: keys.slice(0, 32),
        signingKey: keys.slice(32, 64),
        identityKey: keys.slice(64, 96),
      } as never
      expect(encodeDeviceRecord(record).length).toBeGreaterThan(100)
      return signDeviceList({ ...other.list, devices: [record] }, [keys.slice(96)], other.accountSecret)
    })
    expect(elsewhere).toEqual({ code: 'bad-signature', stored: nothing })
    expect(await byHand('broken', ({ signedList }) => signedList.subarray(1))).toEqual({
      code: 'malformed',
      stored: nothing,
    })
  })
})

describe('a linking that is broken off', () => {
  /** The process ends just before, or just after, it asks that of the relay. */
  function dyingAt(relay: Relay, step: 'leaveNote' | 'register', when: 'before' | 'after', count = 1): Relay {
    let calls = 0
    const die = () => {
      throw new Error('the process has ended')
    }
    const dying =
      <T extends readonly unknown[]>(work: (...given: T) => Promise<void>) =>
      async (...given: T) => {
        calls += 1
        if (calls === count && when === 'before') die()
        await work(...given)
        if (calls === count && when === 'after') die()
      }
    return step === 'register'
      ? { ...relay, register: dying(relay.register) }
      : { ...relay, leaveNote: dying(relay.leaveNote) }
  }

  it.each([
    ['before its first note', 'leaveNote', 'before', 1],
    ['after its first note', 'leaveNote', 'after', 1],
    ['before the list is handed in', 'register', 'before', 1],
    ['after the list is handed in', 'register', 'after', 1],
    ['before its last note', 'leaveNote', 'before', 2],
  ] as const)('on the first device %s harms nothing: begun again it succeeds', async (_name, step, when, count) => {
    const world = await createWorld(`first dies ${step} ${when} ${count}`)
    const [laptop, bob] = await world.couple()
    await laptop.tell(bob, 'hello')
    const lost = newDeviceIn(world, 'lost')
    const codes = await both(lost.join(), approve(laptop, world, lost.secret, dyingAt(world.relay, step, when, count)))
    expect(codes).toEqual(['in vain', 'in vain'])
    expect(lost.stored().keys).toEqual([])
    await laptop.restart()
    await laptop.goOnline()
    const phone = await world.link(laptop, 'phone')
    await phone.goOnline()
    world.later(60_001)
    await bob.tell(laptop, 'to whoever there is')
    await phone.untilRead('bob', 'to whoever there is')
    expect([laptop, bob].flatMap((person) => person.notices('not-sent'))).toEqual([])
    for (const record of laptop.device.self.others())
      if (record.id.join() !== phone.address.device.join()) await removeDevice(laptop.device, world.relay, record.id)
    expect(devicesOf(laptop)).toBe(2)
  })

  it('on the new device after its keys were approved leaves one in the list that can be removed', async () => {
    const world = await createWorld('the new one dies')
    const laptop = await world.join('alice')
    const phone = newDeviceIn(world, 'phone')
    const looks = patience()
    const deaf: Relay = {
      ...world.relay,
      readNote: async (slot, step) => (step === linkSteps.welcome ? null : world.relay.readNote(slot, step)),
    }
    expect(await both(phone.join(deaf, looks), approve(laptop, world, phone.secret))).toEqual(['in vain', 'done'])
    expect([devicesOf(laptop), phone.stored().keys]).toEqual([2, []])
    await removeDevice(laptop.device, world.relay, at(laptop.device.self.others(), 0).id)
    expect(devicesOf(laptop)).toBe(1)
    await world.link(laptop, 'another phone')
    expect(devicesOf(laptop)).toBe(2)
  })
})
