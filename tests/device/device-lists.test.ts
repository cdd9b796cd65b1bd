import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAccount, proveDevice, signDeviceList } from '../../crypto/identity.ts'
import { compare } from '../../crypto/bytes.ts'
import { removeDevice } from '../../client/device/linking.ts'
import { at } from '../support/at.ts'
import { seededRandom } from '../support/random.ts'
import { createWorld, type Person } from '../support/world.ts'

/** Lists of an account with one device or two, as its owner may sign them. */
function accountOf(user: string) {
  const random = seededRandom(`lists of ${user}`)
  const { device, accountSecret, list } = createAccount(user, random)
  const other = createAccount(user, random).device
  const second = { ...other, record: { ...other.record, accountKey: list.accountKey } }
  const signed = (number: number, ...devices: (typeof device)[]) => {
    const inOrder = devices.toSorted((a, b) => compare(a.record.id, b.record.id))
    const records = inOrder.map(({ record }) => record)
    return signDeviceList({ ...list, number, devices: records }, inOrder.map(proveDevice), accountSecret)
  }
  return { first: device, second, signed }
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('a device list', () => {
  it('is followed forwards, and not back or sideways', async () => {
    const world = await createWorld('lists')
    const { contacts } = (await world.join('alice')).device
    const { first, second, signed } = accountOf('bob')
    const devices = () => contacts.get('bob')?.list.devices.length
    contacts.learn('bob', signed(2, first))
    contacts.learn('bob', signed(2, first))
    expect(() => contacts.learn('bob', signed(1, first, second))).toThrow(refusal('list-went-back'))
    expect(() => contacts.learn('bob', signed(2, first, second))).toThrow(refusal('list-went-back'))
    expect(devices()).toBe(1)
    contacts.learn('bob', signed(3, first, second))
    expect(devices()).toBe(2)
    expect(contacts.get('bob')?.changed).toBeNull()
  })

  it('of somebody else, or with a byte changed, is not taken', async () => {
    const world = await createWorld('lists of others')
    const { contacts } = (await world.join('alice')).device
    const { first, signed } = accountOf('carol')
    const list = signed(1, first)
    expect(() => contacts.learn('bob', list)).toThrow(refusal('wrong-person'))
    expect(() => contacts.learn('carol', list.with(40, 1 - (list[40] ?? 0)))).toThrow()
    expect(contacts.all()).toEqual([])
  })

  it('that has gone back at the relay keeps messages here, and is told of', async () => {
    const world = await createWorld('an old list')
    const [alice] = await world.couple()
    const { first, second, signed } = accountOf('bob')
    alice.device.contacts.learn('bob', signed(2, first))
    alice.wire.lies.devices = () => signed(1, first, second)
    alice.write('bob', 'to one device only')
    await alice.untilNoticed('not-sent')
    expect(alice.notices('not-sent')).toMatchObject([{ peer: 'bob', text: 'list-went-back' }])
    expect(alice.written('bob').map(({ state }) => state)).toEqual(['waiting'])
    expect(alice.wire.submitted).toEqual([])
  })

  it('that no longer has a device ends the sessions with it, and with no other', async () => {
    const world = await createWorld('a device less')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    const { contacts, sessions } = alice.device
    const { first, second, signed } = accountOf('carol')
    contacts.learn('carol', signed(1, first, second))
    for (const { record } of [first, second]) sessions.add({ ...at(alice.sessionsWith(bob), 0), theirs: record })
    contacts.learn('carol', signed(2, first))
    expect(sessions.with('carol', second.record.id)).toEqual([])
    expect(sessions.with('carol', first.record.id)).toHaveLength(1)
    expect(alice.sessionsWith(bob)).toHaveLength(1)
  })

  it('that has other keys under the id of a device ends the sessions with the keys before', async () => {
    const world = await createWorld('other keys under an id')
    const [alice, bob] = await world.couple()
    await alice.tell(bob, 'hello')
    const { contacts, sessions } = alice.device
    const { first, second, signed } = accountOf('carol')
    const renamed = { ...second, record: { ...second.record, id: first.record.id } }
    contacts.learn('carol', signed(1, first))
    sessions.add({ ...at(alice.sessionsWith(bob), 0), theirs: first.record })
    contacts.learn('carol', signed(2, renamed))
    expect(sessions.with('carol', first.record.id)).toHaveLength(0)
  })

  it('is signed by the first device alone: a linked one has no account key to sign with', async () => {
    const world = await createWorld('no account key')
    const bob = await world.join('bob')
    const accountSecret = Buffer.from(bob.device.self.accountSecret())
    const tablet = await world.link(bob)
    expect(() => tablet.device.self.accountSecret()).toThrow(refusal('not-primary'))
    const removing = removeDevice(tablet.device, world.relay, bob.address.device)
    await expect(removing).rejects.toThrow(refusal('not-primary'))
    const holds = ({ home }: Person) =>
      readdirSync(home).some((n) => readFileSync(join(home, n)).includes(accountSecret))
    expect([holds(bob), holds(tablet)]).toEqual([true, false])
  })
})
