import type { TextContent } from '../../crypto/content.ts'
import { answerChallenge, createAccount, deviceIn, openDeviceList } from '../../crypto/identity.ts'
import type { PolicyReference } from '../../crypto/policy.ts'
import { createPrekey, encodePrekey, openBundle } from '../../crypto/prekeys.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { encrypt, openSession, type Session } from '../../crypto/session.ts'
import type { DeviceAddress } from '../../server/api.ts'
import { at } from './at.ts'
import { inTheFuture, noSeams } from './couple.ts'
import type { World } from './world.ts'

interface Victim {
  readonly name: string
  readonly address: DeviceAddress
}

interface Habits {
  reference?: PolicyReference
  /** of the handshake; the envelope's unless told */
  openingReference?: PolicyReference
  seams?: MessageSeams
  startedAt?: number
}

/**
 * Somebody with good cryptography and bad manners: a device made by hand, that sends what the test says.
 * @param alias the name in what it signs and writes, where that is not the one it has registered
 */
export async function rogueIn(world: World, name: string, alias = name) {
  const registered = createAccount(name, world.random)
  const account = alias === name ? registered : createAccount(alias, world.random)
  await world.relay.register(registered.signedList)
  const connection = await world.relay.connect((key, challenge) => answerChallenge(registered.device, key, challenge), {
    ready: () => undefined,
    deliver: () => undefined,
    policy: () => undefined,
    closed: () => undefined,
  })
  const prekeys = (['signed', 'KEM last-resort'] as const).map((kind, i) =>
    createPrekey(kind, i + 1, inTheFuture, registered.device, world.random),
  )
  await connection.publishPrekeys(prekeys.map(encodePrekey), true)
  let session: Session | null = null
  let sequence = 0
  let counter = 0

  const head = async () => at(await world.chain(), -1)

  async function meet({ address }: Victim, startedAt: number, reference: PolicyReference): Promise<Session> {
    const record = deviceIn(openDeviceList(await connection.devices(address.user)), address.device)
    if (!record) throw new Error('no such victim')
    const bundle = openBundle(await connection.bundle(address), record, 1)
    return openSession(account.device, account.signedList, record, bundle, reference, startedAt, world.random)
  }

  return {
    account,
    address: { user: alias, device: account.device.record.id } satisfies DeviceAddress,
    connection,
    /** The next envelope to the victim, on one session that the first opens. */
    async make(victim: Victim, content: Partial<TextContent>, habits: Habits = {}): Promise<Uint8Array> {
      const { reference = (await head()).reference, seams = noSeams, startedAt = world.clock() } = habits
      session ??= await meet(victim, startedAt, habits.openingReference ?? reference)
      sequence += 1
      const id = `rogue-${sequence}`
      const honest: TextContent = {
        kind: 'text',
        id,
        sequence,
        sentAt: world.clock(),
        abandoned: [],
        text: 'a rogue text',
      }
      const sent = encrypt(session, account.device.record, { ...honest, ...content }, reference, seams, world.random)
      session = sent.next
      return sent.envelope
    },
    /** Hands an envelope in, as the next one to that device. */
    async submit({ address }: Victim, envelope: Uint8Array): Promise<void> {
      await connection.submit({ to: address, counter: counter + 1, envelope })
      counter += 1
    },
  }
}

export type Rogue = Awaited<ReturnType<typeof rogueIn>>
