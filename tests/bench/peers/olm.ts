import type { Contender, Meeting, Wire } from '../contender.ts'
import { loadPeer } from './load-peer.ts'

interface Olm {
  init(): Promise<void>
  readonly Account: new () => Account
  readonly Session: new () => Session
  readonly Utility: new () => { ed25519_verify(key: string, message: string, signature: string): void }
}

interface Account {
  create(): void
  identity_keys(): string
  generate_one_time_keys(count: number): void
  one_time_keys(): string
  mark_keys_as_published(): void
  remove_one_time_keys(session: Session): void
  sign(message: string): string
}

interface Session {
  create_outbound(account: Account, identityKey: string, oneTimeKey: string): void
  create_inbound(account: Account, message: string): void
  encrypt(plaintext: string): { readonly type: 0 | 1; readonly body: string }
  decrypt(type: number, message: string): string
  free(): void
}

interface IdentityKeys {
  readonly curve25519: string
  readonly ed25519: string
}

const [preKey, normal] = [0, 1]

const stringOf = (wire: Wire): string => {
  if (typeof wire !== 'string') throw new Error('olm speaks in base64')
  return wire
}

/** Matrix's ratchet before vodozemac. A one-time key is signed by its account and checked, as Matrix has it. */
export async function olm(): Promise<Contender> {
  const library = await loadPeer<Olm>('@matrix-org/olm')
  await library.init()
  const utility = new library.Utility()
  const [alice, bob] = [new library.Account(), new library.Account()]
  alice.create()
  bob.create()
  const theirs = JSON.parse(bob.identity_keys()) as IdentityKeys

  function meet(): Meeting {
    bob.generate_one_time_keys(1)
    const [oneTimeKey = ''] = Object.values((JSON.parse(bob.one_time_keys()) as { curve25519: object }).curve25519)
    bob.mark_keys_as_published()
    const signature = bob.sign(oneTimeKey)
    const sessions = { alice: new library.Session(), bob: new library.Session() }
    return {
      initiate(text) {
        utility.ed25519_verify(theirs.ed25519, oneTimeKey, signature)
        sessions.alice.create_outbound(alice, theirs.curve25519, oneTimeKey)
        return sessions.alice.encrypt(text.string).body
      },
      respond(wire) {
        sessions.bob.create_inbound(bob, stringOf(wire))
        const plaintext = sessions.bob.decrypt(preKey, stringOf(wire))
        bob.remove_one_time_keys(sessions.bob)
        return plaintext
      },
      encrypt: (from, text) => sessions[from].encrypt(text.string).body,
      decrypt: (by, wire) => sessions[by].decrypt(normal, stringOf(wire)),
    }
  }
  return { name: 'olm', meet }
}
