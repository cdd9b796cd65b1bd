import { equal, hex } from '../../crypto/bytes.ts'
import { decodeEnvelope } from '../../crypto/envelope.ts'
import { decodeSession, encodeSession } from '../../crypto/session.ts'
import type { MessageSeams } from '../../crypto/seams.ts'
import { at } from './at.ts'
import { couple, type End } from './couple.ts'
import { turned } from './opening.ts'
import { below, seededRandom } from './random.ts'
import { outcome } from './refusal.ts'

type Name = 'alice' | 'bob'

interface Sent {
  readonly bytes: Uint8Array
  readonly text: string
  readonly to: Name
  /** the sender's first, second … ratchet key */
  readonly chain: number
  read: boolean
}

/** What a recipient is meant to remember: the current receiving chain and the four before it. */
const rememberedChains = 5
const networkLimit = 200
const none = { id: 'none', parameters: new Uint8Array() }

/**
 * A conversation of random steps over a network that loses, repeats, reorders and alters, between two people who
 * restart, turn and learn of new policies. Whatever comes is compared with what a simple model says must come.
 * @returns how often what happened
 * @throws Error that names seed, step and fault
 */
export function walk(seed: number, steps: number) {
  const chance = seededRandom(`walk ${seed}`)
  const encryptionKeys: string[] = []
  const seams: MessageSeams = {
    outgoing(offer) {
      encryptionKeys.push(hex(offer().encryptionKey))
      return []
    },
    incoming: () => undefined,
  }
  const modes = Array.from({ length: 20 }, () => none)
  const people = couple(`walk ${seed}`, seams, modes, { openingEpoch: 1, forgets: true })
  const epochs = { alice: 1, bob: 1 }
  const chains = { alice: { key: '', count: 0 }, bob: { key: '', count: 0 } }
  const newestRead = { alice: 0, bob: 0 }
  const network: Sent[] = []
  const history: Sent[] = []
  const counts = { sent: 0, read: 0, twice: 0, tooOld: 0, altered: 0, dropped: 0, restarts: 0, turns: 0, epochs: 0 }
  let step = 0

  function must(holds: boolean, fault: string): asserts holds {
    if (!holds) throw new Error(`seed ${seed}, step ${step}: ${fault}`)
  }

  function send(from: Name): Sent | null {
    const end = people[from]
    if (!end.started) return null
    const key = hex(end.session.ratchet.ours.public)
    if (key !== chains[from].key) chains[from] = { key, count: chains[from].count + 1 }
    const text = `${from} ${counts.sent++} ${'x'.repeat(below(300, chance))}`
    const bytes = end.send(text, at(people.chain.links, epochs[from] - 1).reference)
    const sent: Sent = { bytes, text, to: other(from), chain: chains[from].count, read: false }
    history.push(sent)
    return sent
  }

  function deliver(sent: Sent): void {
    const end = people[sent.to]
    const remembered = sent.chain > newestRead[sent.to] - rememberedChains
    if (remembered && !sent.read) {
      must(end.receive(sent.bytes).text === sent.text, 'a text was not the one sent')
      sent.read = true
      counts.read++
      newestRead[sent.to] = Math.max(newestRead[sent.to], sent.chain)
    } else {
      const why = refuse(end, sent.bytes)
      must(why === (remembered ? 'key-gone' : 'no header key'), `a message was refused as ${why}`)
      counts[sent.read ? 'twice' : 'tooOld']++
    }
  }

  function refuse(end: End, bytes: Uint8Array) {
    const before = end.started ? encodeSession(end.session) : null
    const why = outcome(() => end.receive(bytes))
    must(why !== 'accepted', 'a message was accepted that had been read, forgotten or altered')
    must(end.started === (before !== null), 'a message that was refused opened a session')
    must(!before || equal(before, encodeSession(end.session)), 'a message that was refused changed the session')
    return why
  }

  function alter({ bytes, to }: Sent): void {
    refuse(people[to], turned(bytes, below(8 * bytes.length, chance)))
    counts.altered++
  }

  function turn(from: Name): void {
    for (const name of [from, other(from)]) {
      const sent = send(name)
      if (sent) deliver(sent)
    }
    counts.turns++
  }

  function restart(end: End): void {
    if (!end.started) return
    end.session = decodeSession(encodeSession(end.session))
    counts.restarts++
  }

  const someone = (): Name => (below(2, chance) === 0 ? 'alice' : 'bob')
  const pick = (from: readonly Sent[]) => (from.length > 0 ? at(from, below(from.length, chance)) : null)
  const take = (among: number) => network.splice(below(Math.max(1, Math.min(among, network.length)), chance), 1)

  function stepOnce(): void {
    const dice = below(100, chance)
    if (dice < 35) network.push(...[send(someone())].filter((sent) => sent !== null))
    else if (dice < 70) take(8).forEach(deliver)
    else if (dice < 74) counts.dropped += take(network.length).length
    else if (dice < 82) optionally(pick(history.slice(-100)), deliver)
    else if (dice < 90) optionally(pick(history.slice(-30)), alter)
    else if (dice < 95) restart(people[someone()])
    else if (dice < 98) turn(someone())
    else riseEpoch(someone())
    if (network.length > networkLimit) network.shift()
  }

  function riseEpoch(name: Name): void {
    epochs[name] = Math.min(epochs[name] + 1, people.chain.links.length)
    counts.epochs++
  }

  for (; step < steps; step++) stepOnce()
  for (const sent of network) deliver(sent)
  turn('alice')
  turn('bob')
  must(distinct(encryptionKeys), 'a message key was used twice')
  must(distinct(history.flatMap(({ bytes }) => noncesOf(bytes))), 'a nonce was used twice')
  return counts
}

const other = (name: Name): Name => (name === 'alice' ? 'bob' : 'alice')
const distinct = (values: readonly string[]) => new Set(values).size === values.length
const optionally = (sent: Sent | null, act: (sent: Sent) => void) => (sent ? act(sent) : undefined)

/** The nonces of header and body. */
function noncesOf(bytes: Uint8Array): string[] {
  const { encryptedHeader, nonce } = decodeEnvelope(bytes)
  return [hex(encryptedHeader.subarray(0, 24)), hex(nonce)]
}
