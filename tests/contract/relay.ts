import { describe, expect, it } from 'vitest'
import { createAccount } from '../../crypto/identity.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { createPrekey, encodePrekey, openBundle, type PrekeyKind } from '../../crypto/prekeys.ts'
import { inTheFuture, type TestPerson } from '../support/couple.ts'
import { turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import {
  addressOf,
  answerTo,
  operatorToken,
  postOffice,
  publish,
  type Reach,
  signIn,
  startTime,
} from '../support/relay.ts'
import { blobSuite } from './relay-blobs.ts'
import { limitSuite } from './relay-limits.ts'
import { linkingSuite } from './relay-linking.ts'
import { mailSuite } from './relay-mail.ts'
import { policySuite } from './relay-policy.ts'

/** What every relay owes the devices, however it is reached. */
export function relaySuite(name: string, reach: Reach): void {
  describe(`${name}: accounts`, () => {
    it('tells a person’s device list as it was registered', async () => {
      const { relay, alice, bob } = await postOffice('lists', reach)
      const { connection } = await signIn(relay, alice)
      expect(await connection.devices('bob')).toEqual(bob.signedList)
      expect(await answerTo(connection.devices('carol'))).toBe('unknown-user')
    })

    it('takes the same list again, and no other under that name', async () => {
      const { relay, alice, random } = await postOffice('names', reach)
      const { connection } = await signIn(relay, alice)
      expect(await answerTo(relay.register(alice.signedList))).toBe('done')
      expect(await answerTo(relay.register(createAccount('alice', random).signedList))).toBe('name-taken')
      expect(await connection.devices('alice')).toEqual(alice.signedList)
    })

    it('refuses a list with any fault, and keeps the name free', async () => {
      const { relay, random } = await postOffice('faults', reach)
      const carol = createAccount('carol', random)
      const faulty = [turned(carol.signedList, 700), carol.signedList.subarray(1), new Uint8Array()]
      for (const list of faulty) expect(await answerTo(relay.register(list))).toBe('bad-request')
      expect(await answerTo(relay.register(carol.signedList))).toBe('done')
    })
  })

  describe(`${name}: prekeys`, () => {
    /** with ids from 11 on, beside those of `person` */
    const prekeysOf = ({ device }: TestPerson, kinds: readonly PrekeyKind[], expiry = inTheFuture) =>
      kinds.map((kind, i) => encodePrekey(createPrekey(kind, 11 + i, expiry, device, seededRandom(`${kind} ${i}`))))

    it('gives each one-time key to one asker, then falls back to the last resort', async () => {
      const { relay, alice, bob } = await postOffice('bundles', reach)
      const one = await signIn(relay, alice)
      const other = await signIn(relay, alice)
      const { connection } = await signIn(relay, bob)
      const kinds = ['signed', 'one-time', 'one-time', 'one-time', 'KEM one-time', 'KEM one-time'] as const
      await connection.publishPrekeys(prekeysOf(bob, [...kinds, 'KEM last-resort']), true)
      const asking = Array.from({ length: 4 }, (_, i) => (i % 2 ? one : other).connection.bundle(addressOf(bob)))
      const bundles = (await Promise.all(asking)).map((bytes) => openBundle(bytes, bob.device.record, 1))
      const given = (ids: readonly (number | null)[]) => [...ids].sort((a, b) => (a ?? 0) - (b ?? 0))
      expect(given(bundles.map(({ oneTime }) => oneTime?.id ?? null))).toEqual([null, 12, 13, 14])
      expect(given(bundles.map(({ kem }) => kem.id))).toEqual([15, 16, 17, 17])
      expect(await connection.countPrekeys()).toMatchObject({ oneTime: 0, kemOneTime: 0 })
    })

    it('says so when there are none to open with, and uses none up', async () => {
      const { relay, alice, bob } = await postOffice('no bundle', reach)
      const { connection } = await signIn(relay, alice)
      const bobs = await signIn(relay, bob)
      expect(await answerTo(connection.bundle(addressOf(bob)))).toBe('no-prekeys')
      expect(await answerTo(connection.bundle({ user: 'bob', device: seededRandom('nobody')(32) as DeviceId }))).toBe(
        'unknown-device',
      )
      await bobs.connection.publishPrekeys(prekeysOf(bob, ['one-time', 'KEM one-time']), false)
      expect(await answerTo(connection.bundle(addressOf(bob)))).toBe('no-prekeys')
      expect(await bobs.connection.countPrekeys()).toMatchObject({ oneTime: 1, kemOneTime: 1 })
    })

    it('gives away and counts none that has expired', async () => {
      const { relay, alice, bob, clock } = await postOffice('expired', reach)
      const { connection } = await signIn(relay, bob)
      await publish(connection, bob)
      await connection.publishPrekeys(prekeysOf(bob, ['one-time', 'KEM one-time'], startTime / 1000 + 60), true)
      await connection.publishPrekeys([bob.prekeys.signed, bob.prekeys.lastResort].map(encodePrekey), false)
      expect(await connection.countPrekeys()).toMatchObject({ oneTime: 1, kemOneTime: 1 })
      clock.now += 60_000
      expect(await connection.countPrekeys()).toMatchObject({ oneTime: 0, kemOneTime: 0 })
      const asker = await signIn(relay, alice)
      const bundle = openBundle(await asker.connection.bundle(addressOf(bob)), bob.device.record, 1)
      expect([bundle.oneTime, bundle.kem.kind]).toEqual([null, 'KEM last-resort'])
    })

    it('takes a device’s own prekeys only, all of them or none', async () => {
      const { relay, alice, bob } = await postOffice('own prekeys', reach)
      const { connection } = await signIn(relay, bob)
      await publish(connection, bob)
      const mixed = [...prekeysOf(bob, ['one-time', 'one-time']), ...prekeysOf(alice, ['one-time'])]
      expect(await answerTo(connection.publishPrekeys(mixed, true))).toBe('bad-request')
      expect(await connection.countPrekeys()).toMatchObject({ oneTime: 1, kemOneTime: 1 })
    })
  })

  blobSuite(name, reach)
  linkingSuite(name, reach)
  mailSuite(name, reach)
  policySuite(name, reach)
  limitSuite(name, reach)

  describe(`${name}: the end of a connection`, () => {
    it('comes once, and nothing is asked or told after it', async () => {
      const { relay, alice, bob, toBob } = await postOffice('closed', reach)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      bobs.connection.close()
      bobs.connection.close()
      expect(await bobs.over()).toBeNull()
      expect(await answerTo(bobs.connection.countPrekeys())).toBe('unreachable')
      expect(await answerTo(bobs.connection.submit(toBob(1, 'too late')))).toBe('unreachable')
      await alices.connection.submit(toBob(1, 'missed'))
      await relay.switchAccess(operatorToken, 'none', new Uint8Array())
      await alices.settled()
      expect(bobs.heard).toEqual(['ready', 'closed'])
    })
  })
}
