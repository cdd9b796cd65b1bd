import { describe, expect, it } from 'vitest'
import { removeDevice } from '../../client/device/linking.ts'
import { transcriber } from '../../client/authority/transcript.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { equal } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { openDeviceList, proveDevice } from '../../crypto/identity.ts'
import { withDevice } from '../../crypto/linking.ts'
import { RelayError, type Submission } from '../../server/api.ts'
import { createWorld, type Person } from '../support/world.ts'
import { contentsOf } from '../support/world-forge.ts'
import { household, talkingHousehold, textsTo, trouble, untilWritten } from '../support/world-household.ts'

const minute = 60_000
const idsIn = ({ device }: Person) => device.self.list.devices.map(({ id }) => id)

/** The mailbox of one device takes nothing. */
const fullFor =
  (device: Person) =>
  ({ to }: Submission) =>
    equal(to.device, device.address.device) ? new RelayError('mailbox-full', 'full') : null

describe('two devices of one account', () => {
  it('both get what is written to it, and each shows once what the other has sent', async () => {
    const { laptop, phone, bob } = await talkingHousehold('fan out')
    expect(bob.texts('alice')).toEqual(['from the laptop', 'from the phone'])
    for (const device of [laptop, phone]) {
      expect(device.texts('bob')).toEqual(['hello Alice'])
      expect(textsTo(device, 'bob')).toEqual(['from the laptop', 'from the phone'])
      expect(device.texts('alice')).toEqual([])
      expect(trouble(device)).toEqual([])
    }
    expect(trouble(bob)).toEqual([])
    expect(laptop.written('bob').map(({ id, sentAt }) => [id, sentAt])).toEqual(
      phone.written('bob').map(({ id, sentAt }) => [id, sentAt]),
    )
    expect(bob.device.contacts.get('alice')?.list.devices).toHaveLength(2)
  })

  it('number what they send apart, each in order and without gaps', async () => {
    const { laptop, phone, bob } = await talkingHousehold('order')
    for (let i = 1; i <= 30; i++) {
      laptop.write('bob', `laptop ${i}`)
      phone.write('bob', `phone ${i}`)
      bob.write('alice', `bob ${i}`)
    }
    await Promise.all([
      ...[laptop, phone].map((device) => device.untilRead('bob', 'bob 30')),
      bob.untilRead('alice', 'laptop 30'),
      bob.untilRead('alice', 'phone 30'),
      untilWritten(phone, 'bob', 'laptop 30'),
      untilWritten(laptop, 'bob', 'phone 30'),
    ])
    for (const from of ['laptop', 'phone'])
      expect(bob.texts('alice').filter((text) => text.startsWith(`${from} `))).toEqual(
        Array.from({ length: 30 }, (_, i) => `${from} ${i + 1}`),
      )
    expect(new Set(textsTo(laptop, 'bob')).size).toBe(textsTo(laptop, 'bob').length)
    expect(textsTo(laptop, 'bob').toSorted()).toEqual(textsTo(phone, 'bob').toSorted())
    expect([laptop, phone, bob].flatMap(trouble)).toEqual([])
  })

  it('are told of a gap by the device that left it, and by no other', async () => {
    const { laptop, phone, bob } = await talkingHousehold('gaps')
    bob.wire.route = (delivery) => (equal(delivery.from.device, phone.address.device) ? [] : [delivery])
    phone.write('bob', 'lost on the way')
    await bob.until('for it to be lost', () => bob.wire.withheld === 1)
    bob.wire.route = (delivery) => [delivery]
    await laptop.tell(bob, 'nothing is missing of mine')
    expect(trouble(bob)).toEqual([])
    await phone.tell(bob, 'after the lost one')
    expect(bob.notices('gap')).toMatchObject([{ peer: 'alice', sequence: 1 }])
    await untilWritten(laptop, 'bob', 'after the lost one')
    expect(trouble(laptop)).toEqual([])
  })

  it('catch up with each other after one was away, and after both were started again', async () => {
    const { laptop, phone, bob } = await talkingHousehold('away')
    await phone.leave()
    for (const text of ['one', 'two', 'three']) await laptop.tell(bob, text)
    await bob.tell(laptop, 'uno')
    await phone.restart()
    await phone.goOnline()
    await untilWritten(phone, 'bob', 'three')
    await phone.untilRead('bob', 'uno')
    await laptop.restart()
    await laptop.goOnline()
    await phone.tell(bob, 'four')
    await untilWritten(laptop, 'bob', 'four')
    expect(textsTo(laptop, 'bob')).toEqual(textsTo(phone, 'bob'))
    expect([laptop, phone, bob].flatMap(trouble)).toEqual([])
  })

  it('show what one of them has sent under an id once, though it is written on both', async () => {
    const { laptop, phone, bob } = await talkingHousehold('one id')
    laptop.write('bob', 'the same', 'shared')
    await bob.untilRead('alice', 'the same')
    await untilWritten(phone, 'bob', 'the same')
    expect(phone.write('bob', 'another', 'shared').text).toBe('the same')
    await phone.tell(bob, 'on')
    expect(bob.texts('alice').slice(-2)).toEqual(['the same', 'on'])
  })

  it('have the lifetime of a conversation in common', async () => {
    const { laptop, phone, bob } = await talkingHousehold('a lifetime')
    laptop.device.contacts.setLifetime('bob', 60)
    await laptop.tell(bob, 'soon gone')
    await untilWritten(phone, 'bob', 'soon gone')
    expect(phone.device.contacts.get('bob')?.lifetimeSeconds).toBe(60)
    expect(phone.written('bob').at(-1)?.lifetimeSeconds).toBe(60)
    await phone.tell(bob, 'this too')
    expect(bob.received('alice').at(-1)?.lifetimeSeconds).toBe(60)
    expect(bob.notices('lifetime')).toHaveLength(1)
  })

  it('have accepted somebody once one of them has answered', async () => {
    const { laptop, phone, bob } = await household('accepted')
    await bob.tell(laptop, 'you do not know me')
    await phone.untilRead('bob', 'you do not know me')
    expect(phone.device.conversations.all()).toMatchObject([{ user: 'bob', standing: 'request' }])
    await laptop.tell(bob, 'now I do')
    await untilWritten(phone, 'bob', 'now I do')
    expect(phone.device.conversations.all()).toMatchObject([{ user: 'bob', standing: 'accepted' }])
  })
})

describe('marks, with two devices on either side', () => {
  /** Bob has read on one device what his other one, whose mailbox is full, still waits for. */
  async function readOnOne(seed: string) {
    const { world, laptop, phone, bob } = await talkingHousehold(seed, { receipts: true, graceMs: 0 })
    const tablet = await world.link(bob, 'tablet', { receipts: true })
    await tablet.goOnline()
    world.later(minute + 1)
    await laptop.tell(bob, 'for both of yours')
    await tablet.untilRead('alice', 'for both of yours')
    laptop.wire.refuses = fullFor(tablet)
    await laptop.tell(bob, 'read on one')
    await untilWritten(phone, 'bob', 'read on one')
    bob.look('alice')
    await Promise.all([laptop, phone].map((device) => device.untilLast('bob', 'read')))
    const emptied = () => {
      laptop.wire.refuses = () => null
      world.later(31_000)
    }
    return { world, laptop, phone, bob, tablet, emptied }
  }

  it('come to both from the device that has read it, and never go back when another one is slower', async () => {
    const { laptop, phone, bob, tablet, emptied } = await readOnOne('marks')
    emptied()
    await tablet.untilRead('alice', 'read on one')
    await bob.tell(laptop, 'a moment later')
    expect([laptop.states('bob').at(-1), phone.states('bob').at(-1)]).toEqual(['read', 'read'])
  })

  it('stay what they were when the policy changes before the slower device has it', async () => {
    const { world, laptop, bob, tablet, emptied } = await readOnOne('marks and policy')
    await world.switchOn()
    await laptop.untilNoticed('access', 2)
    emptied()
    await tablet.untilRead('alice', 'read on one')
    await bob.tell(laptop, 'a moment later')
    expect(laptop.states('bob').at(-1)).toBe('read')
  })

  it('stay what they were when the slower device is removed instead', async () => {
    const { world, laptop, bob, tablet, emptied } = await readOnOne('marks and removal')
    await removeDevice(bob.device, world.relay, tablet.address.device)
    emptied()
    await laptop.until('for nothing to wait', () => laptop.device.outbox.addresses().length === 0)
    await bob.tell(laptop, 'a moment later')
    expect(laptop.states('bob').at(-1)).toBe('read')
  })
})

describe('a policy switch with two devices', () => {
  it('counts from its epoch on for texts and copies, and the custodian reads each text once in a transcript', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('escrow', { graceMs: 0 })
    await world.switchOn()
    await Promise.all([laptop, phone, bob].map((one) => one.untilNoticed('access', 2)))
    const marks = [laptop, phone, bob].map(({ wire }) => wire.submitted.length)
    await laptop.tell(bob, 'laptop under escrow')
    await phone.tell(bob, 'phone under escrow')
    await bob.tell(laptop, 'bob under escrow')
    await Promise.all([
      phone.untilRead('bob', 'bob under escrow'),
      untilWritten(phone, 'bob', 'laptop under escrow'),
      untilWritten(laptop, 'bob', 'phone under escrow'),
    ])
    const since = [laptop, phone, bob].map((one, i) => contentsOf(one, world).slice(marks[i]))
    expect(
      since.map((contents) =>
        contents.map((content) => String(content?.kind)).toSorted((one, other) => one.localeCompare(other)),
      ),
    ).toEqual([
      ['copy', 'text'],
      ['copy', 'text'],
      ['text', 'text'],
    ])
    expect(
      contentsOf(laptop, world)
        .slice(0, marks[0])
        .filter((content) => content !== null),
    ).toEqual([])

    const readings = [laptop, phone, bob].flatMap(({ wire, address }) =>
      wire.submitted.flatMap(({ to, envelope: bytes }) => {
        const ends = { fromUser: address.user, fromDevice: address.device, toUser: to.user, toDevice: to.device }
        const read = messageKeyEscrow
          .reader([world.escrow.secret])
          .read({ time: 0, ...ends, bytes }, decodeEnvelope(bytes))
        return read ? [read] : []
      }),
    )
    const lines = readings.map(transcriber()).filter((line) => line !== null)
    expect(lines.map(({ text }) => text).toSorted()).toEqual([
      'bob under escrow',
      'laptop under escrow',
      'phone under escrow',
    ])
  })

  it('that nobody was told of has texts and copies encrypted again, each shown once', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('stale copies', { graceMs: 0 })
    laptop.wire.tellsPolicy = false
    await world.switchOn()
    await laptop.tell(bob, 'in time or not')
    await untilWritten(phone, 'bob', 'in time or not')
    await laptop.tell(bob, 'after')
    await untilWritten(phone, 'bob', 'after')
    expect(textsTo(phone, 'bob')).toEqual(['from the laptop', 'from the phone', 'in time or not', 'after'])
    expect([laptop, phone, bob].flatMap(trouble)).toEqual([])
  })
})

describe('a partner who stays connected', () => {
  it('writes to a new device within a minute', async () => {
    const world = await createWorld('a minute')
    const [laptop, bob] = await world.couple()
    await laptop.tell(bob, 'hello')
    await bob.tell(laptop, 'before there was a phone')
    const phone = await world.link(laptop, 'phone')
    await phone.goOnline()
    world.later(minute)
    await bob.tell(laptop, 'after a minute')
    await phone.untilRead('bob', 'after a minute')
    expect(phone.texts('bob')).toEqual(['after a minute'])
    expect(bob.wire.asked('connect')).toBe(1)
    expect(trouble(phone)).toEqual([])
  })

  it('writes to it at once when it has written', async () => {
    const world = await createWorld('at once')
    const [laptop, bob] = await world.couple()
    await laptop.tell(bob, 'hello')
    await bob.tell(laptop, 'hello')
    const phone = await world.link(laptop, 'phone')
    await phone.goOnline()
    await phone.tell(bob, 'from the phone')
    await bob.tell(laptop, 'to both')
    await phone.untilRead('bob', 'to both')
  })

  it('is not held up by a linked device that has no prekeys yet, nor is its owner', async () => {
    const world = await createWorld('no prekeys')
    const [laptop, bob] = await world.couple()
    const phone = await world.link(laptop, 'phone')
    await laptop.tell(bob, 'the phone has never been online')
    await bob.tell(laptop, 'I have heard')
    expect([laptop, bob].flatMap(trouble)).toEqual([])
    await phone.goOnline()
    await bob.tell(laptop, 'and now?')
    await phone.untilRead('bob', 'and now?')
    await laptop.tell(bob, 'now it has')
    await untilWritten(phone, 'bob', 'now it has')
    expect([laptop, phone, bob].flatMap(trouble)).toEqual([])
  })
})

describe('a linked device', () => {
  it('knows the contacts, and which of them have been compared, and nothing that was said', async () => {
    const world = await createWorld('handed over')
    const [laptop, bob] = await world.couple()
    const [carol, dave, eve] = [await world.join('carol'), await world.join('dave'), await world.join('eve')]
    await Promise.all([carol, dave, eve].map((one) => one.goOnline()))
    await laptop.tell(bob, 'a secret between us')
    await laptop.tell(carol, 'hello')
    await dave.tell(laptop, 'you do not know me')
    await laptop.tell(eve, 'hello')
    laptop.device.contacts.setBlocked('eve', true)
    laptop.device.contacts.verify('bob')
    const phone = await world.link(laptop, 'phone')
    const known = phone.device.contacts.all().map(({ user, verified, accepted }) => [user, verified, accepted])
    expect(known).toEqual([
      ['bob', true, true],
      ['carol', false, true],
    ])
    expect(phone.device.contacts.get('bob')?.list).toEqual(laptop.device.contacts.get('bob')?.list)
    expect(phone.entries()).toEqual([])
    await phone.goOnline()
    await phone.tell(bob, 'from the phone')
    expect(phone.device.contacts.get('bob')?.verified).toBe(true)
  })

  it('cannot add or remove devices', async () => {
    const { world, laptop, phone } = await household('not primary')
    const notPrimary = expect.objectContaining({ name: 'ClientError', code: 'not-primary' })
    await expect(world.link(phone, 'tablet')).rejects.toEqual(notPrimary)
    for (const id of idsIn(phone)) await expect(removeDevice(phone.device, world.relay, id)).rejects.toEqual(notPrimary)
    expect(() => phone.device.self.accountSecret()).toThrow(notPrimary)
    expect(idsIn(laptop)).toHaveLength(2)
  })

  it('is one of eight at most', async () => {
    const world = await createWorld('eight')
    const laptop = await world.join('alice')
    for (let i = 2; i <= 8; i++) await world.link(laptop, `device ${i}`)
    expect(idsIn(laptop)).toHaveLength(8)
    await expect(world.link(laptop, 'one too many')).rejects.toEqual(expect.objectContaining({ code: 'malformed' }))
    expect(idsIn(laptop)).toHaveLength(8)
    expect(openDeviceList(laptop.device.self.signedList).number).toBe(8)
  })
})

describe('a device that was removed', () => {
  it('reads nothing that comes later, and is told so', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('removed')
    await removeDevice(laptop.device, world.relay, phone.address.device)
    await phone.until('to be cut off', () => phone.online.fault !== null)
    expect(phone.online.fault).toMatchObject({ code: 'unknown-device' })
    world.later(minute)
    const before = bob.wire.submitted.length
    await bob.tell(laptop, 'for the laptop alone')
    await laptop.tell(bob, 'mine alone')
    const later = [...bob.wire.submitted.slice(before), ...laptop.wire.submitted]
    for (const { envelope } of bob.wire.submitted.slice(before)) phone.wire.inject(bob.address, envelope)
    await phone.restart()
    phone.tryToGoOnline()
    await phone.until('to be refused', () => phone.online.fault !== null)
    expect(later.length).toBeGreaterThan(0)
    expect(phone.texts('bob')).toEqual(['hello Alice'])
    expect(textsTo(phone, 'bob')).toEqual(['from the laptop', 'from the phone'])
    expect(bob.sessionsWith(phone)).toEqual([])
    expect(laptop.device.sessions.with('alice', phone.address.device)).toEqual([])
    expect([laptop, bob].flatMap(trouble)).toEqual([])
  })

  it('cannot list itself again, at the relay or with others', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('lists itself')
    const two = laptop.device.self.signedList
    await removeDevice(laptop.device, world.relay, phone.address.device)
    const one = laptop.device.self.signedList
    await expect(world.relay.register(two)).rejects.toMatchObject({ code: 'out-of-order' })
    const { device } = phone.device.self
    const sign = () => withDevice(one, device.record, proveDevice(device), device.signingSecret as never)
    expect(sign).toThrow(expect.objectContaining({ code: 'bad-signature' }))
    world.later(minute)
    bob.wire.lies.devices = () => two
    await bob.restart()
    await bob.goOnline()
    bob.write('alice', 'who are you now?')
    delete bob.wire.lies.devices
    world.later(minute)
    await bob.untilRead('alice', 'from the phone')
    await laptop.untilRead('bob', 'who are you now?')
    bob.wire.lies.devices = () => two
    world.later(minute)
    bob.write('alice', 'kept here')
    await bob.untilNoticed('not-sent')
    expect(bob.notices('not-sent')).toMatchObject([{ peer: 'alice', text: 'list-went-back' }])
  })

  it('is not written to by its own account, and what waited for it is not sent to others again', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('copies under way')
    laptop.wire.refuses = fullFor(phone)
    await laptop.tell(bob, 'copied nowhere')
    await laptop.untilSent('bob')
    await laptop.until('for the copy to wait', () => laptop.device.outbox.addresses().length === 1)
    await removeDevice(laptop.device, world.relay, phone.address.device)
    laptop.wire.refuses = () => null
    const before = laptop.wire.submitted.length
    world.later(31_000)
    await laptop.until('for nothing to wait', () => laptop.device.outbox.addresses().length === 0)
    await bob.tell(laptop, 'got it')
    await laptop.tell(bob, 'good')
    const toBob = laptop.wire.submitted.slice(before).filter(({ to }) => to.user === 'bob')
    expect(toBob).toHaveLength(1)
    expect(laptop.states('bob')).toEqual(['sent', 'sent', 'sent', 'sent'])
    expect(bob.texts('alice').slice(-2)).toEqual(['copied nowhere', 'good'])
  })

  it('may be linked again as another one', async () => {
    const { world, laptop, phone, bob } = await talkingHousehold('linked again')
    await removeDevice(laptop.device, world.relay, phone.address.device)
    const again = await world.link(laptop, 'phone again')
    await again.goOnline()
    world.later(minute)
    await bob.tell(laptop, 'to the new one')
    await again.untilRead('bob', 'to the new one')
    expect(openDeviceList(laptop.device.self.signedList).number).toBe(4)
  })
})
