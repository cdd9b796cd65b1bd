import { describe, expect, it } from 'vitest'
import { createDevice, type DeviceSecrets, proveDevice, createAccount } from '../../crypto/identity.ts'
import type { DeviceId, Digest } from '../../crypto/keys.ts'
import { withDevice, withoutDevice } from '../../crypto/linking.ts'
import { createPrekey, encodePrekey, openBundle } from '../../crypto/prekeys.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { at } from '../support/at.ts'
import { inTheFuture } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import { addressOf, answerTo, inProcess, type PostOffice, postOffice, type Reach, signIn } from '../support/relay.ts'

/** What every relay owes an account that gains and loses devices, and two devices that are being linked. */
export function linkingSuite(name: string, reach: Reach): void {
  /** Alice's lists with a second device, and then without it. */
  function growing({ alice, random }: Pick<PostOffice, 'alice' | 'random'>) {
    const { accountSecret, list, signedList } = alice
    const device = createDevice('alice', list.accountKey, random(32) as DeviceId, random)
    const two = withDevice(signedList, device.record, proveDevice(device), accountSecret)
    return { second: { device }, two, one: withoutDevice(two, device.record.id, accountSecret) }
  }
  const publishFor = ({ device }: { device: DeviceSecrets }) =>
    (['signed', 'one-time', 'KEM last-resort'] as const).map((kind, i) =>
      encodePrekey(createPrekey(kind, 21 + i, inTheFuture, device, seededRandom(kind))),
    )

  describe(`${name}: the next list of an account`, () => {
    it('is taken from its key, told to whoever asks, and lets the new device in', async () => {
      const { relay, alice, bob, random, toBob } = await postOffice('next list', reach)
      const { second, two } = growing({ alice, random })
      expect(await answerTo(signIn(relay, second))).toBe('unknown-device')
      expect(await answerTo(relay.register(two))).toBe('done')
      const bobs = await signIn(relay, bob)
      expect(await bobs.connection.devices('alice')).toEqual(two)
      const seconds = await signIn(relay, second)
      await seconds.connection.publishPrekeys(publishFor(second), true)
      expect(openBundle(await bobs.connection.bundle(addressOf(second)), second.device.record, 1).oneTime?.id).toBe(22)
      const letter = { ...toBob(1, 'for the second'), to: addressOf(second) }
      await bobs.connection.submit(letter)
      expect((await seconds.delivered(1)).map(({ envelope }) => envelope)).toEqual([letter.envelope])
      expect(await answerTo(signIn(relay, alice))).toBe('done')
    })

    it('has a higher number; the same list again is fine, an older one or another of its number is not', async () => {
      const { relay, alice, random } = await postOffice('numbers', reach)
      const { two, one } = growing({ alice, random })
      const other = growing({ alice, random })
      expect(await answerTo(relay.register(two))).toBe('done')
      for (const list of [alice.signedList, other.two])
        expect(await answerTo(relay.register(list))).toBe('out-of-order')
      expect(await answerTo(relay.register(two))).toBe('done')
      expect(await answerTo(relay.register(one))).toBe('done')
      for (const list of [alice.signedList, two]) expect(await answerTo(relay.register(list))).toBe('out-of-order')
      const { connection } = await signIn(relay, alice)
      expect(await connection.devices('alice')).toEqual(one)
    })

    it('has no id of a device with other keys than it first had here, be that device in the list, removed or a puppet', async () => {
      const { relay, alice, random } = await postOffice('ids', reach)
      const { second, two, one } = growing({ alice, random })
      const renamed = createDevice('alice', alice.list.accountKey, second.device.record.id, random)
      const under = (list: Uint8Array) => withDevice(list, renamed.record, proveDevice(renamed), alice.accountSecret)
      expect(await answerTo(relay.register(two))).toBe('done')
      const without = withoutDevice(two, second.device.record.id, alice.accountSecret)
      expect(await answerTo(relay.register(under(without)))).toBe('bad-request')
      expect(await answerTo(relay.register(one))).toBe('done')
      expect(await answerTo(relay.register(under(one)))).toBe('bad-request')
      const back = withDevice(one, second.device.record, proveDevice(second.device), alice.accountSecret)
      expect(await answerTo(relay.register(back))).toBe('done')
      expect(await answerTo(signIn(relay, second))).toBe('done')
    })

    it('is signed by the key that the account began with', async () => {
      const { relay, alice, random } = await postOffice('another key', reach)
      const thief = createAccount('alice', random)
      const { device } = growing({ alice: thief as never, random }).second
      const next = withDevice(thief.signedList, device.record, proveDevice(device), thief.accountSecret)
      expect(await answerTo(relay.register(next))).toBe('name-taken')
      const forged = alice.signedList.with(alice.signedList.length - 1, 0)
      expect(await answerTo(relay.register(forged))).toBe('bad-request')
      const { connection } = await signIn(relay, alice)
      expect(await connection.devices('alice')).toEqual(alice.signedList)
    })
  })

  describe(`${name}: a device that was removed`, () => {
    it('is cut off at once, told why, and not let in again', async () => {
      const { relay, alice, random } = await postOffice('cut off', reach)
      const { second, two, one } = growing({ alice, random })
      await relay.register(two)
      const [seconds, firsts] = [await signIn(relay, second), await signIn(relay, alice)]
      const again = await signIn(relay, second)
      await relay.register(one)
      expect([(await seconds.over())?.code, (await again.over())?.code]).toEqual(['unknown-device', 'unknown-device'])
      expect(await answerTo(seconds.connection.countPrekeys())).toMatch(/^(unreachable|unknown-device)$/)
      expect(await answerTo(signIn(relay, second))).toBe('unknown-device')
      expect(await answerTo(firsts.connection.countPrekeys())).toBe('done')
      expect(firsts.heard).toEqual(['ready'])
    })

    it('loses mail and prekeys, and gets none any more', async () => {
      const { relay, alice, bob, random, toBob, store } = await postOffice('mail and prekeys', reach)
      const { second, two, one } = growing({ alice, random })
      await relay.register(two)
      const seconds = await signIn(relay, second)
      await seconds.connection.publishPrekeys(publishFor(second), true)
      seconds.connection.close()
      await seconds.over()
      const bobs = await signIn(relay, bob)
      const row = (await store.device(addressOf(second)))?.row ?? 0
      await bobs.connection.submit({ ...toBob(1, 'waits'), to: addressOf(second) })
      expect(await store.mailAfter(row, 0, 10)).toHaveLength(1)
      await relay.register(one)
      expect(await store.mailAfter(row, 0, 10)).toEqual([])
      const any = { afterSeconds: 0, untilSeconds: Number.MAX_SAFE_INTEGER, onceAfterSignedSeconds: 0 }
      expect(await store.takeBundle(row, any, false)).toBeNull()
      expect(await answerTo(bobs.connection.bundle(addressOf(second)))).toBe('unknown-device')
      const late = { ...toBob(2, 'too late'), to: addressOf(second) }
      expect(await answerTo(bobs.connection.submit(late))).toBe('unknown-device')
    })

    it('has its mail to others delivered all the same, under its name', async () => {
      const { relay, alice, bob, random, toBob } = await postOffice('its mail', reach)
      const { second, two, one } = growing({ alice, random })
      await relay.register(two)
      const seconds = await signIn(relay, second)
      const letter = toBob(1, 'sent before')
      await seconds.connection.submit(letter)
      await relay.register(one)
      const bobs = await signIn(relay, bob)
      const [mail] = await bobs.delivered(1)
      expect(mail).toMatchObject({ from: addressOf(second), envelope: letter.envelope })
    })

    it('comes back by a later list with an empty mailbox, and counts on', async () => {
      const { relay, alice, bob, random, toBob } = await postOffice('back', reach)
      const { second, two, one } = growing({ alice, random })
      const { device } = second
      await relay.register(two)
      const bobs = await signIn(relay, bob)
      await bobs.connection.submit({ ...toBob(1, 'lost'), to: addressOf(second) })
      await relay.register(one)
      await relay.register(withDevice(one, device.record, proveDevice(device), alice.accountSecret))
      const letter = { ...toBob(2, 'after'), to: addressOf(second) }
      await bobs.connection.submit(letter)
      const seconds = await signIn(relay, second)
      const [mail] = await seconds.delivered(1)
      expect(decodeEnvelope(at([mail], 0)?.envelope ?? new Uint8Array())).toEqual(decodeEnvelope(letter.envelope))
      expect(mail?.sequence).toBe(2)
      expect(await answerTo(seconds.connection.bundle(addressOf(second)))).toBe('no-prekeys')
    })
  })

  describe(`${name}: notes`, () => {
    const slot = (seed: string) => seededRandom(`slot ${seed}`)(32) as Digest
    const note = (text: string) => new TextEncoder().encode(text)

    /** A relay at which Alice has begun these linkings. */
    async function begun(seed: string, ...slots: string[]) {
      const office = await postOffice(seed, reach)
      const { connection } = await signIn(office.relay, office.alice)
      for (const one of slots) await connection.reserveLink(slot(one))
      return { ...office, connection }
    }

    it('lie where they were left until they are looked for, the first of a step for good', async () => {
      const { relay } = await begun('notes', 'one', 'other')
      expect(await relay.readNote(slot('one'), 1)).toBeNull()
      await relay.leaveNote(slot('one'), 1, note('first'))
      expect(await answerTo(relay.leaveNote(slot('one'), 1, note('second')))).toBe('out-of-order')
      expect(await answerTo(relay.leaveNote(slot('one'), 1, note('first')))).toBe('done')
      await relay.leaveNote(slot('one'), 2, note('answer'))
      await relay.leaveNote(slot('other'), 1, note('elsewhere'))
      for (let i = 0; i < 2; i++) expect(await relay.readNote(slot('one'), 1)).toEqual(note('first'))
      expect(await relay.readNote(slot('one'), 2)).toEqual(note('answer'))
      expect(await relay.readNote(slot('one'), 3)).toBeNull()
      expect(await relay.readNote(slot('other'), 1)).toEqual(note('elsewhere'))
    })

    it('are 65,536 bytes at most, and four', async () => {
      const { relay } = await begun('sizes', 'one')
      const longest = seededRandom('a long note')(65_536)
      expect(await answerTo(relay.leaveNote(slot('one'), 1, longest))).toBe('done')
      expect(await relay.readNote(slot('one'), 1)).toEqual(longest)
      const refused = reach === inProcess ? 'too-large' : 'bad-request'
      expect(await answerTo(relay.leaveNote(slot('one'), 2, new Uint8Array(65_537)))).toBe(refused)
      for (const step of [0, 5])
        expect(await answerTo(relay.leaveNote(slot('one'), step, note('no')))).toBe('bad-request')
      expect(await answerTo(relay.leaveNote(slot('one'), 4, new Uint8Array()))).toBe('done')
      expect(await relay.readNote(slot('one'), 4)).toEqual(new Uint8Array())
    })

    it('are forgotten after ten minutes', async () => {
      const { relay, clock } = await begun('ten minutes', 'one')
      await relay.leaveNote(slot('one'), 1, note('first'))
      clock.now += 10 * 60_000
      expect(await relay.readNote(slot('one'), 1)).toEqual(note('first'))
      clock.now += 1
      expect(await relay.readNote(slot('one'), 1)).toBeNull()
      expect(await answerTo(relay.leaveNote(slot('one'), 2, note('late')))).toBe('not-found')
    })

    it('are taken only where a device has begun, and one device begins ten an hour', async () => {
      const { relay, bob, connection } = await begun('who begins', 'one')
      expect(await answerTo(relay.leaveNote(slot('of a stranger'), 1, note('here')))).toBe('not-found')
      const begin = (i: number) => answerTo(connection.reserveLink(slot(`${i}`)))
      for (let i = 2; i <= 10; i++) expect(await begin(i)).toBe('done')
      expect([await begin(11), await begin(10)]).toEqual(['too-many', 'done'])
      const bobs = await signIn(relay, bob)
      expect(await answerTo(bobs.connection.reserveLink(slot('of Bob')))).toBe('done')
      for (const one of ['one', '10', 'of Bob']) await relay.leaveNote(slot(one), 1, note('here'))
    })
  })
}
