import { describe, expect, it } from 'vitest'
import { equal } from '../../crypto/bytes.ts'
import { createAccount, createDevice, openDeviceList, proveDevice } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { withDevice, withoutDevice } from '../../crypto/linking.ts'
import { createPrekey, encodePrekey, openBundle, type PrekeyKind } from '../../crypto/prekeys.ts'
import type { Connection } from '../../server/api.ts'
import { defaultLimits } from '../../server/limits.ts'
import { inTheFuture, type TestPerson } from '../support/couple.ts'
import { accountOf } from '../support/relay-account.ts'
import { seededRandom } from '../support/random.ts'
import { addressOf, answerTo, operatorToken, postOffice, publish, type Reach, signIn } from '../support/relay.ts'

const hourMs = 3_600_000
/** So much at once, and one more a second. */
const rate = (burst: number) => ({ burst, perSecond: 1 })
const repeated = (answer: string, count: number) => Array.from({ length: count }, () => answer)

/** What the relay says to so many of these, one after the other. */
async function answersTo(count: number, ask: (i: number) => Promise<unknown>): Promise<string[]> {
  const answers: string[] = []
  for (let i = 0; i < count; i++) answers.push(await answerTo(ask(i)))
  return answers
}

const prekeysOf = ({ device }: TestPerson, kind: PrekeyKind, firstId: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    encodePrekey(createPrekey(kind, firstId + i, inTheFuture, device, seededRandom(`${kind} ${i}`))),
  )

/** What no device may have more of than its share, however a relay is reached. */
export function limitSuite(name: string, reach: Reach): void {
  describe(`${name}: one device among many`, () => {
    it('hands in so many envelopes at once, and one past that not before time has passed; others are not held up', async () => {
      const { relay, alice, bob, toBob, clock } = await postOffice('many', reach, { limits: { submissions: rate(5) } })
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      const letters = Array.from({ length: 7 }, (_, i) => toBob(i + 1, `${i}`))
      const submit = (i: number) => alices.connection.submit(letters[i] as (typeof letters)[0])
      expect(await answersTo(6, submit)).toEqual([...repeated('done', 5), 'too-many'])
      const empty = { to: addressOf(alice), counter: 0, envelope: new Uint8Array() }
      expect(await answerTo(bobs.connection.submit(empty))).toBe('done')
      clock.now += 999
      expect(await answerTo(submit(5))).toBe('too-many')
      clock.now += 1
      expect([await answerTo(submit(5)), await answerTo(submit(6))]).toEqual(['done', 'too-many'])
      expect(bobs.mail).toHaveLength(6)
    })

    it('asks so much at once, of whatever kind, and hands in its envelopes all the same', async () => {
      const limits = { requests: rate(4) }
      const { relay, alice, toBob, clock } = await postOffice('questions', reach, { limits })
      const { connection } = await signIn(relay, alice)
      clock.now += 20_000
      const kinds: readonly ((connection: Connection) => Promise<unknown>)[] = [
        () => connection.countPrekeys(),
        () => connection.devices('bob'),
      ]
      const answers = await answersTo(8, (i) => (kinds[i % 2] ?? connection.sent)(connection))
      expect(answers).toEqual([...repeated('done', 4), ...repeated('too-many', 4)])
      expect(await answerTo(connection.submit(toBob(1, 'hello')))).toBe('done')
      clock.now += 2000
      expect(await answersTo(3, () => connection.devices('bob'))).toEqual(['done', 'done', 'too-many'])
    })

    it('pays for each prekey that it publishes, and for each commit of the relay', async () => {
      const { relay, alice } = await postOffice('publishing without end', reach)
      const { connection } = await signIn(relay, alice)
      const prekeys = prekeysOf(alice, 'one-time', 100, 64)
      let published = 0
      const { burst } = defaultLimits.requests
      while (published * 64 <= burst && (await answerTo(connection.publishPrekeys(prekeys, true))) === 'done')
        published += 1
      expect(published * 64).toBeLessThanOrEqual(burst)
    })

    it('begins with all its prekeys, publishes them anew and asks for thirty people, without being told to wait', async () => {
      const { relay, alice, bob } = await postOffice('a first day', reach)
      const { connection } = await signIn(relay, alice)
      const kinds = ['signed', 'KEM last-resort', 'one-time', 'KEM one-time'] as const
      const all = kinds.flatMap((kind, i) => prekeysOf(alice, kind, 1000 * i, i < 2 ? 1 : 50))
      for (const replace of [false, true])
        for (let i = 0; i < all.length; i += 32)
          await connection.publishPrekeys(all.slice(i, i + 32), replace && i === 0)
      expect(await connection.countPrekeys()).toMatchObject({ oneTime: 50, kemOneTime: 50 })
      await publish((await signIn(relay, bob)).connection, bob)
      for (let i = 0; i < 30; i++) {
        await connection.devices('bob')
        await connection.bundle(addressOf(bob))
      }
      expect(await connection.sent()).toEqual([])
    })

    it('pays for the size of what it hands in', async () => {
      const limits = { submissions: rate(40) }
      const { relay, alice, toBob } = await postOffice('large letters', reach, { limits })
      const { connection } = await signIn(relay, alice)
      const letters = Array.from({ length: 20 }, (_, i) => toBob(i + 1, 'x'.repeat(60_000)))
      const answers = await answersTo(20, (i) => connection.submit(letters[i] as (typeof letters)[0]))
      expect(answers).toEqual([...repeated('done', 3), ...repeated('too-many', 17)])
    })

    it('pays for each connection, and connects again when time has passed', async () => {
      const { relay, alice, bob, clock } = await postOffice('in and out', reach, { limits: { requests: rate(64) } })
      const connect = async () => {
        const { connection, over } = await signIn(relay, alice)
        connection.close()
        await over()
      }
      const answers = await answersTo(8, connect)
      expect(answers).toEqual([...repeated('done', 4), ...repeated('too-many', 4)])
      await signIn(relay, bob)
      clock.now += 16_000
      expect(await answersTo(2, connect)).toEqual(['done', 'too-many'])
    })

    it('loses its connection when it goes on asking, however often it is refused', async () => {
      const { relay, alice, bob } = await postOffice('deaf', reach, { limits: { requests: rate(20) } })
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      for (let i = 0; i < 300; i++) await answerTo(alices.connection.devices('bob'))
      expect(await answerTo(alices.settled())).not.toBe('done')
      expect(await alices.over()).toMatchObject({ code: 'too-many' })
      await bobs.settled()
    })

    it('keeps its newest connections when it has too many, and is told so on its oldest', async () => {
      const { relay, alice, bob, toAlice, toBob } = await postOffice('connections', reach)
      const bobs = await signIn(relay, bob)
      const connections = [await signIn(relay, alice)]
      for (let i = 0; i < 3; i++) connections.push(await signIn(relay, alice))
      await Promise.all(connections.map(({ settled }) => settled()))
      const fifth = await signIn(relay, alice)
      const [first, ...others] = connections
      expect(await first?.over()).toMatchObject({ code: 'too-many' })
      bob.receive(toBob(1, 'never handed in').envelope)
      await bobs.connection.submit(toAlice(1, 'to four'))
      for (const one of [...others, fifth]) expect(await one.delivered(1)).toHaveLength(1)
      expect([first?.mail.length, first?.heard.at(-1)]).toEqual([0, 'closed'])
      fifth.connection.close()
      await fifth.over()
      await signIn(relay, alice)
      await others[0]?.settled()
    })

    it('has at most 100 prekeys of a kind published, and none that expired or came before in their way', async () => {
      const { relay, bob, clock, store, rowOf } = await postOffice('hoarder', reach)
      const { connection } = await signIn(relay, bob)
      await connection.publishPrekeys(prekeysOf(bob, 'one-time', 100, 50), false)
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'one-time', 150, 51), false))).toBe('too-large')
      expect((await connection.countPrekeys()).oneTime).toBe(50)
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'one-time', 150, 50), false))).toBe('done')
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'KEM one-time', 300, 1), false))).toBe('done')
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'one-time', 200, 1), true))).toBe('done')
      clock.now = inTheFuture * 1000
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'signed', 400, 60), false))).toBe('done')
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'signed', 500, 60), false))).toBe('done')
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'one-time', 600, 60), false))).toBe('done')
      expect(await answerTo(connection.publishPrekeys(prekeysOf(bob, 'one-time', 700, 60), false))).toBe('done')
      const ever = Number.MAX_SAFE_INTEGER
      const all = { afterSeconds: 0, untilSeconds: ever, onceAfterSignedSeconds: ever }
      expect(await store.countPrekeys(await rowOf(bob), all)).toEqual({ oneTime: 100, kemOneTime: 0 })
    })
  })

  describe(`${name}: somebody who drains another's one-time keys`, () => {
    /** Bob with 100 one-time keys of each kind, and Mallory with six devices. */
    async function besieged(seed: string) {
      const office = await postOffice(seed, reach)
      const { relay, alice, bob, random } = office
      const mallory = accountOf('mallory', 6, random)
      await relay.register(mallory.signedList)
      const bobs = await signIn(relay, bob)
      await publish(bobs.connection, bob)
      for (const [kind, firstId] of [
        ['one-time', 1000],
        ['KEM one-time', 2000],
      ] as const)
        for (const part of [0, 50])
          await bobs.connection.publishPrekeys(prekeysOf(bob, kind, firstId + part, part === 0 ? 50 : 49), false)
      const thieves = await Promise.all(Array.from({ length: 6 }, (_, i) => signIn(relay, mallory.device(i))))
      /** whether a bundle of Bob's has one-time keys in it: all or none */
      async function isFresh({ connection }: { readonly connection: Connection }): Promise<boolean> {
        const { oneTime, kem } = openBundle(await connection.bundle(addressOf(bob)), bob.device.record, 1)
        expect(kem.kind).toBe(oneTime ? 'KEM one-time' : 'KEM last-resort')
        return oneTime !== null
      }
      const drain = async (thief: { readonly connection: Connection }, times: number) => {
        let taken = 0
        for (let i = 0; i < times; i++) if (await isFresh(thief)) taken += 1
        return taken
      }
      return { ...office, alices: await signIn(relay, alice), bobs, thieves, isFresh, drain }
    }

    it('gets ten an hour with one device, and still bundles to open with', async () => {
      const { alices, bobs, thieves, isFresh, drain, clock } = await besieged('one thief')
      const [thief, other] = thieves as [(typeof thieves)[0], (typeof thieves)[0]]
      expect(await drain(thief, 10)).toBe(10)
      expect(await drain(thief, 20)).toBe(0)
      expect(await bobs.connection.countPrekeys()).toMatchObject({ oneTime: 90, kemOneTime: 90 })
      expect([await isFresh(alices), await isFresh(other)]).toEqual([true, true])
      clock.now += hourMs
      expect(await drain(thief, 11)).toBe(10)
    })

    it('gets sixty an hour with many devices; the newcomer opens a weaker session, and a fresh one when time has passed', async () => {
      const { alices, bobs, thieves, isFresh, drain, clock } = await besieged('six thieves')
      for (const thief of thieves) expect(await drain(thief, 10)).toBe(10)
      expect(await drain(alices, 12)).toBe(0)
      expect(await bobs.connection.countPrekeys()).toMatchObject({ oneTime: 40, kemOneTime: 40 })
      clock.now += hourMs / 60 - 1
      expect(await isFresh(alices)).toBe(false)
      clock.now += 1
      expect([await isFresh(alices), await isFresh(alices)]).toEqual([true, false])
    })
  })

  describe(`${name}: all devices together`, () => {
    it('register so many at once, and one past that later; a name that was refused is free', async () => {
      const { relay, clock } = await postOffice('crowd', reach, { limits: { registrations: rate(5) } })
      const lists = Array.from({ length: 5 }, (_, i) => createAccount(`p${i}`, seededRandom(i)).signedList)
      const register = (i: number) => relay.register(lists[i] as Uint8Array)
      expect(await answersTo(4, register)).toEqual([...repeated('done', 3), 'too-many'])
      clock.now += 1000
      expect([await answerTo(register(3)), await answerTo(register(4))]).toEqual(['done', 'too-many'])
    })

    it('register, while others hand in what is no list, or lists of names that are taken, or nothing new', async () => {
      const { relay, alice, random } = await postOffice('nonsense', reach, { limits: { registrations: rate(3) } })
      const thief = createAccount('alice', random).signedList
      const broken = alice.signedList.with(alice.signedList.length - 1, 0)
      const handIn = (list: Uint8Array) => answersTo(10, () => relay.register(list))
      expect(await handIn(random(200))).toEqual(repeated('bad-request', 10))
      expect(await handIn(broken)).toEqual(repeated('bad-request', 10))
      expect(await handIn(thief)).toEqual(repeated('name-taken', 10))
      expect(await handIn(alice.signedList)).toEqual(repeated('done', 10))
      expect(await answerTo(relay.register(createAccount('carol', random).signedList))).toBe('done')
    })

    it('change their own devices, however many newcomers there are, and each account so often', async () => {
      const { relay, alice, bob, random } = await postOffice('updates', reach, { limits: { registrations: rate(2) } })
      expect(await answerTo(relay.register(createAccount('carol', random).signedList))).toBe('too-many')
      const { accountSecret } = alice
      const next = (list: Uint8Array): Uint8Array => {
        const { devices } = openDeviceList(list)
        const last = devices.find(({ id }) => !equal(id, alice.device.record.id))
        if (last) return withoutDevice(list, last.id, accountSecret)
        const device = createDevice('alice', alice.list.accountKey, random(32) as DeviceId, random)
        return withDevice(list, device.record, proveDevice(device), accountSecret)
      }
      let list = alice.signedList
      const answers = await answersTo(60, () => relay.register((list = next(list))))
      expect(answers).toEqual([...repeated('done', 50), ...repeated('too-many', 10)])
      const device = createDevice('bob', bob.list.accountKey, random(32) as DeviceId, random)
      const bobs = withDevice(bob.signedList, device.record, proveDevice(device), bob.accountSecret)
      expect(await answerTo(relay.register(bobs))).toBe('done')
    })

    it('see the mode switched so often; somebody without the token uses none of that up', async () => {
      const { relay, clock } = await postOffice('switching', reach, { limits: { switches: rate(3) } })
      const change = (token: string) => relay.switchAccess(token, 'none', new Uint8Array())
      expect(await answersTo(10, () => change('a guess'))).toEqual(repeated('not-the-operator', 10))
      expect(await answersTo(4, () => change(operatorToken))).toEqual([...repeated('done', 3), 'too-many'])
      expect((await relay.access()).epoch).toBe(4)
      clock.now += 1000
      expect(await answerTo(change(operatorToken))).toBe('done')
    })

    it('learn every policy, however many there are', async () => {
      const modes = Array.from({ length: 70 }, () => ({ id: 'none', parameters: new Uint8Array() }))
      const { relay, chain } = await postOffice('a long chain', reach, { modes })
      for (const after of [0, 5, 6, 7, 38, 69, 70])
        expect(await relay.policies(after)).toEqual(chain.links.slice(after).map(({ bytes }) => bytes))
    })
  })
}
