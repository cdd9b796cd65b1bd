import type { AgreementKey, Digest } from '../../crypto/keys.ts'
import { startAsInitiator, startAsResponder } from '../../crypto/ratchet.ts'
import type { RatchetState } from '../../crypto/ratchet-state.ts'
import { systemRandom as random } from '../../crypto/random.ts'
import type { Session } from '../../crypto/session.ts'
import { suite1 } from '../../crypto/suite-1.ts'
import type { RootSecret } from '../../crypto/suite.ts'
import type { TestPerson } from '../support/couple.ts'
import type { Side } from './contender.ts'

/**
 * A session of suite 1, at both ends. Nobody can begin one any more, but those from before go on. So the secret that a
 * handshake would have agreed on is drawn here; every message after it costs what it did then.
 */
export function sessionsOfSuite1({ alice, bob }: Record<Side, TestPerson>): Map<Side, Session> {
  const [rootSecret, transcript] = [random(32) as RootSecret, random(32) as Digest]
  const ephemeralKey = random(32) as AgreementKey
  const { key, secret } = bob.prekeys.signed
  const session = (theirs: TestPerson, isOurs: boolean, ratchet: RatchetState): Session => ({
    theirs: theirs.device.record,
    isOurs,
    ephemeralKey,
    startedAt: 1,
    transcript,
    handshake: null,
    fresh: true,
    ratchet,
  })
  return new Map([
    ['alice', session(bob, true, startAsInitiator(suite1, rootSecret, transcript, key, 1, random))],
    ['bob', session(alice, false, startAsResponder(suite1, rootSecret, transcript, { secret, public: key }, 1))],
  ])
}
