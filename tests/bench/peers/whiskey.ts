import type { Contender, Meeting, Side } from '../contender.ts'
import { bytesOf, loadPeer } from './load-peer.ts'

interface Libsignal {
  readonly keyhelper: {
    generateIdentityKeyPair(): KeyPair
    generateRegistrationId(): number
    generatePreKey(id: number): { readonly keyId: number; readonly keyPair: KeyPair }
    generateSignedPreKey(identity: KeyPair, id: number): SignedPreKey
  }
  readonly ProtocolAddress: new (name: string, device: number) => object
  readonly SessionBuilder: new (store: Store, address: object) => { initOutgoing(bundle: object): Promise<void> }
  readonly SessionCipher: new (store: Store, address: object) => Cipher
}

interface KeyPair {
  readonly pubKey: Buffer
  readonly privKey: Buffer
}

interface SignedPreKey {
  readonly keyId: number
  readonly keyPair: KeyPair
  readonly signature: Buffer
}

interface Cipher {
  encrypt(plaintext: Buffer): Promise<{ readonly body: Buffer }>
  decryptPreKeyWhisperMessage(message: Buffer): Promise<Buffer>
  decryptWhisperMessage(message: Buffer): Promise<Buffer>
}

type Store = ReturnType<typeof storeOf>

/** Keeps the session as the object that it is: what a client would spend to serialise it is not counted. */
function storeOf(identity: KeyPair, registrationId: number, preKey: KeyPair, signedPreKey: KeyPair) {
  let record: unknown
  return {
    loadSession: async () => record,
    storeSession: async (_address: string, next: unknown) => void (record = next),
    isTrustedIdentity: async () => true,
    loadPreKey: async () => preKey,
    removePreKey: async () => undefined,
    loadSignedPreKey: async () => signedPreKey,
    getOurIdentity: async () => identity,
    getOurRegistrationId: async () => registrationId,
  }
}

/** The libsignal of WhiskeySockets: JavaScript, with Node's own AES, HMAC and X25519. */
export async function whiskey(): Promise<Contender> {
  const { keyhelper, ProtocolAddress, SessionBuilder, SessionCipher } = await loadPeer<Libsignal>('libsignal')
  const registrationId = keyhelper.generateRegistrationId()
  const identities = { alice: keyhelper.generateIdentityKeyPair(), bob: keyhelper.generateIdentityKeyPair() }
  let meetings = 0

  function meet(): Meeting {
    meetings += 1
    const preKey = keyhelper.generatePreKey(1)
    const signed = keyhelper.generateSignedPreKey(identities.bob, 2)
    const bundle = {
      registrationId,
      identityKey: identities.bob.pubKey,
      preKey: { keyId: 1, publicKey: preKey.keyPair.pubKey },
      signedPreKey: { keyId: 2, publicKey: signed.keyPair.pubKey, signature: signed.signature },
    }
    const end = (side: Side, other: Side) => {
      const store = storeOf(identities[side], registrationId, preKey.keyPair, signed.keyPair)
      const address = new ProtocolAddress(`${other}${meetings}`, 1)
      return { store, address, cipher: new SessionCipher(store, address) }
    }
    const ends = { alice: end('alice', 'bob'), bob: end('bob', 'alice') }
    const encrypt: Meeting['encrypt'] = async (from, text) =>
      (await ends[from].cipher.encrypt(Buffer.from(text.bytes.buffer))).body
    return {
      async initiate(text) {
        await new SessionBuilder(ends.alice.store, ends.alice.address).initOutgoing(bundle)
        return encrypt('alice', text)
      },
      respond: (wire) => ends.bob.cipher.decryptPreKeyWhisperMessage(Buffer.from(bytesOf(wire))),
      encrypt,
      decrypt: (by, wire) =>
        ends[by].cipher.decryptWhisperMessage(
          Buffer.from(bytesOf(wire).buffer, bytesOf(wire).byteOffset, bytesOf(wire).length),
        ),
    }
  }
  return { name: 'libsignal (WhiskeySockets)', meet }
}
