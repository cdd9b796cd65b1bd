import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { concat, utf8 } from '../../crypto/bytes.ts'
import { type Envelope, envelopeDigest } from '../../crypto/envelope.ts'
import type { DeviceId, Digest } from '../../crypto/keys.ts'
import { mailLifetimeMs } from '../../server/mailbox.ts'
import { mailboxMaximumBytes, mailboxMaximumMessages } from '../../server/store/mailroom.ts'
import { at } from '../support/at.ts'
import { person } from '../support/couple.ts'
import { altered } from '../support/opening.ts'
import type { Random } from '../../crypto/random.ts'
import type { Store } from '../../server/store/store.ts'
import { seededRandom } from '../support/random.ts'
import { addressOf, answerTo, faultyDisk, postOffice, type Reach, readBy, signIn, startTime } from '../support/relay.ts'
import { acknowledge, enroll, post, sizesIn } from '../support/stored.ts'

const half = mailboxMaximumMessages / 2
const junk = (count: number) => Array.from({ length: count }, () => utf8('junk'))
const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0)

/** Two more devices, each of which may fill half of a mailbox. */
async function strangers(store: Store, random: Random) {
  const [one, other] = ['stranger', 'other-stranger'].map((user) => ({ user, device: random(32) as DeviceId }))
  if (!one || !other) throw new Error('two of them')
  for (const { user, device } of [one, other]) await enroll(store, user, [device])
  return [one, other] as const
}

/** What every relay owes the mail. */
export function mailSuite(name: string, reach: Reach): void {
  describe(`${name}: mail`, () => {
    it('delivers what is accepted: byte for byte, with sender, time and sequence', async () => {
      const { relay, alice, bob, toBob } = await postOffice('deliver', reach)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      const letter = toBob(1, 'hello')
      await alices.connection.submit(letter)
      const [mail] = await bobs.delivered(1)
      expect(mail).toEqual({ sequence: 1, time: startTime, from: alices.address, envelope: letter.envelope })
      expect(readBy(bob, bobs.mail)).toEqual(['hello'])
    })

    it('keeps mail for a device that is away, and delivers it in order after ready', async () => {
      const { relay, alice, bob, toBob, toAlice } = await postOffice('away', reach)
      const alices = await signIn(relay, alice)
      const texts = Array.from({ length: 40 }, (_, i) => `number ${i + 1}`)
      await Promise.all(texts.map((text, i) => alices.connection.submit(toBob(i + 1, text))))
      const bobs = await signIn(relay, bob)
      expect(readBy(bob, await bobs.delivered(40))).toEqual(texts)
      expect(bobs.mail.map(({ sequence }) => sequence)).toEqual(texts.map((_, i) => i + 1))
      expect(bobs.heard[0]).toBe('ready')
      await bobs.connection.submit(toAlice(1, 'got it all'))
      expect(readBy(alice, await alices.delivered(1))).toEqual(['got it all'])
    })

    it('delivers again after a new connection what was not acknowledged, and nothing else', async () => {
      const { relay, alice, bob, toBob } = await postOffice('again', reach)
      const alices = await signIn(relay, alice)
      const letters = [1, 2, 3].map((counter) => toBob(counter, `number ${counter}`))
      for (const letter of letters) await alices.connection.submit(letter)
      const first = await signIn(relay, bob)
      await first.delivered(3)
      await first.connection.acknowledge(2)
      await first.settled()
      first.connection.close()
      expect(await first.over()).toBeNull()

      const second = await signIn(relay, bob)
      await second.settled()
      expect(second.mail.map(({ sequence, envelope }) => [sequence, envelope])).toEqual([[3, letters[2]?.envelope]])
      expect(first.mail).toHaveLength(3)
    })

    it('delivers to every connection of a device', async () => {
      const { relay, alice, bob, toBob } = await postOffice('twice there', reach)
      const alices = await signIn(relay, alice)
      const bobs = [await signIn(relay, bob), await signIn(relay, bob)]
      await alices.connection.submit(toBob(1, 'hello'))
      const mail = await Promise.all(bobs.map((one) => one.delivered(1)))
      expect(mail[0]).toEqual(mail[1])
    })

    it('acknowledges a repeat without delivering it again', async () => {
      const { relay, alice, bob, toBob } = await postOffice('repeat', reach)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      const [first, second] = [toBob(1, 'first'), toBob(2, 'second')]
      for (const letter of [first, first, second, second, first])
        expect(await answerTo(alices.connection.submit(letter))).toBe('done')
      expect(await answerTo(alices.connection.submit({ ...first, envelope: second.envelope }))).toBe('done')
      await bobs.settled()
      expect(readBy(bob, bobs.mail)).toEqual(['first', 'second'])
    })

    it('refuses a counter that skips, and the last one with other bytes', async () => {
      const { relay, alice, bob, toBob } = await postOffice('gap', reach)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      const [first, second, third] = [toBob(1, 'first'), toBob(2, 'second'), toBob(3, 'third')]
      expect(await answerTo(alices.connection.submit(second))).toBe('out-of-order')
      await alices.connection.submit(first)
      expect(await answerTo(alices.connection.submit({ ...second, counter: 1 }))).toBe('out-of-order')
      expect(await answerTo(alices.connection.submit(third))).toBe('out-of-order')
      for (const letter of [second, third]) await alices.connection.submit(letter)
      await bobs.settled()
      expect(readBy(bob, bobs.mail)).toEqual(['first', 'second', 'third'])
    })

    it('remembers for each pair of devices how far it has come', async () => {
      const { relay, alice, bob, toBob, toAlice, random } = await postOffice('counters', reach)
      const carol = person('carol', random)
      await relay.register(carol.signedList)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      expect(await alices.connection.sent()).toEqual([])
      const [one, two] = [toBob(1, 'one'), toBob(2, 'two')]
      for (const letter of [one, two, { ...one, to: addressOf(carol) }]) await alices.connection.submit(letter)
      expect(await answerTo(bobs.connection.submit({ ...one, to: addressOf(alice), counter: 2 }))).toBe('out-of-order')
      bob.receive(one.envelope)
      await bobs.connection.submit(toAlice(1, 'back'))
      const [counters, first, last] = [await alices.connection.sent(), one.envelope, two.envelope]
      expect(counters).toHaveLength(2)
      expect(counters).toContainEqual({ to: addressOf(bob), counter: 2, digest: envelopeDigest(last) })
      expect(counters).toContainEqual({ to: addressOf(carol), counter: 1, digest: envelopeDigest(first) })
    })

    it('fills a mailbox to 10,000 messages, and no further until there is room', async () => {
      const { relay, alice, bob, toBob, store, random } = await postOffice('messages', reach)
      const alices = await signIn(relay, alice)
      for (const from of await strangers(store, random))
        await post(store, from, addressOf(bob), junk(from.user === 'stranger' ? half - 1 : half))
      const [last, next] = [toBob(1, 'the last that fits'), toBob(2, 'the one past')]
      expect(mailboxMaximumMessages).toBe(10_000)
      expect(await answerTo(alices.connection.submit(last))).toBe('done')
      expect(await answerTo(alices.connection.submit(next))).toBe('mailbox-full')
      expect(await answerTo(alices.connection.submit(last))).toBe('done')
      const bobs = await signIn(relay, bob)
      await bobs.connection.acknowledge(1)
      await bobs.settled()
      expect(await answerTo(alices.connection.submit(next))).toBe('done')
    })

    it('fills a mailbox to 64 MiB, and not by a byte more', async () => {
      const { relay, alice, bob, toBob, store, rowOf, random } = await postOffice('bytes', reach)
      const alices = await signIn(relay, alice)
      const [large, small] = [toBob(1, 'x'.repeat(200)), toBob(1, 'exactly what fits')]
      const chunk = new Uint8Array(1024 * 1024)
      const spare = chunk.length - small.envelope.length
      const sizes = [...Array.from({ length: 63 }, () => chunk.length), spare]
      const [one, other] = await strangers(store, random)
      for (const [i, size] of sizes.entries())
        await post(store, i % 2 === 0 ? one : other, addressOf(bob), [chunk.subarray(0, size)])
      expect(mailboxMaximumBytes).toBe(64 * 1024 * 1024)
      expect(await answerTo(alices.connection.submit(large))).toBe('mailbox-full')
      expect(await answerTo(alices.connection.submit(small))).toBe('done')
      expect(sum(await sizesIn(store, await rowOf(bob)))).toBe(mailboxMaximumBytes)
    })

    it('lets one device fill half of a mailbox, and leaves the other half to others', async () => {
      const { relay, alice, bob, toBob, store, random } = await postOffice('half of the messages', reach)
      const carol = person('carol', random)
      await relay.register(carol.signedList)
      const [alices, carols] = [await signIn(relay, alice), await signIn(relay, carol)]
      await post(store, addressOf(alice), addressOf(bob), junk(half - 1))
      const [last, next] = [toBob(half, 'the last of half'), toBob(half + 1, 'the one past')]
      expect(await answerTo(alices.connection.submit(last))).toBe('done')
      expect(await answerTo(alices.connection.submit(next))).toBe('mailbox-full')
      expect(await answerTo(carols.connection.submit({ ...last, counter: 1 }))).toBe('done')
      const bobs = await signIn(relay, bob)
      await bobs.connection.acknowledge(1)
      await bobs.settled()
      expect(await answerTo(alices.connection.submit(next))).toBe('done')
    })

    it('lets one device fill half of the bytes of a mailbox, and not a byte more', async () => {
      const { relay, alice, bob, toBob, store, rowOf, random } = await postOffice('half of the bytes', reach)
      const carol = person('carol', random)
      await relay.register(carol.signedList)
      const [alices, carols] = [await signIn(relay, alice), await signIn(relay, carol)]
      const [large, small] = [toBob(33, 'x'.repeat(200)), toBob(33, 'exactly what fits')]
      const chunk = new Uint8Array(1024 * 1024)
      const spare = chunk.length - small.envelope.length
      for (const size of [...Array.from({ length: 31 }, () => chunk.length), spare])
        await post(store, addressOf(alice), addressOf(bob), [chunk.subarray(0, size)])
      expect(await answerTo(alices.connection.submit(large))).toBe('mailbox-full')
      expect(await answerTo(alices.connection.submit(small))).toBe('done')
      expect(sum(await sizesIn(store, await rowOf(bob)))).toBe(mailboxMaximumBytes / 2)
      expect(await answerTo(carols.connection.submit({ ...large, counter: 1 }))).toBe('done')
    })

    it('forgets mail after 30 days that it has run', async () => {
      const { relay, alice, bob, toBob, local, clock } = await postOffice('old mail', reach)
      const alices = await signIn(relay, alice)
      await alices.connection.submit(toBob(1, 'old'))
      const dayMs = 24 * 3600 * 1000
      expect(mailLifetimeMs).toBe(30 * dayMs)
      for (let passedMs = 0; passedMs < mailLifetimeMs; passedMs += dayMs) {
        expect(await local.expire()).toBe(0)
        clock.now += dayMs
      }
      expect(await local.expire()).toBe(0)
      await alices.connection.submit(toBob(2, 'new'))
      clock.now += 1
      expect(await local.expire()).toBe(1)
      const bobs = await signIn(relay, bob)
      await bobs.settled()
      expect(bobs.mail.map(({ sequence }) => sequence)).toEqual([2])
    })

    it('checks recipient, counter, form, policy, stanzas and room in this order, and then takes the same counter', async () => {
      const { relay, alice, bob, toBob, store, rowOf, random } = await postOffice('order of checks', reach)
      const alices = await signIn(relay, alice)
      const chunks = Array.from({ length: 32 }, () => new Uint8Array(mailboxMaximumBytes / 64))
      for (const from of await strangers(store, random)) await post(store, from, addressOf(bob), chunks)
      const [letter, garbage] = [toBob(1, 'hello'), utf8('no envelope')]
      const alteredTo = (to: Partial<Envelope>) => ({ ...letter, envelope: altered(letter.envelope, to) })
      const stanza = { modeId: messageKeyEscrow.id, payload: new Uint8Array(1200) }
      const forked = { epoch: 1, digest: new Uint8Array(32) as Digest }
      const nobody = { user: 'bob', device: seededRandom('nobody')(32) as DeviceId }
      const say = (submission: typeof letter) => answerTo(alices.connection.submit(submission))
      expect(await say({ to: nobody, counter: 7, envelope: garbage })).toBe('unknown-device')
      expect(await say({ to: { ...nobody, user: 'carol' }, counter: 7, envelope: garbage })).toBe('unknown-device')
      expect(await say({ ...letter, counter: 7, envelope: garbage })).toBe('out-of-order')
      expect(await say({ ...letter, envelope: garbage })).toBe('bad-envelope')
      expect(await say({ ...letter, envelope: concat(letter.envelope, utf8('.')) })).toBe('bad-envelope')
      expect(await say(alteredTo({ policy: forked, stanzas: [stanza] }))).toBe('policy-unknown')
      expect(await say(alteredTo({ stanzas: [stanza] }))).toBe('stanza-missing')
      expect(await say(letter)).toBe('mailbox-full')
      await acknowledge(store, await rowOf(bob), 1)
      expect(await say(letter)).toBe('done')
      expect(await sizesIn(store, await rowOf(bob))).toHaveLength(64)
    })
  })

  describe(`${name}: commits`, () => {
    it('answers and delivers after the commit, never before', async () => {
      const happened: string[] = []
      const { relay, alice, bob, toBob } = await postOffice('commit', reach, {
        around: (store) => ({
          ...store,
          async commit(batch) {
            const outcomes = await store.commit(batch)
            happened.push('committed')
            return outcomes
          },
        }),
      })
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      happened.length = 0
      await Promise.all([
        alices.connection.submit(toBob(1, 'hello')).then(() => happened.push('answered')),
        bobs.delivered(1).then(() => happened.push('delivered')),
      ])
      expect(happened[0]).toBe('committed')
      expect(happened.slice(1).sort()).toEqual(['answered', 'delivered'])
    })

    it('answers no and delivers nothing when the commit fails, and then goes on', async () => {
      const disk = faultyDisk()
      const { relay, alice, bob, toBob } = await postOffice('disk full', reach, { around: disk.around })
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      const letter = toBob(1, 'hello')
      disk.full = true
      await expect(alices.connection.submit(letter)).rejects.toThrow(/disk is full|relay failed/)
      disk.full = false
      await bobs.settled()
      expect(bobs.mail).toEqual([])
      expect(await alices.connection.sent()).toEqual([])
      await alices.connection.submit(letter)
      expect(readBy(bob, await bobs.delivered(1))).toEqual(['hello'])
      expect(at(bobs.mail, 0).sequence).toBe(1)
    })

    it('accepts the rest of a commit when one in it is refused', async () => {
      const { relay, alice, bob, toBob } = await postOffice('one of many', reach)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      const letters = [toBob(1, 'one'), { ...toBob(2, 'never'), envelope: utf8('garbage') }, toBob(2, 'two')]
      const answers = await Promise.all(letters.map((letter) => answerTo(alices.connection.submit(letter))))
      expect(answers).toEqual(['done', 'bad-envelope', 'done'])
      expect(readBy(bob, await bobs.delivered(2))).toEqual(['one', 'two'])
    })

    it('puts what comes together into few commits', async () => {
      const disk = faultyDisk()
      const { relay, alice, toBob } = await postOffice('group commit', reach, { around: disk.around })
      const { connection } = await signIn(relay, alice)
      const letters = Array.from({ length: 200 }, (_, i) => toBob(i + 1, `${i}`))
      disk.commits = 0
      await Promise.all(letters.map((letter) => connection.submit(letter)))
      expect(disk.commits).toBeGreaterThan(0)
      expect(disk.commits).toBeLessThan(50)
    })
  })
}
