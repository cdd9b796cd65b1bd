import type { ModeSecret } from '../../crypto/access/mode.ts'
import type { Adversary } from './exposure.ts'
import type { Played } from './play.ts'

/** Whoever has none of a mode's secrets. */
const without = { secrets: [] } as const

const holding = ({ secrets }: Played): readonly ModeSecret[] | null => (secrets.length > 0 ? secrets : null)

/** The secrets in the hands of one state: the one that has most of them. An assumption, and printed as one. */
function ofOneState({ secrets }: Played): readonly ModeSecret[] | null {
  const states = new Map<string, ModeSecret[]>()
  for (const secret of secrets) states.set(secret.jurisdiction, [...(states.get(secret.jurisdiction) ?? []), secret])
  return [...states.values()].sort((one, other) => other.length - one.length)[0] ?? null
}

const withArchive = (played: Played, secrets: readonly ModeSecret[] | null) =>
  secrets && { envelopes: played.archive, secrets }

/** Each is exactly what the words beside it say: tests/lab/exposure.test.ts. */
export const adversaries: readonly Adversary[] = [
  {
    id: 'wire',
    holds: 'every envelope that passed, and none of the secrets',
    hands: ({ archive }) => ({ envelopes: archive, ...without }),
  },
  {
    id: 'breach',
    holds: "the relay's undelivered mail at one moment, and none of the secrets",
    hands: ({ breached }) => ({ envelopes: breached.undelivered, ...without }),
  },
  {
    id: 'key thief',
    holds: 'all the secrets, and no envelope',
    hands: (played) => holding(played) && { envelopes: [], secrets: played.secrets },
  },
  {
    id: 'key thief and breach',
    holds: "all the secrets, and the relay's undelivered mail at one moment",
    hands: (played) => holding(played) && { envelopes: played.breached.undelivered, secrets: played.secrets },
  },
  {
    id: 'key thief and archive',
    holds: 'all the secrets, and an archive kept from the first day until one moment',
    hands: (played) =>
      holding(played) && {
        envelopes: played.archive.slice(0, played.breached.passed),
        secrets: played.secrets,
      },
  },
  {
    id: 'one secret and archive',
    holds: 'the first of the secrets, and every envelope that passed',
    hands: (played) => withArchive(played, holding(played)?.slice(0, 1) ?? null),
  },
  {
    id: 'one state',
    holds: 'the secrets kept in the state that has most of them, and every envelope that passed',
    hands: (played) => withArchive(played, ofOneState(played)),
  },
  {
    id: 'insider',
    holds: 'what the authority holds: all the secrets, and every envelope that passed; no order',
    hands: (played) => withArchive(played, holding(played)),
  },
]
