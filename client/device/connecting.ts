import { equal } from '../../crypto/bytes.ts'
import { answerChallenge } from '../../crypto/identity.ts'
import {
  type Answer,
  type Connection,
  type Listener,
  type Relay,
  RelayError,
  type RelayErrorCode,
} from '../../server/api.ts'
import { ClientError } from './errors.ts'
import type { Self } from './self.ts'

/**
 * Connects a device to the relay that it has pinned. One that was put back to an older state may not know the device: it is
 * given our list, which proves itself.
 * @throws ClientError `wrong-relay` | `name-lost` where somebody else has the name by now | RelayError `unknown-device` where the relay has a
 *   newer list, without this device
 */
export async function connectAs(self: Self, relay: Relay, listener: Listener): Promise<Connection> {
  const answer: Answer = (policyKey, challenge) => {
    if (equal(policyKey, self.policyKey)) return answerChallenge(self.device, policyKey, challenge)
    throw new ClientError('wrong-relay', 'this relay does not have the policy key that this device was registered with')
  }
  try {
    return await relay.connect(answer, listener)
  } catch (error) {
    if (!isRefusal(error, 'unknown-device')) throw error
    await relay.register(self.signedList).catch((refusal: unknown) => {
      if (isRefusal(refusal, 'out-of-order')) throw error
      if (!isRefusal(refusal, 'name-taken')) throw refusal
      const { user } = self.device.record
      throw new ClientError(
        'name-lost',
        `the relay has lost this account, and somebody else has registered the name ${user} since; nothing on this device is lost`,
        'doormat history',
      )
    })
    return relay.connect(answer, listener)
  }
}

export const isRefusal = (error: unknown, code: RelayErrorCode): error is RelayError =>
  error instanceof RelayError && error.code === code
