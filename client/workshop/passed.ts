import { equal } from '../../crypto/bytes.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { archiveEvidence, followArchive, type GrowingArchive } from '../authority/evidence.ts'
import { binMs } from './authority/ledger.ts'

/** What the server sees without any key: who sent to whom, when, and how much. */
export interface Passed {
  /** pairs of people, names in order -> envelopes */
  readonly pairs: ReadonlyMap<string, number>
  /** who has sent anything */
  readonly senders: ReadonlySet<string>
  /** the ten seconds in which envelopes passed -> how many */
  readonly bins: ReadonlyMap<number, number>
  /**
   * Pairs of which not both are of these.
   * @param since only those between whom something has passed since then, milliseconds since 1970
   */
  pairsWithout(people: readonly string[], since?: number): readonly string[]
  /** Counts what has come since. */
  more(): void
  /** The record of an envelope, as it lies in the archive; null where it is not there. */
  record(envelope: Uint8Array): RecordedEnvelope | null
  close(): void
}

export const pairOf = (one: string, other: string): string => [one, other].sort().join(' ')

export function watchPassing(archivePath: string): Passed {
  const pairs = new Map<string, number>()
  const bins = new Map<number, number>()
  const senders = new Set<string>()
  const latest = new Map<string, number>()
  let archive: GrowingArchive | null = null
  return {
    pairs,
    bins,
    senders,
    pairsWithout: (people, since = 0) =>
      [...pairs.keys()].filter(
        (pair) => !pair.split(' ').every((name) => people.includes(name)) && (latest.get(pair) ?? 0) >= since,
      ),
    more() {
      archive ??= followArchive(archivePath)
      for (const { fromUser, toUser, time } of archive.more()) {
        if (fromUser === toUser) continue
        const [pair, bin] = [pairOf(fromUser, toUser), Math.floor(time / binMs) * binMs]
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
        latest.set(pair, Math.max(latest.get(pair) ?? 0, time))
        senders.add(fromUser)
        bins.set(bin, (bins.get(bin) ?? 0) + 1)
      }
    },
    record(envelope) {
      for (const recorded of archiveEvidence(archivePath)) if (equal(recorded.bytes, envelope)) return recorded
      return null
    },
    close: () => archive?.close(),
  }
}
