import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import type { Content } from '../../crypto/content.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import { encrypt, openSession } from '../../crypto/session.ts'
import { at } from './at.ts'
import { noSeams } from './couple.ts'
import type { Person, World } from './world.ts'
import { rogueIn } from './world-rogue.ts'

/** What a device would say if its program were another one: in the session that it has with the victim. */
export async function forge(world: World, from: Person, to: Person, content: Content): Promise<void> {
  const session = from.device.sessions.toSendWith(to.name, to.address.device)
  if (!session) throw new Error(`${from.name} has no session with ${to.name}`)
  const { reference } = at(await world.chain(), -1)
  const { record } = from.device.self.device
  const { next, envelope } = encrypt(session, record, content, reference, noSeams, from.random)
  from.device.sessions.put(next)
  to.wire.inject(from.address, envelope)
}

/** Contents without what a sender fills in by itself. */
export const plainly = { id: 'forged', sequence: 0, sentAt: 1_700_000_000_000, abandoned: [], text: '' } as const

/** All that left a device under escrow, in order, as the custodian reads it; null for what has no stanza. */
export const contentsOf = ({ wire, address }: Person, { escrow }: World): (Content | null)[] =>
  wire.submitted.map(({ to, envelope: bytes }) => {
    const ends = { fromUser: address.user, fromDevice: address.device, toUser: to.user, toDevice: to.device }
    const reading = messageKeyEscrow.reader([escrow.secret]).read({ time: 0, ...ends, bytes }, decodeEnvelope(bytes))
    return reading?.content ?? null
  })

/** The same in a new session, opened with a device list of the forger's choice. */
export async function forgeAnew(world: World, from: Person, to: Person, content: Content, list: Uint8Array) {
  const { device } = from.device.self
  const { connection } = await rogueIn(world, `accomplice.${from.random(4).join('')}`)
  const bundle = openBundle(await connection.bundle(to.address), to.device.self.device.record, 1)
  const { reference } = at(await world.chain(), -1)
  const start = world.clock() + 1000
  const session = openSession(device, list, to.device.self.device.record, bundle, reference, start, from.random)
  const { envelope } = encrypt(session, device.record, content, reference, noSeams, from.random)
  to.wire.inject(from.address, envelope)
}
