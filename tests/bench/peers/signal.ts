import type { Contender, Meeting, Side } from '../contender.ts'
import { bytesOf, loadPeer } from './load-peer.ts'

interface Public {
  serialize(): Uint8Array
}
interface Private {
  getPublicKey(): Public
  sign(message: Uint8Array): Uint8Array
}
interface IdentityPair {
  readonly publicKey: Public
  readonly privateKey: Private
}
interface KemPair {
  getPublicKey(): Public
}
type Address = object
type Stored = object

interface Signal {
  readonly IdentityKeyPair: { generate(): IdentityPair }
  readonly PrivateKey: { generate(): Private }
  readonly KEMKeyPair: { generate(): KemPair }
  readonly ProtocolAddress: { new: (name: string, device: number) => Address }
  readonly PreKeyRecord: { new: (id: number, key: Public, secret: Private) => Stored }
  readonly SignedPreKeyRecord: {
    new: (id: number, time: number, key: Public, secret: Private, signature: Uint8Array) => Stored
  }
  readonly KyberPreKeyRecord: { new: (id: number, time: number, pair: KemPair, signature: Uint8Array) => Stored }
  readonly PreKeyBundle: { new: (...parts: readonly unknown[]) => Stored }
  readonly SignalMessage: { deserialize(bytes: Uint8Array): Stored }
  readonly PreKeySignalMessage: { deserialize(bytes: Uint8Array): Stored }
  processPreKeyBundle(bundle: Stored, them: Address, us: Address, sessions: object, identities: object): Promise<void>
  signalEncrypt(message: Uint8Array, them: Address, us: Address, sessions: object, identities: object): Promise<Public>
  signalDecrypt(message: Stored, them: Address, us: Address, sessions: object, identities: object): Promise<Uint8Array>
  signalDecryptPreKey(message: Stored, them: Address, us: Address, ...stores: readonly object[]): Promise<Uint8Array>
}

const registrationId = 1
const [preKeyId, signedId, kemId] = [1, 2, 3]

/** Its session and identity stores, in memory; a record is kept as the object that it is. */
function storesOf(identity: IdentityPair) {
  let record: Stored | null = null
  let known: Public | null = null
  const sessions = {
    saveSession: async (_address: Address, next: Stored) => void (record = next),
    getSession: async () => record,
    getExistingSessions: async () => (record ? [record] : []),
  }
  const identities = {
    getIdentityKey: async () => identity.privateKey,
    getIdentityKeyPair: async () => identity,
    getLocalRegistrationId: async () => registrationId,
    saveIdentity: async (_address: Address, key: Public) => {
      known = key
      return 0
    },
    isTrustedIdentity: async () => true,
    getIdentity: async () => known,
  }
  return { sessions, identities }
}

/** Signal's own library: PQXDH and the triple ratchet, in native Rust behind an asynchronous interface. */
export async function signal(): Promise<Contender> {
  const library = await loadPeer<Signal>('@signalapp/libsignal-client')
  const people = { alice: library.IdentityKeyPair.generate(), bob: library.IdentityKeyPair.generate() }
  const addresses = { alice: library.ProtocolAddress.new('alice', 1), bob: library.ProtocolAddress.new('bob', 1) }
  const other = { alice: 'bob', bob: 'alice' } as const

  function preKeys() {
    const { privateKey } = people.bob
    const [oneTime, signed, kem] = [
      library.PrivateKey.generate(),
      library.PrivateKey.generate(),
      library.KEMKeyPair.generate(),
    ]
    const [oneTimeKey, signedKey, kemKey] = [oneTime.getPublicKey(), signed.getPublicKey(), kem.getPublicKey()]
    const [signature, kemSignature] = [privateKey.sign(signedKey.serialize()), privateKey.sign(kemKey.serialize())]
    const now = Date.now()
    const bundle = library.PreKeyBundle.new(
      ...[registrationId, 1, preKeyId, oneTimeKey, signedId, signedKey, signature],
      ...[people.bob.publicKey, kemId, kemKey, kemSignature],
    )
    const records = {
      oneTime: library.PreKeyRecord.new(preKeyId, oneTimeKey, oneTime),
      signed: library.SignedPreKeyRecord.new(signedId, now, signedKey, signed, signature),
      kem: library.KyberPreKeyRecord.new(kemId, now, kem, kemSignature),
    }
    const stores = [
      { getPreKey: async () => records.oneTime, removePreKey: async () => undefined },
      { getSignedPreKey: async () => records.signed },
      { getKyberPreKey: async () => records.kem, markKyberPreKeyUsed: async () => undefined },
    ]
    return { bundle, stores }
  }

  function meet(): Meeting {
    const stores = { alice: storesOf(people.alice), bob: storesOf(people.bob) }
    const { bundle, stores: bobsPreKeys } = preKeys()
    const seenBy = (side: Side) =>
      [addresses[other[side]], addresses[side], stores[side].sessions, stores[side].identities] as const
    const encrypt: Meeting['encrypt'] = async (from, text) =>
      (await library.signalEncrypt(text.bytes, ...seenBy(from))).serialize()
    return {
      async initiate(text) {
        await library.processPreKeyBundle(bundle, ...seenBy('alice'))
        return encrypt('alice', text)
      },
      respond: (wire) =>
        library.signalDecryptPreKey(
          library.PreKeySignalMessage.deserialize(bytesOf(wire)),
          ...seenBy('bob'),
          ...bobsPreKeys,
        ),
      encrypt,
      decrypt: (by, wire) => library.signalDecrypt(library.SignalMessage.deserialize(bytesOf(wire)), ...seenBy(by)),
    }
  }
  return { name: 'libsignal-client', meet }
}
