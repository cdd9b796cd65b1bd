import { relayAt } from '../../../client/node/relay.ts'
import { followPolicy, type PolicyReference } from '../../../crypto/policy.ts'
import { acquaint, textOf } from '../contender.ts'
import { doormat } from '../doormat.ts'
import { dialSocket } from './lines.ts'
import { openLines } from './load.ts'
import { dialMqtt } from './mqtt.ts'
import { answerParent } from './processes.ts'

/* The load: what kind of server, its address (a broker's port), and how many lines. A process of its own. */

const [kind, url = '', lineCount] = process.argv.slice(2)
const isOurs = kind === 'relay'
const textBytes = 140

/** Real ones, of a conversation under the relay's own policy; the relay opens none. */
async function envelopesUnder(reference: PolicyReference | undefined, count: number): Promise<Uint8Array[]> {
  const pair = await acquaint(doormat(reference ? { reference } : {}))
  const envelopes: Uint8Array[] = []
  for (let i = 0; i < count; i++) envelopes.push((await pair.encrypt('alice', textOf(textBytes))) as Uint8Array)
  return envelopes
}

async function policyAt(): Promise<PolicyReference> {
  const relay = relayAt(url)
  const [first] = await relay.policies(0)
  if (!first) throw new Error('the relay has no policy')
  return followPolicy(null, first, await relay.policyKey()).reference
}

const envelopes = await envelopesUnder(isOurs ? await policyAt() : undefined, 16)
const places = Array.from({ length: Number(lineCount) }, (_, place) => place)
const dial = kind === 'broker' ? dialMqtt(Number(url), envelopes) : dialSocket(url, isOurs, envelopes)
const lines = await openLines(dial, places)
answerParent(lines)
