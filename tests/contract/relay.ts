import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { concat, utf8 } from '../../crypto/bytes.ts'
import { type Envelope, envelopeDigest } from '../../crypto/envelope.ts'
import { createAccount } from '../../crypto/identity.ts'
import type { DeviceId, Digest } from '../../crypto/keys.ts'
import { createPrekey, encodePrekey, openBundle, type PrekeyKind } from '../../crypto/prekeys.ts'
import { followPolicy } from '../../crypto/policy.ts'
import { mailboxMaximumBytes, mailboxMaximumMessages, mailLifetimeMs } from '../../server/mailbox.ts'
import { at } from '../support/at.ts'
import { inTheFuture, person } from '../support/couple.ts'
import { altered, turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import {
  addressOf,
  answerTo,
  faultyDisk,
  operatorToken,
  postOffice,
  publish,
  type Reach,
  readBy,
  signIn,
  startTime,
} from '../support/relay.ts'

const unknownDevice = seededRandom('nobody')(32) as DeviceId
const escrow = messageKeyEscrow.setup(seededRandom('custodian'))
const escrowStanza = { modeId: messageKeyEscrow.id, payload: new Uint8Array(1200) }
const graceMs = 10_000

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
    const prekeysOf = ({ device }: ReturnType<typeof person>, kinds: readonly PrekeyKind[], expiry = inTheFuture) =>
      kinds.map((kind, i) => encodePrekey(createPrekey(kind, i + 1, expiry, device, seededRandom(`${kind} ${i}`))))

    it('gives each one-time key to one asker, then falls back to the last resort', async () => {
      const { relay, alice, bob } = await postOffice('bundles', reach)
      const one = await signIn(relay, alice)
      const other = await signIn(relay, alice)
      const { connection } = await signIn(relay, bob)
      const kinds = ['signed', 'one-time', 'one-time', 'one-time', 'KEM one-time', 'KEM one-time'] as const
      await connection.publishPrekeys(prekeysOf(bob, [...kinds, 'KEM last-resort']), true)
      const asking = Array.from({ length: 4 }, (_, i) => (i % 2 ? one : other).connection.bundle(addressOf(bob)))
      const bundles = (await Promise.all(asking)).map((bytes) => openBundle(bytes, bob.device.record, 1))
      expect(bundles.map(({ oneTime }) => oneTime?.id ?? null).sort()).toEqual([2, 3, 4, null])
      expect(bundles.map(({ kem }) => `${kem.kind} ${kem.id}`).sort()).toEqual([
        ...['KEM last-resort 7', 'KEM last-resort 7', 'KEM one-time 5', 'KEM one-time 6'],
      ])
      expect(await connection.countPrekeys()).toEqual({ oneTime: 0, kemOneTime: 0 })
    })

    it('says so when there are none to open with, and uses none up', async () => {
      const { relay, alice, bob } = await postOffice('no bundle', reach)
      const { connection } = await signIn(relay, alice)
      const bobs = await signIn(relay, bob)
      expect(await answerTo(connection.bundle(addressOf(bob)))).toBe('no-prekeys')
      expect(await answerTo(connection.bundle({ user: 'bob', device: unknownDevice }))).toBe('unknown-device')
      await bobs.connection.publishPrekeys(prekeysOf(bob, ['one-time', 'KEM one-time']), false)
      expect(await answerTo(connection.bundle(addressOf(bob)))).toBe('no-prekeys')
      expect(await bobs.connection.countPrekeys()).toEqual({ oneTime: 1, kemOneTime: 1 })
    })

    it('gives away and counts none that has expired', async () => {
      const { relay, alice, bob, clock } = await postOffice('expired', reach)
      const { connection } = await signIn(relay, bob)
      await publish(connection, bob)
      await connection.publishPrekeys(prekeysOf(bob, ['one-time', 'KEM one-time'], startTime / 1000 + 60), true)
      await connection.publishPrekeys([bob.prekeys.signed, bob.prekeys.lastResort].map(encodePrekey), false)
      expect(await connection.countPrekeys()).toEqual({ oneTime: 1, kemOneTime: 0 })
      clock.now += 60_000
      expect(await connection.countPrekeys()).toEqual({ oneTime: 0, kemOneTime: 0 })
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
      expect(await connection.countPrekeys()).toEqual({ oneTime: 1, kemOneTime: 1 })
    })
  })

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
      expect(await first.over).toBeNull()

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
      const mail = await Promise.all(bobs.map(({ delivered }) => delivered(1)))
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
      const { relay, alice, bob, toBob, store, rowOf } = await postOffice('messages', reach)
      const alices = await signIn(relay, alice)
      store.transaction(() => {
        for (let i = 1; i < mailboxMaximumMessages; i++)
          store.appendMail(rowOf(bob), rowOf(alice), startTime, utf8('junk'))
      })
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
      const { relay, alice, bob, toBob, store, rowOf } = await postOffice('bytes', reach)
      const alices = await signIn(relay, alice)
      const [large, small] = [toBob(1, 'x'.repeat(200)), toBob(1, 'exactly what fits')]
      const chunk = new Uint8Array(1024 * 1024)
      const spare = chunk.length - small.envelope.length
      for (const size of [...Array.from({ length: 63 }, () => chunk.length), spare])
        store.appendMail(rowOf(bob), rowOf(alice), startTime, chunk.subarray(0, size))
      expect(mailboxMaximumBytes).toBe(64 * 1024 * 1024)
      expect(await answerTo(alices.connection.submit(large))).toBe('mailbox-full')
      expect(await answerTo(alices.connection.submit(small))).toBe('done')
      expect(store.mailboxSize(rowOf(bob)).bytes).toBe(mailboxMaximumBytes)
    })

    it('forgets mail after 30 days', async () => {
      const { relay, alice, bob, toBob, local, clock } = await postOffice('old mail', reach)
      const alices = await signIn(relay, alice)
      await alices.connection.submit(toBob(1, 'old'))
      clock.now += mailLifetimeMs
      expect([mailLifetimeMs, local.expire()]).toEqual([30 * 24 * 3600 * 1000, 0])
      await alices.connection.submit(toBob(2, 'new'))
      clock.now += 1
      expect(local.expire()).toBe(1)
      const bobs = await signIn(relay, bob)
      await bobs.settled()
      expect(bobs.mail.map(({ sequence }) => sequence)).toEqual([2])
    })

    it('checks recipient, counter, form, policy, stanzas and room in this order, and then takes the same counter', async () => {
      const { relay, alice, bob, toBob, store, rowOf } = await postOffice('order of checks', reach)
      const alices = await signIn(relay, alice)
      for (let i = 0; i < 64; i++)
        store.appendMail(rowOf(bob), rowOf(alice), startTime, new Uint8Array(mailboxMaximumBytes / 64))
      const [letter, garbage] = [toBob(1, 'hello'), utf8('no envelope')]
      const alteredTo = (to: Partial<Envelope>) => ({ ...letter, envelope: altered(letter.envelope, to) })
      const forked = { epoch: 1, digest: new Uint8Array(32) as Digest }
      const nobody = { user: 'bob', device: unknownDevice }
      const say = (submission: typeof letter) => answerTo(alices.connection.submit(submission))
      expect(await say({ to: nobody, counter: 7, envelope: garbage })).toBe('unknown-device')
      expect(await say({ to: { ...nobody, user: 'carol' }, counter: 7, envelope: garbage })).toBe('unknown-device')
      expect(await say({ ...letter, counter: 7, envelope: garbage })).toBe('out-of-order')
      expect(await say({ ...letter, envelope: garbage })).toBe('bad-envelope')
      expect(await say({ ...letter, envelope: concat(letter.envelope, utf8('.')) })).toBe('bad-envelope')
      expect(await say(alteredTo({ policy: forked, stanzas: [escrowStanza] }))).toBe('policy-unknown')
      expect(await say(alteredTo({ stanzas: [escrowStanza] }))).toBe('stanza-missing')
      expect(await say(letter)).toBe('mailbox-full')
      store.acknowledgeMail(rowOf(bob), 1)
      expect(await say(letter)).toBe('done')
      expect(store.mailboxSize(rowOf(bob)).messages).toBe(64)
    })
  })

  describe(`${name}: policy`, () => {
    const switchOn = (relay: Parameters<typeof signIn>[0]) =>
      relay.switchAccess(operatorToken, messageKeyEscrow.id, escrow.parameters)
    const switchOff = (relay: Parameters<typeof signIn>[0]) =>
      relay.switchAccess(operatorToken, 'none', new Uint8Array())

    it('begins with the mode none, and says since when', async () => {
      const { relay, chain } = await postOffice('begin', reach)
      expect(await relay.access()).toEqual({ epoch: 1, mode: 'none', since: 1, archive: false })
      expect(await relay.policies(0)).toEqual([chain.head.bytes])
      expect(await relay.policies(1)).toEqual([])
    })

    it('lets the operator switch, and nobody else', async () => {
      const { relay, alice } = await postOffice('operator', reach)
      const alices = await signIn(relay, alice)
      for (const token of ['', 'guess', `${operatorToken} `, operatorToken.slice(1), operatorToken.toUpperCase()])
        expect(await answerTo(relay.switchAccess(token, 'none', new Uint8Array()))).toBe('not-the-operator')
      const wrong = [
        ['no-such-mode', ''],
        ['none', 'parameters'],
        [messageKeyEscrow.id, 'too short'],
        ['__proto__', ''],
      ]
      for (const [mode = '', parameters = ''] of wrong)
        expect(await answerTo(relay.switchAccess(operatorToken, mode, utf8(parameters)))).toBe('bad-request')
      await alices.settled()
      expect([alices.links, (await relay.access()).epoch]).toEqual([[], 1])
      expect(await switchOn(relay)).toEqual({ epoch: 2, mode: messageKeyEscrow.id, since: startTime, archive: false })
    })

    it('tells every connected device at once, before any envelope made under it', async () => {
      const { relay, alice, bob, toBob, head, chain } = await postOffice('told', reach)
      const [alices, bobs, again] = [await signIn(relay, alice), await signIn(relay, bob), await signIn(relay, bob)]
      await switchOn(relay)
      await switchOff(relay)
      await alices.connection.submit(toBob(1, 'under the new one', (await head()).reference))
      await Promise.all([bobs.delivered(1), again.delivered(1), alices.told(2)])
      for (const { links } of [alices, bobs, again]) expect(links).toEqual(await relay.policies(1))
      for (const { heard } of [bobs, again]) expect(heard).toEqual(['ready', 'policy', 'policy', 'mail'])
      expect(followPolicy(chain.head, at(bobs.links, 0), chain.pair.public).policy.modeId).toBe(messageKeyEscrow.id)
    })

    it('takes the epoch before for 10 seconds after a change, by its own mode', async () => {
      const { relay, alice, toBob, head, clock } = await postOffice('grace', reach)
      const { connection } = await signIn(relay, alice)
      await switchOn(relay)
      clock.now += graceMs
      expect(await answerTo(connection.submit(toBob(1, 'in time')))).toBe('done')
      clock.now += 1
      const late = toBob(2, 'late')
      expect(await answerTo(connection.submit(late))).toBe('policy-stale')
      const anew = toBob(2, 'again', (await head()).reference)
      const stamped = { ...anew, envelope: altered(anew.envelope, { stanzas: [escrowStanza] }) }
      expect(await answerTo(connection.submit(stamped))).toBe('done')
    })

    it('takes no epoch before that, however short the time', async () => {
      const { relay, alice, toBob, head } = await postOffice('two behind', reach)
      const { connection } = await signIn(relay, alice)
      await switchOn(relay)
      await switchOff(relay)
      expect(await answerTo(connection.submit(toBob(1, 'two behind')))).toBe('policy-stale')
      expect(await answerTo(connection.submit(toBob(1, 'in force', (await head()).reference)))).toBe('done')
    })

    it('takes no reference that is not in its chain', async () => {
      const { relay, alice, toBob, chain } = await postOffice('unknown policy', reach)
      const { connection } = await signIn(relay, alice)
      const { digest } = chain.head.reference
      for (const reference of [
        { epoch: 0, digest },
        { epoch: 2, digest },
        { epoch: 0xffff_ffff, digest },
        { epoch: 1, digest: turned(digest, 0) },
        { epoch: 1, digest: turned(digest, 255) },
      ])
        expect(await answerTo(connection.submit(toBob(1, 'elsewhere', reference)))).toBe('policy-unknown')
    })

    it('insists on the stanzas of the mode in force', async () => {
      const { relay, alice, toBob, head } = await postOffice('stanzas', reach)
      const { connection } = await signIn(relay, alice)
      await switchOn(relay)
      const letter = toBob(1, 'sealed to nobody', (await head()).reference)
      const short = { ...escrowStanza, payload: new Uint8Array(1199) }
      const long = { ...escrowStanza, payload: new Uint8Array(1201) }
      const foreign = { ...escrowStanza, modeId: 'none' }
      for (const stanzas of [[], [short], [long], [foreign], [escrowStanza, escrowStanza], [escrowStanza, foreign]]) {
        const envelope = altered(letter.envelope, { stanzas })
        expect(await answerTo(connection.submit({ ...letter, envelope }))).toBe('stanza-missing')
      }
      const envelope = altered(letter.envelope, { stanzas: [escrowStanza] })
      expect(await answerTo(connection.submit({ ...letter, envelope }))).toBe('done')
    })
  })

  describe(`${name}: commits`, () => {
    it('answers and delivers after the commit, never before', async () => {
      const happened: string[] = []
      const { relay, alice, bob, toBob } = await postOffice('commit', reach, {
        around: (store) => ({
          ...store,
          transaction(work) {
            const result = store.transaction(work)
            happened.push('committed')
            return result
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

  describe(`${name}: the end of a connection`, () => {
    it('comes once, and nothing is asked or told after it', async () => {
      const { relay, alice, bob, toBob } = await postOffice('closed', reach)
      const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
      bobs.connection.close()
      bobs.connection.close()
      expect(await bobs.over).toBeNull()
      expect(await answerTo(bobs.connection.countPrekeys())).toBe('unreachable')
      expect(await answerTo(bobs.connection.submit(toBob(1, 'too late')))).toBe('unreachable')
      await alices.connection.submit(toBob(1, 'missed'))
      await switchOffAgain(relay)
      await alices.settled()
      expect(bobs.heard).toEqual(['ready', 'closed'])
    })
  })
}

const switchOffAgain = (relay: Parameters<typeof signIn>[0]) =>
  relay.switchAccess(operatorToken, 'none', new Uint8Array())
