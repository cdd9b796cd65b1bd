import { base64url, concat, equal, hex, utf8 } from '../../../crypto/bytes.ts'
import { encryptAead, nonceSizeBytes } from '../../../crypto/aead.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { type SafetyNumber, safetyNumber } from '../../../crypto/fingerprint.ts'
import { digest, labels } from '../../../crypto/kdf.ts'
import type { Random } from '../../../crypto/random.ts'
import type { ClientSeams } from '../../../crypto/seams.ts'
import type { Connection, Relay } from '../../../server/api.ts'
import { type Device, openDevice } from '../../device/device.ts'
import { registerDevice } from '../../device/registration.ts'
import { type Link, openLink } from '../../device/link.ts'
import { openKnownList } from '../../device/opened-lists.ts'
import type { JoinMode } from '../../device/policies.ts'
import { type Supply, usualSupply } from '../../device/prekeys.ts'
import { openStoreInMemory } from '../../device/memory/store.ts'
import { spoolInMemory } from './memory-spool.ts'
import { spoolFile } from '../../device/transfer.ts'
import type { Evasion, World, WorldFile, WorldPerson } from '../world/world.ts'

/** A simulated person: the messenger's own device, connected without a socket. */
export interface Actor {
  readonly person: WorldPerson
  readonly device: Device
  readonly link: Link
  /** ids, in hexadecimal, of devices that this one has shown and does not any more */
  readonly shown: Set<string>
  /** Whether the directory has ever answered this device with what is no list signed by an account. */
  sawUnsigned(): boolean
  /** Looks somebody up as a person does who is about to compare numbers. */
  lookUp(user: string): Promise<void>
  /** null for somebody this device does not know */
  readonly numberWith: (user: string) => SafetyNumber | null
  /** Writes a message with a file, which is encrypted and goes to the relay before it. @returns the blob's id, in hexadecimal */
  writeFile(peer: string, text: string, file: WorldFile, id?: string): Promise<string>
  /** What goes into the messenger when this is to be said: something else where somebody encrypts first. */
  wording(to: string, text: string): string
  leave(): void
}

/**
 * How many one-time keys each person keeps at the relay: one for each who may ever write to them, and a few more, where
 * that is less than the messenger's own supply. Nobody runs out of them who would not have run out with that.
 */
export function supplies({ messages }: World): (name: string) => Supply {
  const partners = new Map<string, Set<string>>()
  for (const { from, to } of messages) {
    const known = partners.get(to)
    if (known) known.add(from)
    else partners.set(to, new Set([from]))
  }
  return (name) => supplyFor(partners.get(name)?.size ?? 0)
}

const spareKeys = 4

/** One-time keys for so many who may ever write, and a few more; never more than the messenger's own supply. */
export function supplyFor(partners: number): Supply {
  const refillTo = partners + spareKeys
  return refillTo < usualSupply.refillTo ? { refillBelow: spareKeys, refillTo } : usualSupply
}

export async function enter(
  person: WorldPerson,
  relay: Relay,
  joinMode: JoinMode,
  supply: Supply,
  evades: (other: string) => Evasion | null,
  random: Random,
  clock: () => number,
): Promise<Actor> {
  const store = openStoreInMemory()
  const place = { relayUrl: 'in this process', relayCa: null }
  await registerDevice(store, person.name, place, relay, { refusesAccess: false, receipts: false }, random)
  const device = openDevice(store, {
    joinMode: behaving(evades, joinMode, random),
    random,
    clock,
    running: clock,
    spool: spoolInMemory(),
    supply,
  })
  let unsigned = false
  let connection: Connection | null = null
  const watching: Relay = {
    ...relay,
    async connect(answer, listener) {
      const made = await relay.connect(answer, listener)
      connection = {
        ...made,
        async devices(user) {
          const list = await made.devices(user)
          unsigned ||= !isSigned(list)
          return list
        },
      }
      return connection
    },
  }
  const link = await openLink(device, watching, random, clock)
  await link.begin()
  return {
    person,
    device,
    link,
    shown: new Set(),
    sawUnsigned: () => unsigned,
    async lookUp(user) {
      if (connection) device.contacts.learn(user, device.policies.present(await connection.devices(user)).signedList)
    },
    numberWith(user) {
      const contact = device.contacts.get(user)
      const { record } = device.self.device
      return (
        contact &&
        safetyNumber(
          { user: person.name, accountKey: record.accountKey },
          { user, accountKey: (contact.changed ?? contact.list).accountKey },
        )
      )
    },
    async writeFile(peer, text, { name, type, bytes }, id) {
      const read = async (at: number, sizeBytes: number) => bytes.subarray(at, at + sizeBytes)
      const source = { name, type, sizeBytes: bytes.length, read }
      const attachment = await spoolFile(device.spool, source, random)
      device.writeFile(peer, text, attachment, id)
      return hex(attachment.blob)
    },
    wording: (to, text) => (evades(to) === 'encrypt first' ? armoured(person.name, to, text, random) : text),
    leave() {
      link.close()
      store.close()
    },
  }
}

export const sameNumber = (one: SafetyNumber, other: SafetyNumber): boolean =>
  equal(utf8(one.digits.join()), utf8(other.digits.join()))

function isSigned(list: Uint8Array): boolean {
  try {
    openKnownList(list)
    return true
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

/** Garbage of the right shape passes the relay, which can open nothing; the other side must be a rogue too. */
function behaving(evades: (other: string) => Evasion | null, joinMode: JoinMode, random: Random): JoinMode {
  const garbles = (other: string) => evades(other) === 'garbage stanzas'
  return (modeId, parameters): ClientSeams => {
    const seams = joinMode(modeId, parameters)
    return {
      ...seams,
      outgoing(offer, chainKey) {
        const stanzas = seams.outgoing(offer, chainKey)
        if (!garbles(offer().recipient.user)) return stanzas
        return stanzas.map((stanza) => ({ modeId: stanza.modeId, payload: random(stanza.payload.length) }))
      },
      incoming(offer, stanzas) {
        if (!garbles(offer().sender.user)) seams.incoming(offer, stanzas)
      },
    }
  }
}

/** With any other program, under a key that the two have agreed on elsewhere; here made from their names. */
function armoured(one: string, other: string, text: string, random: Random): string {
  const key = digest(labels.lab, ...[one, other].sort().map(utf8))
  const nonce = random(nonceSizeBytes)
  return `-----BEGIN MESSAGE-----\n${base64url(concat(nonce, encryptAead(key, nonce, utf8(text))))}`
}
