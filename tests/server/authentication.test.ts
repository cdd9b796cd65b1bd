import { afterEach, describe, expect, it, vi } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { answerChallenge, type ChallengeAnswer, type DeviceSecrets } from '../../crypto/identity.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { encodeSubmission } from '../../server/api.ts'
import { accountOf } from '../support/relay-account.ts'
import { createEar } from '../support/relay-ear.ts'
import { turned } from '../support/opening.ts'
import {
  addressOf,
  answerTo,
  inProcess,
  listening,
  operatorToken,
  type PostOffice,
  postOffice,
} from '../support/relay.ts'
import { authenticate, rawSocket } from '../support/relay-socket.ts'

/** What the relay says to an answer; a listener that is told anything of a refused connection fails the test. */
async function admitted({ local }: PostOffice, challenge: Uint8Array, answer: ChallengeAnswer) {
  const { listener, heard } = createEar()
  const said = await answerTo((async () => local.admit(challenge, answer, listener))())
  expect(heard).toEqual(said === 'done' ? ['ready'] : [])
  return said
}

const answering = ({ chain }: PostOffice, device: DeviceSecrets, challenge: Uint8Array) =>
  answerChallenge(device, chain.pair.public, challenge)

describe('an answer to the challenge', () => {
  it('lets the device in that signed it', async () => {
    const office = await postOffice('sign in')
    const challenge = office.local.challenge()
    expect(await admitted(office, challenge, answering(office, office.alice.device, challenge))).toBe('done')
  })

  it('is refused when it was signed for another relay’s policy key', async () => {
    const office = await postOffice('wrong server')
    const other = generatePolicyPair(office.random)
    const challenge = office.local.challenge()
    const answer = answerChallenge(office.alice.device, other.public, challenge)
    expect(await admitted(office, challenge, answer)).toBe('not-authenticated')
  })

  it('is refused when it is in the name of somebody else', async () => {
    const office = await postOffice('impostor')
    const { user, device } = addressOf(office.alice)
    const { record } = office.bob.device
    const asAlice = { ...office.bob.device, record: { ...record, user, id: device } }
    for (const impostor of [office.bob.device, asAlice]) {
      const challenge = office.local.challenge()
      const claim = { ...answering(office, impostor, challenge), user, id: device }
      expect(await admitted(office, challenge, claim)).toBe('not-authenticated')
    }
  })

  it('is refused when it is of another device of the same account', async () => {
    const office = await postOffice('other device')
    const carol = accountOf('carol', 2, office.random)
    await office.relay.register(carol.signedList)
    const [phone, laptop] = [carol.device(0).device, carol.device(1).device]
    const [first, second] = [office.local.challenge(), office.local.challenge()]
    const claim = { ...answering(office, phone, first), id: laptop.record.id }
    expect(await admitted(office, first, claim)).toBe('not-authenticated')
    expect(await admitted(office, second, answering(office, laptop, second))).toBe('done')
  })

  it('is refused for a person or a device that nobody has registered', async () => {
    const office = await postOffice('nobody')
    const { device } = accountOf('carol', 1, office.random).device(0)
    const asAlice = { ...device, record: { ...device.record, user: 'alice' } }
    for (const stranger of [device, asAlice]) {
      const challenge = office.local.challenge()
      expect(await admitted(office, challenge, answering(office, stranger, challenge))).toBe('unknown-device')
    }
  })

  it('is refused with any bit of the signature turned, or with another signature', async () => {
    const office = await postOffice('garbage')
    const { device } = office.alice
    for (const bit of [0, 7, 255, 256, 503, 511]) {
      const challenge = office.local.challenge()
      const answer = answering(office, device, challenge)
      const faulty = { ...answer, signature: turned(answer.signature, bit) }
      expect(await admitted(office, challenge, faulty)).toBe('not-authenticated')
    }
    for (const signature of [new Uint8Array(64), new Uint8Array(64).fill(255), new Uint8Array(), office.random(64)]) {
      const challenge = office.local.challenge()
      const faulty = { ...answering(office, device, challenge), signature }
      expect(await admitted(office, challenge, faulty)).toBe('not-authenticated')
    }
  })
})

describe('a challenge', () => {
  it('is good once, also when the answer was wrong', async () => {
    const office = await postOffice('once')
    const { device } = office.alice
    const [used, wasted] = [office.local.challenge(), office.local.challenge()]
    expect(await admitted(office, used, answering(office, device, used))).toBe('done')
    expect(await admitted(office, used, answering(office, device, used))).toBe('challenge-spent')
    const wrong = { ...answering(office, device, wasted), signature: new Uint8Array(64) }
    expect(await admitted(office, wasted, wrong)).toBe('not-authenticated')
    expect(await admitted(office, wasted, answering(office, device, wasted))).toBe('challenge-spent')
  })

  it('is good for 60 seconds', async () => {
    const office = await postOffice('minute')
    const { device } = office.alice
    const [inTime, late] = [office.local.challenge(), office.local.challenge()]
    office.clock.now += 60_000
    expect(await admitted(office, inTime, answering(office, device, inTime))).toBe('done')
    office.clock.now += 1
    expect(await admitted(office, late, answering(office, device, late))).toBe('challenge-spent')
  })

  it('is good only if this relay gave it', async () => {
    const [office, other] = [await postOffice('here'), await postOffice('there')]
    for (const challenge of [office.random(32), new Uint8Array(32), new Uint8Array(), other.local.challenge()])
      expect(await admitted(office, challenge, answering(office, office.alice.device, challenge))).toBe(
        'challenge-spent',
      )
  })

  it('is another each time, whoever asks', async () => {
    const { local } = await postOffice('fresh')
    const challenges = Array.from({ length: 1000 }, () => base64url(local.challenge()))
    expect(new Set(challenges).size).toBe(1000)
  })
})

describe('a socket before authentication', () => {
  afterEach(() => vi.useRealTimers())

  const requests = [
    { type: 'count-prekeys', ref: 1 },
    { type: 'sent', ref: 1, skip: 0 },
    { type: 'devices', ref: 1, user: 'alice' },
    { type: 'bundle', ref: 1, user: 'alice', device: base64url(new Uint8Array(32)) },
    { type: 'publish-prekeys', ref: 1, replace: true, prekeys: [] },
    { type: 'acknowledge', sequence: 1 },
  ]

  it('takes nothing but authenticate', async () => {
    const { local, toBob } = await postOffice('nothing else')
    const url = await listening(local)
    for (const frame of [...requests, encodeSubmission(1, toBob(1, 'hello'))]) {
      const { said, code } = await (await rawSocket(url)).lastWords(frame)
      expect([said, code]).toMatchObject([{ type: 'refused', ref: null, code: 'not-authenticated' }, 1008])
    }
  })

  it('is told that it is too old before it can hand in anything, where it names no suite', async () => {
    const { local, alice, chain } = await postOffice('of before')
    const socket = await rawSocket(await listening(local))
    const { suite: _, ...before } = authenticate(answerChallenge(alice.device, chain.pair.public, socket.challenge))
    const { said, code } = await socket.lastWords(before)
    expect([said, code]).toMatchObject([{ type: 'refused', ref: null, code: 'bad-request' }, 1008])
    expect(said).toMatchObject({ message: 'this relay asks for a later version of doormat' })
  })

  it('is told nothing', async () => {
    const { local, relay } = await postOffice('told nothing')
    const url = await listening(local)
    const [quiet, loud] = [await rawSocket(url), await rawSocket(url)]
    await relay.switchAccess(operatorToken, 'none', new Uint8Array())
    for (const socket of [quiet, loud]) await socket.lastWords('enough')
    expect([quiet.frames.length, loud.frames.length, quiet.mail.length]).toEqual([1, 1, 0])
  })

  it('answers its own challenge, not that of another socket', async () => {
    const { local, alice } = await postOffice('two sockets')
    const url = await listening(local)
    const [one, other] = [await rawSocket(url), await rawSocket(url)]
    const stolen = authenticate(answerChallenge(alice.device, one.policyKey, one.challenge))
    expect((await other.lastWords(stolen)).said).toMatchObject({ code: 'not-authenticated' })
    await one.signIn(alice.device)
  })

  it('gets one answer only, and no second chance after a frame that ended it', async () => {
    const { local, alice } = await postOffice('one chance')
    const socket = await rawSocket(await listening(local))
    const right = answerChallenge(alice.device, socket.policyKey, socket.challenge)
    socket.send(authenticate({ ...right, signature: new Uint8Array(64) }))
    const { said, code } = await socket.lastWords(authenticate(right))
    expect([socket.frames.length, said?.['code'], code]).toEqual([1, 'not-authenticated', 1008])
  })

  it('does not authenticate twice', async () => {
    const { local, alice } = await postOffice('twice')
    const socket = await rawSocket(await listening(local))
    const answer = authenticate(answerChallenge(alice.device, socket.policyKey, socket.challenge))
    await socket.signIn(alice.device)
    expect(await socket.lastWords(answer)).toMatchObject({ said: { ref: null, code: 'bad-request' }, code: 1008 })
  })

  it('is closed when it says nothing for 10 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { local, alice } = await postOffice('silent', inProcess)
    const url = await listening(local)
    const [silent, busy] = [await rawSocket(url), await rawSocket(url)]
    await busy.signIn(alice.device)
    vi.advanceTimersByTime(9_999)
    expect((await busy.ask({ type: 'count-prekeys', ref: 1 }))['type']).toBe('prekey-counts')
    expect(silent.frames).toEqual([])
    vi.advanceTimersByTime(1)
    expect([await silent.closed, silent.frames.at(-1)]).toMatchObject([1008, { ref: null, code: 'not-authenticated' }])
    expect((await busy.ask({ type: 'count-prekeys', ref: 2 }))['type']).toBe('prekey-counts')
  })
})
