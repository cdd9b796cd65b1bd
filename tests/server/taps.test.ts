import { describe, expect, it } from 'vitest'
import { ghostDevice } from '../../crypto/access/ghost-device.ts'
import { keySubstitution, middle } from '../../crypto/access/key-substitution.ts'
import type { Tap, TapLine } from '../../crypto/access/tap.ts'
import { openDeviceList } from '../../crypto/identity.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { openRelay } from '../../server/relay.ts'
import type { Store } from '../../server/store/store.ts'
import { at } from '../support/at.ts'
import { noSeams, text } from '../support/couple.ts'
import { seededRandom } from '../support/random.ts'
import {
  answerTo,
  faultyDisk,
  inProcess,
  operatorToken,
  type PostOffice,
  postOffice,
  publish,
  readBy,
  signIn,
} from '../support/relay.ts'
import { untilTrue } from '../support/slow-store.ts'

/* A relay whose store answers later than it is asked: what a tap has begun, and whatever comes in between. */

const nothing = new Uint8Array()
const seed = seededRandom('impostors')(32)
const inNextTurn = () => new Promise(setImmediate)
const liar = (line: TapLine) => middle(seed, [], false, line)

/** A tap that tells what it takes, and waits for what it is told to before it does. */
const listening =
  (taken: string[], name = 'taken', before: Promise<void> = Promise.resolve()) =>
  (line: TapLine): Tap => ({
    ...liar(line),
    async take(from) {
      await before
      taken.push(`${name} from ${from.user}`)
    },
  })

function released() {
  let release = () => {}
  const held = new Promise<void>((done) => (release = done))
  return { held, release }
}

/** Alice asks for Bob, and is given an impostor. */
async function misled({ relay, alice }: PostOffice) {
  const { connection } = await signIn(relay, alice)
  const impostor = at(openDeviceList(await connection.devices('bob')).devices, 0)
  return { connection, impostor, to: { user: 'bob', device: impostor.id } }
}

describe('a tap that is being installed', () => {
  const cases = [
    ['an impostor of many', keySubstitution, Array.from({ length: 20 }, () => 'bob')],
    ['a ghost beside one', ghostDevice, ['bob']],
    ['ghosts beside two', ghostDevice, ['alice', 'bob']],
  ] as const

  it.each(cases)('is not in place after a switch that came meanwhile: %s', async (_which, mode, targets) => {
    for (const order of ['the tap first', 'the switch first']) {
      const { relay, local, alice } = await postOffice(`switched meanwhile, ${order}`)
      const { connection } = await signIn(relay, alice)
      const genuine = await connection.devices('bob')
      await relay.switchAccess(operatorToken, mode.id, nothing)
      const instrument = mode.tapping?.instrument([seed], targets) ?? nothing
      const install = () => answerTo(local.installTap(operatorToken, mode.id, instrument))
      const switchOff = () => answerTo(local.switchAccess(operatorToken, 'none', nothing))
      const answers = order === 'the tap first' ? [install(), switchOff()] : [switchOff(), install()].toReversed()
      expect(await Promise.all(answers)).toEqual(['bad-request', 'done'])
      expect((await relay.access()).mode).toBe('none')
      expect(await connection.devices('bob')).toEqual(genuine)
    }
  })

  it('is the last that was asked for', async () => {
    const office = await postOffice('two at once')
    const { relay, local } = office
    await relay.switchAccess(operatorToken, ghostDevice.id, nothing)
    const install = (name: string) =>
      answerTo(
        local.installTap(operatorToken, ghostDevice.id, ghostDevice.tapping?.instrument([seed], [name]) ?? nothing),
      )
    expect(await Promise.all([install('alice'), install('bob')])).toEqual(['bad-request', 'done'])
    const { connection } = await signIn(relay, office.alice)
    const [own, others] = [await connection.devices('alice'), await connection.devices('bob')]
    expect([own, others].map((list) => list.length > 400)).toEqual([false, true])
  })
})

describe('a tap that is removed', () => {
  it('gives no answer that it has begun before', async () => {
    const { relay, local, alice } = await postOffice('begun before')
    const { connection } = await signIn(relay, alice)
    const genuine = await connection.devices('bob')
    const { held, release } = released()
    await local.install((line) => {
      const tap = liar(line)
      return {
        ...tap,
        async answer(...asked) {
          await held
          return tap.answer(...asked)
        },
      }
    })
    const asked = connection.devices('bob')
    await inNextTurn()
    await relay.switchAccess(operatorToken, 'none', nothing)
    release()
    expect(await asked).toEqual(genuine)
  })

  it('leaves to the next what it has not taken, and only that', async () => {
    const office = await postOffice('replaced')
    const { local, alice } = office
    const taken: string[] = []
    const { held, release } = released()
    await local.install(listening(taken, 'the first', held))
    const { connection, to } = await misled(office)
    await connection.submit({ to, counter: 1, envelope: alice.send('one') })
    await inNextTurn()
    await local.install(listening(taken, 'the second'))
    await connection.devices('bob')
    release()
    await connection.submit({ to, counter: 2, envelope: alice.send('two') })
    await local.settle()
    expect(taken).toEqual(['the first from alice', 'the second from alice'])
  })
})

describe('the mail of a puppet', () => {
  it('is taken once, also where its mailbox could not be read once', async () => {
    const state = { failing: 0 }
    const around = (store: Store): Store => ({
      ...store,
      async mailAfter(...asked) {
        if (state.failing > 0) {
          state.failing -= 1
          throw new Error('the disk fails')
        }
        return store.mailAfter(...asked)
      },
    })
    const office = await postOffice('not read once', inProcess, { around })
    const taken: string[] = []
    await office.local.install(listening(taken))
    await signIn(office.relay, office.alice).then(async ({ connection }) => {
      // the mailboxes of both puppets
      state.failing = 2
      await connection.devices('bob')
      await inNextTurn()
    })
    const { connection, to } = await misled(office)
    await connection.submit({ to, counter: 1, envelope: office.alice.send('one') })
    await office.local.settle()
    expect([taken, state.failing]).toEqual([['taken from alice'], 0])
  })

  it('is passed on in order, also where another program holds the store when it comes', async () => {
    const state = { isHeld: false }
    const around = (store: Store): Store => ({
      ...store,
      async takeBundle(...asked) {
        if (state.isHeld) throw Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 })
        return store.takeBundle(...asked)
      },
    })
    const office = await postOffice('held when it comes', inProcess, { around })
    const { relay, local, alice, bob } = office
    const bobs = await signIn(relay, bob)
    await publish(bobs.connection, bob)
    await local.install(liar)
    const { connection, impostor, to } = await misled(office)
    const random = seededRandom('a session with an impostor')
    const { reference } = await office.head()
    const bundle = openBundle(await connection.bundle(to), impostor, 1)
    let session = openSession(alice.device, alice.signedList, impostor, bundle, reference, 1, random)
    const say = async (counter: number) => {
      const made = encrypt(session, alice.device.record, text(`${counter}`, random), reference, noSeams, random)
      session = made.next
      await connection.submit({ to, counter, envelope: made.envelope })
    }
    state.isHeld = true
    await say(1)
    await inNextTurn()
    await say(2)
    state.isHeld = false
    expect(readBy(bob, await bobs.delivered(2))).toEqual(['1', '2'])
  })

  it('is passed on in order, once and in the end, where the disk is full when it comes', async () => {
    const disk = faultyDisk()
    const kept = await postOffice('full when it comes', inProcess, { around: disk.around })
    const faults: unknown[] = []
    const local = await openRelay({ ...kept.parts, failed: (fault) => faults.push(fault) })
    const office = { ...kept, local, relay: local }
    const { alice, bob } = office
    const bobs = await signIn(local, bob)
    await publish(bobs.connection, bob)
    // what is passed on first finds the disk full
    let passedOn = 0
    await local.install((line) =>
      liar({
        ...line,
        async submit(...passed) {
          if (passedOn === 0) disk.full = true
          passedOn += 1
          await line.submit(...passed)
        },
      }),
    )
    const { connection, impostor, to } = await misled(office)
    const random = seededRandom('a session with an impostor')
    const { reference } = await office.head()
    const bundle = openBundle(await connection.bundle(to), impostor, 1)
    let session = openSession(alice.device, alice.signedList, impostor, bundle, reference, 1, random)
    const letter = (counter: number) => {
      const made = encrypt(session, alice.device.record, text(`${counter}`, random), reference, noSeams, random)
      session = made.next
      return { to, counter, envelope: made.envelope }
    }
    await connection.submit(letter(1))
    const before = disk.attempts
    await untilTrue(() => disk.full && disk.attempts > before)
    // a relay that stops now does not wait for the disk
    await local.settle()
    expect(faults).toEqual([new Error('the disk is full')])
    disk.full = false
    await connection.submit(letter(2))
    expect(readBy(bob, await bobs.delivered(2))).toEqual(['1', '2'])
    await bobs.settled()
    expect(bobs.mail).toHaveLength(2)
    const puppet = (await office.store.device(to))?.row ?? 0
    await untilTrue(async () => (await office.store.mailAfter(puppet, 0, 1)).length === 0)
  })

  it('is passed on before a relay that stops closes its store', async () => {
    const office = await postOffice('stopping')
    const taken: string[] = []
    const { held, release } = released()
    await office.local.install(listening(taken, 'taken', held))
    const { connection, to } = await misled(office)
    const submitted = connection.submit({ to, counter: 1, envelope: office.alice.send('one') })
    const settled = office.local.settle()
    await submitted
    release()
    await settled
    expect(taken).toEqual(['taken from alice'])
    const puppet = (await office.store.device(to))?.row ?? 0
    await untilTrue(async () => (await office.store.mailAfter(puppet, 0, 1)).length === 0)
  })
})
