import { describe, expect, it } from 'vitest'
import { ghostDevice } from '../../crypto/access/ghost-device.ts'
import { keySubstitution } from '../../crypto/access/key-substitution.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { utf8 } from '../../crypto/bytes.ts'
import { createAccount, openDeviceList } from '../../crypto/identity.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { followPolicy, signPolicy } from '../../crypto/policy.ts'
import type { Relay } from '../../server/api.ts'
import { at } from '../support/at.ts'
import { altered, turned } from '../support/opening.ts'
import { seededRandom } from '../support/random.ts'
import { answerTo, operatorToken, postOffice, type Reach, signIn, startTime } from '../support/relay.ts'

const escrow = messageKeyEscrow.setup(seededRandom('custodian'))
const stanza = { modeId: messageKeyEscrow.id, payload: new Uint8Array(1200) }
const graceMs = 10_000

const switchOn = (relay: Relay) => relay.switchAccess(operatorToken, messageKeyEscrow.id, escrow.parameters)
const switchOff = (relay: Relay) => relay.switchAccess(operatorToken, 'none', new Uint8Array())

/** What every relay owes the operator, and everybody else, of the access policy. */
export function policySuite(name: string, reach: Reach): void {
  describe(`${name}: policy`, () => {
    it('begins with the mode none, and says since when', async () => {
      const { relay, chain } = await postOffice('begin', reach)
      expect(await relay.access()).toEqual({ epoch: 1, mode: 'none', since: 1, archive: false })
      expect(await relay.policies(0)).toEqual([chain.head.bytes])
      expect(await relay.policies(1)).toEqual([])
    })

    it('lets the operator switch, and nobody else', async () => {
      const { relay, alice } = await postOffice('operator', reach)
      const alices = await signIn(relay, alice)
      for (const token of ['', 'guess', operatorToken.slice(1), operatorToken.toUpperCase()])
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

    it('takes back from anybody what its own key has signed to come next, and nothing else', async () => {
      const { relay, alice, chain, random } = await postOffice('lost links', reach)
      const alices = await signIn(relay, alice)
      const { secret } = chain.pair
      const two = signPolicy(messageKeyEscrow.id, escrow.parameters, 2, chain.head, secret)
      const three = signPolicy('none', new Uint8Array(), 3, two, secret)
      const refused = [
        three,
        signPolicy('none', new Uint8Array(), 2, null, secret),
        signPolicy('none', new Uint8Array(), 2, chain.head, generatePolicyPair(random).secret),
        signPolicy('of-another-program', new Uint8Array(), 2, chain.head, secret),
      ]
      for (const { bytes } of refused) expect(await answerTo(relay.returnPolicy(bytes))).toBe('out-of-order')
      for (const { bytes } of [chain.head, two, two, three])
        expect(await answerTo(relay.returnPolicy(bytes))).toBe('done')
      await alices.settled()
      expect(alices.links).toEqual([two.bytes, three.bytes])
      expect(await relay.access()).toMatchObject({ epoch: 3, mode: 'none', since: 3 })
      expect(await relay.policies(0)).toEqual([chain.head, two, three].map(({ bytes }) => bytes))
    })

    it('takes an instrument for the mode in force from the operator, answers by it, and ends with a switch', async () => {
      const { relay, alice, bob } = await postOffice('tap', reach)
      const { connection } = await signIn(relay, alice)
      const held = [seededRandom('impostors')(32)]
      const instrument = keySubstitution.tapping?.instrument(held, []) ?? new Uint8Array()
      const install = (token: string, mode: string, bytes: Uint8Array) => answerTo(relay.installTap(token, mode, bytes))
      const before = await connection.devices('bob')
      expect(await install(operatorToken, keySubstitution.id, instrument)).toBe('bad-request')
      expect(await install(operatorToken, 'none', instrument)).toBe('bad-request')
      await relay.switchAccess(operatorToken, keySubstitution.id, new Uint8Array())
      expect(await install('guess', keySubstitution.id, instrument)).toBe('not-the-operator')
      expect(await install(operatorToken, ghostDevice.id, instrument)).toBe('bad-request')
      for (const bytes of [new Uint8Array(), instrument.subarray(1), instrument.subarray(0, -1)])
        expect(await install(operatorToken, keySubstitution.id, bytes)).toBe('bad-request')
      expect(await connection.devices('bob')).toEqual(before)
      await relay.installTap(operatorToken, keySubstitution.id, instrument)
      expect(await connection.devices('bob')).not.toEqual(before)
      expect(openDeviceList(await connection.devices('bob')).user).toBe(bob.device.record.user)
      await switchOff(relay)
      expect(await connection.devices('bob')).toEqual(before)
    })

    it('takes an instrument with the prekeys of ten ghosts, once there is an account for each', async () => {
      const { relay } = await postOffice('ten ghosts', reach)
      const names = Array.from({ length: 10 }, (_, i) => `target${i}`)
      const instrument = ghostDevice.tapping?.instrument([seededRandom('ghosts')(32)], names) ?? new Uint8Array()
      await relay.switchAccess(operatorToken, ghostDevice.id, new Uint8Array())
      const install = () => answerTo(relay.installTap(operatorToken, ghostDevice.id, instrument))
      for (const name of names.slice(1)) await relay.register(createAccount(name, seededRandom(name)).signedList)
      expect(await install()).toBe('unknown-user')
      await relay.register(createAccount('target0', seededRandom('target0')).signedList)
      expect(await install()).toBe('done')
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
      const stamped = { ...anew, envelope: altered(anew.envelope, { stanzas: [stanza] }) }
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
      const short = { ...stanza, payload: new Uint8Array(1199) }
      const long = { ...stanza, payload: new Uint8Array(1201) }
      const foreign = { ...stanza, modeId: 'none' }
      for (const stanzas of [[], [short], [long], [foreign], [stanza, stanza], [stanza, foreign]]) {
        const envelope = altered(letter.envelope, { stanzas })
        expect(await answerTo(connection.submit({ ...letter, envelope }))).toBe('stanza-missing')
      }
      const envelope = altered(letter.envelope, { stanzas: [stanza] })
      expect(await answerTo(connection.submit({ ...letter, envelope }))).toBe('done')
    })
  })
}
