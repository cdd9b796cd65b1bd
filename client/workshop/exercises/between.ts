import type { Reader } from '../../../crypto/access/mode.ts'
import { keySubstitution, middle } from '../../../crypto/access/key-substitution.ts'
import { none } from '../../../crypto/access/mode.ts'
import { puppetReader } from '../../../crypto/access/puppet.ts'
import type { Tap, TapLine } from '../../../crypto/access/tap.ts'
import { hex } from '../../../crypto/bytes.ts'
import { decodeEnvelope } from '../../../crypto/envelope.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { keySizeBytes } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { followArchive, type GrowingArchive } from '../../authority/evidence.ts'
import { counted } from '../../words/counted.ts'
import { RoomError } from '../errors.ts'
import type { Exercise, PairStanding } from './exercise.ts'

/*
 * The room's server hands out false keys for some people, and nobody has announced anything: two who compare their numbers find out. What
 * is right is what the server really answered, and it reads what passes between its false keys, as such a server would.
 */

type Said = 'same' | 'different'

/** Everybody's, in the order of their names. */
const pairOf = (one: string, other: string) => [one, other].sort().join(' ')

/** Of all people, so many are lied about: between about half of the new pairs there is then somebody. */
const share = 0.3

/** All connections are ended with the lie, and who comes back asks anew: what was under way to a false key has passed by then. */
const underWayMs = 3_000

export interface Between extends Exercise {
  /** Two people have compared, and one of them says what they saw. @throws RoomError with a hint */
  noteCompared(name: string, other: string, said: Said): void
  /** Messages that the server has read with its false keys, until now. */
  serverRead(): number
  stopReading(): void
  /** Whether some phone may still write to a false key: were the server to stop passing that on now, it would be lost. */
  isNeeded(): boolean
}

interface BetweenParts {
  /** Puts a liar into the relay's directory. */
  readonly install: (make: (line: TapLine) => Tap) => Promise<void>
  /** Ends all connections: who comes back asks anew who has which keys. */
  readonly hangUp: () => unknown
  readonly random: Random
  /** milliseconds that never go back */
  readonly steady: () => number
  readonly archivePath: string
  /** who is in the room now */
  readonly people: () => readonly string[]
  /** pairs between whom something had passed before, names in order with a space between */
  readonly acquainted: ReadonlySet<string>
}

/** From now on the server lies, until the exercise is ended. @throws RoomError where there is nobody left to lie to */
export function beginBetween(parts: BetweenParts): Between {
  const { install, random, people } = parts
  const acquainted = new Set(parts.acquainted)
  const seed = random(keySizeBytes)
  const targets = drawTargets(people(), acquainted, random)
  /** pair -> whether the server's last answer to one of them was false */
  const answered = new Map<string, boolean>()
  const said = new Map<string, Map<string, Said>>()
  /** whoever was given a false key last, and about whom */
  const misled = new Set<string>()
  let isLying = true
  let endedAt = 0
  // it names no device of its own, so it is in place at once
  void install((line) => {
    const tap = middle(seed, targets, true, line)
    return {
      ...tap,
      async answer(asker, user, signedList) {
        // mail to the false keys is still passed on when the lie has ended, or it would be lost
        const instead = isLying ? await tap.answer(asker, user, signedList) : null
        if (isLying && asker !== user) answered.set(pairOf(asker, user), instead !== null)
        misled[instead ? 'add' : 'delete'](`${asker} ${user}`)
        return instead
      },
    }
  })
  const reading = middleReader(seed, parts.archivePath)

  /** the pairs that began to talk while the server lied */
  const newPairs = () => {
    const here = people()
    return [...answered].filter(
      ([pair]) => !acquainted.has(pair) && pair.split(' ').every((name) => here.includes(name)),
    )
  }

  function standing(pair: string): PairStanding {
    const [one, other] = [...(said.get(pair) ?? new Map<string, Said>()).values()]
    if (one === undefined || other === undefined) return 'waiting'
    return one === other && (one === 'different') === answered.get(pair) ? 'right' : 'again'
  }

  const pairsOf = (name: string) => [...said].filter(([, words]) => words.has(name)).map(([pair]) => pair)
  const isDone = (name: string) => pairsOf(name).some((pair) => standing(pair) === 'right')
  const hint = (other: string) =>
    `You and ${other}: not yet. Compare all twelve groups of digits once more, aloud, each on the page that bears the other's name; then both say again what you found.`

  return {
    id: 'between',
    noteCompared(name, other, what) {
      const pair = pairOf(name, other)
      if (acquainted.has(pair))
        throw new RoomError(
          'bad-request',
          `You and ${other} had written to each other before this began. Choose somebody you have not written to yet.`,
        )
      if (!answered.has(pair)) throw new RoomError('bad-request', `Write to ${other} first, then compare.`)
      said.set(pair, (said.get(pair) ?? new Map<string, Said>()).set(name, what))
    },
    end() {
      if (!isLying) return
      isLying = false
      endedAt = parts.steady()
      parts.hangUp()
    },
    isNeeded: () => isLying || (misled.size > 0 && parts.steady() < endedAt + underWayMs),
    people: () => people().map((name) => ({ name, isDone: isDone(name) })),
    says: (name) =>
      pairsOf(name).map((pair) => {
        const other = pair.split(' ').find((one) => one !== name) ?? ''
        const how = standing(pair)
        if (how === 'waiting') return `What you said of you and ${other} counts when ${other} has said it too.`
        if (how === 'again') return hint(other)
        return answered.get(pair)
          ? `You and ${other} found it: the server gave each of you a key of its own, to read in between.`
          : `You and ${other} are right: no false key is between you.`
      }),
    lines() {
      const all = newPairs()
      const lied = all.filter(([, isFalse]) => isFalse).map(([pair]) => pair)
      const found = lied.filter((pair) => standing(pair) === 'right')
      const compared = all.filter(([pair]) => standing(pair) !== 'waiting')
      const read = reading.count()
      return [
        { text: `${counted(all.length, 'new conversation')}, ${compared.length} compared`, isExposed: false },
        { text: `${found.length} of ${lied.length} with somebody between found`, isExposed: false },
        {
          text: `The server has read ${counted(read, 'message')}, and no key was under the mat`,
          isExposed: read > 0,
        },
      ]
    },
    pairs: () => [],
    serverRead: () => reading.count(),
    stopReading: () => reading.close(),
    // what passes is read on, though the wall shows something else
    close: () => undefined,
  }
}

/** People about whom there is somebody to lie to. @throws RoomError */
function drawTargets(people: readonly string[], acquainted: ReadonlySet<string>, random: Random): readonly string[] {
  const left = people.filter((one) => people.some((other) => one !== other && !acquainted.has(pairOf(one, other))))
  if (left.length === 0)
    throw new RoomError(
      'bad-request',
      'There are no two people here who have not written to each other yet, and between others a server cannot step unnoticed. Let somebody new come in, or begin a new round.',
    )
  const count = Math.max(1, Math.round(left.length * share))
  const drawn = left.map((name) => ({ name, lot: hex(random(8)) }))
  return drawn
    .sort((one, other) => (one.lot < other.lot ? -1 : 1))
    .slice(0, count)
    .map(({ name }) => name)
}

/** Reads, with the server's own false keys, what has passed. */
function middleReader(seed: Uint8Array, archivePath: string) {
  const reader: Reader = puppetReader(keySubstitution.id, [seed], 'by either', () => none.join(new Uint8Array()))
  const messages = new Set<string>()
  let archive: GrowingArchive | null = null
  return {
    count(): number {
      archive ??= followArchive(archivePath)
      for (const recorded of archive.more()) {
        try {
          const reading = reader.read(recorded, decodeEnvelope(recorded.bytes))
          if (reading?.content.kind === 'text') messages.add(`${recorded.fromUser} ${reading.content.id}`)
        } catch (error) {
          // what does not open is read by nobody
          if (!(error instanceof CryptoError)) throw error
        }
      }
      return messages.size
    },
    close: () => archive?.close(),
  }
}
