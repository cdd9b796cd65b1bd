import { base64url, concat, utf8 } from '../../crypto/bytes.ts'
import { encryptAead, nonceSizeBytes } from '../../crypto/aead.ts'
import { digest, labels } from '../../crypto/kdf.ts'
import type { Random } from '../../crypto/random.ts'
import type { ClientSeams } from '../../crypto/seams.ts'
import type { Relay } from '../../server/api.ts'
import { type Device, openDevice, registerDevice } from '../device.ts'
import { type Link, openLink } from '../link.ts'
import type { JoinMode } from '../policies.ts'
import { openStoreInMemory } from '../store.ts'
import type { Evasion, WorldPerson } from './world/world.ts'

/** A simulated person: the messenger's own device, connected without a socket. */
export interface Actor {
  readonly person: WorldPerson
  readonly device: Device
  readonly link: Link
  /** What goes into the messenger when this is to be said: something else where somebody encrypts first. */
  wording(to: string, text: string): string
  leave(): void
}

export async function enter(
  person: WorldPerson,
  relay: Relay,
  joinMode: JoinMode,
  random: Random,
  clock: () => number,
): Promise<Actor> {
  const store = openStoreInMemory()
  const place = { relayUrl: 'in this process', relayCa: null }
  await registerDevice(store, person.name, place, relay, { refusesAccess: false, receipts: false }, random)
  const device = openDevice(store, { joinMode: behaving(person.evades, joinMode, random), random, clock })
  const link = await openLink(device, relay, random, clock)
  await link.begin()
  return {
    person,
    device,
    link,
    wording: (to, text) => (person.evades === 'encrypt first' ? armoured(person.name, to, text, random) : text),
    leave() {
      link.close()
      store.close()
    },
  }
}

/** Garbage of the right shape passes the relay, which can open nothing; the other side must be a rogue too. */
function behaving(evades: Evasion | null, joinMode: JoinMode, random: Random): JoinMode {
  if (evades !== 'garbage stanzas') return joinMode
  return (modeId, parameters): ClientSeams => {
    const seams = joinMode(modeId, parameters)
    return {
      ...seams,
      outgoing: (input, chainKey) =>
        seams
          .outgoing(input, chainKey)
          .map((stanza) => ({ modeId: stanza.modeId, payload: random(stanza.payload.length) })),
      incoming: () => undefined,
    }
  }
}

/** With any other program, under a key that the two have agreed on elsewhere; here made from their names. */
function armoured(one: string, other: string, text: string, random: Random): string {
  const key = digest(labels.lab, ...[one, other].sort().map(utf8))
  const nonce = random(nonceSizeBytes)
  return `-----BEGIN MESSAGE-----\n${base64url(concat(nonce, encryptAead(key, nonce, utf8(text))))}`
}
