import type { Contender, Meeting, Side, Wire } from '../contender.ts'
import { bytesOf, loadPeer } from './load-peer.ts'

interface Proteus {
  init(): Promise<void>
  readonly keys: {
    readonly IdentityKeyPair: new () => IdentityPair
    readonly PreKey: new (id: number) => PreKey
    readonly PreKeyBundle: {
      signed(identity: IdentityPair, preKey: PreKey): { serialise(): ArrayBuffer }
      deserialise(bytes: ArrayBuffer): Bundle
    }
  }
  readonly session: {
    readonly Session: {
      init_from_prekey(identity: IdentityPair, bundle: Bundle): Session
      init_from_message(identity: IdentityPair, store: Store, envelope: Envelope): Promise<[Session, Uint8Array]>
      encrypt(session: Session, plaintext: Uint8Array): Envelope
    }
  }
  readonly message: { readonly Envelope: { deserialise(bytes: ArrayBuffer): Envelope } }
}

type IdentityPair = object
type PreKey = object
interface Bundle {
  /** 'Valid' for one whose signature holds */
  verify(): string
}
interface Envelope {
  serialise(): ArrayBuffer
}
interface Session {
  decrypt(store: Store, envelope: Envelope): Promise<Uint8Array>
}
interface Store {
  load_prekey(id: number): Promise<PreKey | undefined>
  delete_prekey(id: number): Promise<number>
}

/** Wire's own ratchet, in JavaScript over libsodium. */
export async function proteus(): Promise<Contender> {
  const { init, keys, session, message } = await loadPeer<Proteus>('@wireapp/proteus')
  await init()
  const identities = { alice: new keys.IdentityKeyPair(), bob: new keys.IdentityKeyPair() }

  const sealed = (envelope: Envelope): Wire => new Uint8Array(envelope.serialise())
  const opened = (wire: Wire) => message.Envelope.deserialise(bytesOf(wire).buffer as ArrayBuffer)

  function meet(): Meeting {
    const preKey = new keys.PreKey(1)
    const bundle = keys.PreKeyBundle.signed(identities.bob, preKey).serialise()
    const store: Store = { load_prekey: async () => preKey, delete_prekey: async (id) => id }
    const sessions = new Map<Side, Session>()
    const sessionOf = (side: Side): Session => {
      const known = sessions.get(side)
      if (!known) throw new Error(`${side} has no session yet`)
      return known
    }
    return {
      initiate(text) {
        const theirs = keys.PreKeyBundle.deserialise(bundle)
        if (theirs.verify() !== 'Valid') throw new Error('the bundle does not hold')
        sessions.set('alice', session.Session.init_from_prekey(identities.alice, theirs))
        return sealed(session.Session.encrypt(sessionOf('alice'), text.bytes))
      },
      async respond(wire) {
        const [begun, plaintext] = await session.Session.init_from_message(identities.bob, store, opened(wire))
        sessions.set('bob', begun)
        return plaintext
      },
      encrypt: (from, text) => sealed(session.Session.encrypt(sessionOf(from), text.bytes)),
      decrypt: (by, wire) => sessionOf(by).decrypt(store, opened(wire)),
    }
  }
  return { name: 'proteus', meet }
}
