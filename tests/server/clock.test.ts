import { describe, expect, it } from 'vitest'
import { utf8 } from '../../crypto/bytes.ts'
import { answerChallenge } from '../../crypto/identity.ts'
import type { Digest } from '../../crypto/keys.ts'
import { createPrekey, encodePrekey, openBundle, type PrekeyKind } from '../../crypto/prekeys.ts'
import { openRelay } from '../../server/relay.ts'
import type { TestPerson } from '../support/couple.ts'
import { createEar } from '../support/relay-ear.ts'
import { addressOf, answerTo, operatorToken, postOffice, publish, signIn, startTime } from '../support/relay.ts'
import { seededRandom } from '../support/random.ts'

const day = 24 * 3600 * 1000
const year = 365 * day
const off = [
  ['40 days ahead', 40 * day],
  ['ten years ahead', 10 * year],
  ['40 days behind', -40 * day],
  ['ten years behind', -10 * year],
] as const

const prekey = ({ device }: TestPerson, kind: PrekeyKind, id: number, expiresAtMs: number) =>
  encodePrekey(createPrekey(kind, id, expiresAtMs / 1000, device, seededRandom(`${kind} ${id}`)))

/** A relay with a message for Bob in its store, whose clock goes wrong while it is stopped. */
async function stopped(seed: string) {
  const office = await postOffice(seed)
  const { connection } = await signIn(office.relay, office.alice)
  await connection.submit(office.toBob(1, 'waiting'))
  const { parts, clock, rowOf, bob, store } = office
  const restarted = () => openRelay(parts)
  const waiting = async () => (await store.mailAfter(await rowOf(bob), 0, 10)).length
  /** Time passes while a relay runs, which looks for old mail twice a day. @returns how much it let go of */
  async function runs(days: number): Promise<number> {
    const relay = await restarted()
    let gone = await relay.expire()
    for (let i = 0; i < 2 * days; i++) {
      clock.now += day / 2
      gone += await relay.expire()
    }
    return gone
  }
  return { ...office, connection, clock, restarted, waiting, runs }
}

describe('a relay whose clock is wrong when it starts', () => {
  it.each(off)('keeps the mail that waits, then and when it is right again: %s', async (_where, ms) => {
    const { clock, restarted, waiting } = await stopped('started wrong')
    for (let i = 0; i < 5; i++) {
      clock.now += ms
      expect(await (await restarted()).expire()).toBe(0)
      clock.now -= ms
      expect(await (await restarted()).expire()).toBe(0)
    }
    expect(await waiting()).toBe(1)
  })

  it.each(off)(
    'lets go of mail after thirty days that it has run, whatever its clock shows: %s',
    async (_where, ms) => {
      const { clock, waiting, runs } = await stopped('in the end')
      expect(await runs(20)).toBe(0)
      clock.now += ms
      expect(await runs(8)).toBe(0)
      expect(await waiting()).toBe(1)
      expect(await runs(3)).toBe(1)
      expect(await waiting()).toBe(0)
    },
  )

  it.each(off)('keeps what it took meanwhile thirty days too, neither less nor for ever: %s', async (_where, ms) => {
    const { clock, connection, toBob, waiting, runs } = await stopped('taken meanwhile')
    clock.now += ms
    await connection.submit(toBob(2, 'taken under a wrong clock'))
    clock.now -= ms
    expect(await runs(27)).toBe(0)
    expect(await waiting()).toBe(2)
    expect(await runs(4)).toBe(2)
  })

  it.each(off)('hands out after it the one-time keys that were there before: %s', async (_where, ms) => {
    const { clock, relay, alice, bob } = await postOffice('one-time keys')
    const bobs = await signIn(relay, bob)
    const keys = (['signed', 'KEM last-resort', 'one-time', 'KEM one-time'] as const).map((kind, i) =>
      prekey(bob, kind, 10 + i, startTime + 90 * day),
    )
    await bobs.connection.publishPrekeys(keys, true)
    clock.now += ms
    await bobs.connection.publishPrekeys([prekey(bob, 'signed', 20, startTime + 90 * day)], false)
    clock.now -= ms
    const { connection } = await signIn(relay, alice)
    const bundle = openBundle(await connection.bundle(addressOf(bob)), bob.device.record, startTime / 1000)
    expect([bundle.signed.id, bundle.oneTime?.id, bundle.kem.id]).toEqual([20, 12, 13])
  })

  it.each(off)('has its accounts, and takes their devices in: %s', async (_where, ms) => {
    const { clock, bob, restarted } = await stopped('accounts')
    clock.now += ms
    const bobs = await signIn(await restarted(), bob)
    await bobs.settled()
    expect(bobs.mail).toHaveLength(1)
  })
})

describe('a relay that is given keys made under a wrong clock', () => {
  const right = startTime + 90 * day

  async function bundleAfter(expiries: readonly number[], laterMs = 0) {
    const { clock, relay, alice, bob } = await postOffice('keys of a wrong clock')
    const bobs = await signIn(relay, bob)
    for (const [i, expiry] of expiries.entries())
      await bobs.connection.publishPrekeys(
        [prekey(bob, 'signed', 10 + i, expiry), prekey(bob, 'KEM last-resort', 20 + i, expiry)],
        false,
      )
    clock.now += laterMs
    const { connection } = await signIn(relay, alice)
    const { signed, kem } = openBundle(await connection.bundle(addressOf(bob)), bob.device.record, 1)
    return [signed.id, kem.id]
  }

  it('hands out later ones in the place of those that expire in ten years', async () => {
    expect(await bundleAfter([right, right + 10 * year, right])).toEqual([12, 22])
    expect(await bundleAfter([right + 10 * year, right])).toEqual([11, 21])
  })

  it('hands out good ones rather than later ones that expire in ten years, or have expired', async () => {
    expect(await bundleAfter([right, right + 10 * year])).toEqual([10, 20])
    expect(await bundleAfter([right, right - 10 * year])).toEqual([10, 20])
  })

  it('hands out the last ones where none is good: nobody is to think that one of ten years is', async () => {
    expect(await bundleAfter([right + 10 * year, right], 100 * day)).toEqual([11, 21])
    expect(await bundleAfter([right + 10 * year])).toEqual([10, 20])
  })
})

describe('what lasts for seconds or minutes at a relay', () => {
  it.each(off)('does not last for as long as its clock was off, nor ends: a challenge, %s', async (_where, ms) => {
    const { clock, local, alice, relay } = await postOffice('a challenge')
    const policyKey = await relay.policyKey()
    const admitted = (challenge: Uint8Array) =>
      answerTo(
        (async () =>
          local.admit(challenge, answerChallenge(alice.device, policyKey, challenge), createEar().listener))(),
      )
    clock.now += ms
    const [old, fresh] = [local.challenge(), local.challenge()]
    clock.now -= ms
    if (ms > 0) expect(await admitted(fresh)).toBe('done')
    local.challenge()
    clock.now += 60_001
    local.challenge()
    expect(await admitted(old)).toBe('challenge-spent')
  })

  it.each([
    ['ten years ahead', 10 * year],
    ['40 days ahead', 40 * day],
  ])('does not last for as long as its clock was %s: notes between devices', async (_where, ms) => {
    const { clock, relay, alice } = await postOffice('notes')
    const { connection } = await signIn(relay, alice)
    const slot = seededRandom('a slot')(32) as Digest
    clock.now += ms
    await connection.reserveLink(slot)
    await relay.leaveNote(slot, 1, utf8('a note'))
    clock.now -= ms
    expect(await relay.readNote(slot, 1)).not.toBeNull()
    clock.now += 600_001
    expect(await relay.readNote(slot, 1)).toBeNull()
  })

  it.each([
    ['that was put right since', 10 * year, -10 * year],
    ['that is put back after it', 0, -10 * year],
  ])('does not last for as long as its clock is off: the grace of a policy, by a clock %s', async (_how, at, then) => {
    const { clock, relay, alice, toBob } = await postOffice('grace')
    const { connection } = await signIn(relay, alice)
    clock.now += at
    await relay.switchAccess(operatorToken, 'none', new Uint8Array())
    clock.now += then
    expect(await answerTo(connection.submit(toBob(1, 'in time')))).toBe('done')
    clock.now += 10_001
    expect(await answerTo(connection.submit(toBob(2, 'late')))).toBe('policy-stale')
  })

  it.each([
    ['that was put right since', 10 * year, -10 * year],
    ['that is put back after it', 0, -10 * year],
  ])('is given again after a while: what a device may ask, by a clock %s', async (_how, at, then) => {
    const { clock, relay, bob } = await postOffice('asking', undefined, {
      limits: { requests: { burst: 200, perSecond: 1 } },
    })
    const { connection } = await signIn(relay, bob)
    await publish(connection, bob)
    clock.now += at
    while ((await answerTo(connection.countPrekeys())) === 'done');
    clock.now += then
    expect(await answerTo(connection.countPrekeys())).toBe('too-many')
    clock.now += 2000
    expect(await answerTo(connection.countPrekeys())).toBe('done')
  })
})
