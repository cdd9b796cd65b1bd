import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { generatePolicyPair } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import { defaultLimits } from '../../../server/limits.ts'
import { mailboxMaximumMessages } from '../../../server/mailbox.ts'
import { createRelay, type LocalRelay } from '../../../server/relay.ts'
import { openSqliteStore } from '../../../server/store/sqlite-store.ts'
import { operatorToken } from './operator.ts'

/** The messenger's own relay in this process, with an archive in memory. */
export interface RecordingRelay {
  readonly relay: LocalRelay
  /** every envelope that it took, in order */
  readonly archive: readonly RecordedEnvelope[]
  /** What stands in its mailboxes, whosever they are: a device that has collected lets the relay forget. */
  undelivered(): readonly RecordedEnvelope[]
}

/** @param people how many may register at once */
export function createRecordingRelay(people: number, random: Random, clock: () => number): RecordingRelay {
  const archive: RecordedEnvelope[] = []
  const store = openSqliteStore(':memory:')
  let waiting: RecordedEnvelope[] = []
  const relay = createRelay({
    store,
    policyPair: generatePolicyPair(random),
    operatorToken,
    archive: {
      append: (recorded) => void waiting.push(recorded),
      flush() {
        archive.push(...waiting)
        waiting = []
      },
      discard: () => void (waiting = []),
      close: () => undefined,
    },
    random,
    clock,
    limits: { ...defaultLimits, registrations: { burst: people, perSecond: 1 } },
  })
  return {
    relay,
    archive,
    undelivered() {
      const mailboxes = new Map(
        archive.map(({ toUser, toDevice }) => [
          store.device({ user: toUser, device: toDevice })?.row,
          { toUser, toDevice },
        ]),
      )
      return [...mailboxes].flatMap(([row, to]) =>
        row === undefined
          ? []
          : store.mailAfter(row, 0, mailboxMaximumMessages).map(({ time, from, envelope: bytes }) => ({
              time,
              fromUser: from.user,
              fromDevice: from.device,
              ...to,
              bytes,
            })),
      )
    },
  }
}
