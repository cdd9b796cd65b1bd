import { isWithin, type Scope } from '../../authority/order/within.ts'
import { type Adversary, emptyHands, type Hands } from './exposure.ts'
import type { KeyRing } from '../simulation/operator.ts'
import type { Played } from '../simulation/played.ts'
import { locked } from './seized.ts'

const noSecret = 'this mode has no secret'

type Part = (ring: KeyRing) => KeyRing
const whole: Part = (ring) => ring
const firstSecret: Part = (ring) => ({ ...ring, secrets: ring.secrets.slice(0, 1) })

/** Hands with what the authority holds, or with a part of it. */
function withRings(
  { holdings }: Played,
  more: Partial<Hands>,
  part = whole,
  those = holdings.authority,
): Hands | string {
  const rings = those.map(part)
  return rings.length > 0 ? { ...emptyHands, rings, ...more } : noSecret
}

/** The secrets in the hands of one state: the one that has most of them. An assumption, and printed as one. */
function ofOneState({ secrets, ...ring }: KeyRing): KeyRing {
  const states = new Set(secrets.map(({ jurisdiction }) => jurisdiction))
  const [most = []] = [...states]
    .map((state) => secrets.filter(({ jurisdiction }) => jurisdiction === state))
    .sort((one, other) => other.length - one.length)
  return { ...ring, secrets: most }
}

/** A thief has the keys that there were. */
const stolen = ({ holdings, timetable }: Played): readonly KeyRing[] =>
  holdings.authority.filter(({ since }) => since <= timetable.breach)

/** One person, and the time for which the mode was on: the widest that the order for the target can be. */
export const scopeOf = ({ world: { target }, timetable: { on, off } }: Played): Scope => ({
  person: target,
  window: { from: on, to: off },
})

const fiveMinutesOfWords = 5 * 250

const withinTheOrder = { conduct: 'within the order' } as const

/** Each is exactly what the words beside it say: tests/lab/exposure.test.ts. */
export const adversaries: readonly Adversary[] = [
  {
    id: 'wire',
    holds: 'every envelope that passed, and no secret',
    ...withinTheOrder,
    hands: ({ archive }) => ({ ...emptyHands, envelopes: archive }),
  },
  {
    id: 'passive relay',
    holds: 'what the relay stores, logs and answers, and what it needs to know for its part in the mode',
    ...withinTheOrder,
    hands: ({ archive, holdings }) => ({ ...emptyHands, envelopes: archive, rings: holdings.operator }),
  },
  {
    id: 'active relay',
    holds:
      'every envelope, and the keys it made itself: impostors between any two who begin to write, from the first day',
    conduct: 'as it likes',
    hands: ({ archive, holdings }) => ({ ...emptyHands, envelopes: archive, rings: holdings.activeRelay }),
  },
  {
    id: 'breach',
    holds: "the relay's undelivered mail at one moment, and no secret",
    ...withinTheOrder,
    hands: ({ breach }) => ({ ...emptyHands, envelopes: breach.undelivered }),
  },
  {
    id: 'order, as used',
    holds: "the authority's secrets, used for the target and the time that an order names, and for nothing else",
    ...withinTheOrder,
    hands: (played) => {
      const scope = scopeOf(played)
      const fromTheBeginning = { ...scope, window: { ...scope.window, from: 0 } }
      return withRings(played, {
        envelopes: played.archive.filter((recorded) => isWithin(fromTheBeginning, recorded)),
        within: scope,
      })
    },
  },
  {
    id: 'order, as possible',
    holds: 'the same secrets, and every envelope that passed: what they open when nobody keeps to the order',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.archive }),
  },
  {
    id: 'order, for everybody',
    holds: 'the same, where the operator has done their part in the mode for everybody and not for one person',
    conduct: 'for everybody',
    hands: (played) => withRings(played, { envelopes: played.archive }),
  },
  {
    id: 'insider',
    holds: 'the same hands without any order',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.archive }),
  },
  {
    id: 'key thief',
    holds: "all the authority's secrets, and no envelope",
    ...withinTheOrder,
    hands: (played) => withRings(played, {}, whole, stolen(played)),
  },
  {
    id: 'key thief and breach',
    holds: "all the authority's secrets, and the relay's undelivered mail at one moment",
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.breach.undelivered }, whole, stolen(played)),
  },
  {
    id: 'key thief and archive',
    holds: "all the authority's secrets, and an archive kept from the first day until the breach",
    ...withinTheOrder,
    hands: (played) =>
      withRings(played, { envelopes: played.archive.slice(0, played.breach.passed) }, whole, stolen(played)),
  },
  {
    id: 'one secret and archive',
    holds: "the first of the authority's secrets, and every envelope that passed",
    ...withinTheOrder,
    hands: (played) =>
      withRings(played, { envelopes: played.archive }, firstSecret, played.holdings.authority.slice(0, 1)),
  },
  {
    id: 'one state',
    holds: 'the secrets kept in the state that has most of them (an assumption), and every envelope that passed',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.archive }, ofOneState),
  },
  {
    id: 'another state',
    holds: 'no secret of the authority, but the switch: it compels the operator to use the mode with keys of its own',
    ...withinTheOrder,
    hands: ({ archive, holdings: { anotherState } }) =>
      anotherState.length > 0
        ? { ...emptyHands, envelopes: archive, rings: anotherState }
        : 'no client has a mode that could be switched on',
  },
  {
    id: 'locked device',
    holds: "a copy of the target's device at the moment of the breach, behind a passphrase",
    ...withinTheOrder,
    hands: ({ world, breach }) => ({
      ...emptyHands,
      device: { owner: world.target, snapshot: locked(breach.devices.target), words: null, mail: [] },
    }),
  },
  {
    id: 'unlocked device',
    holds: "a copy of the target's device at the moment of the breach, without a passphrase; it could write as well",
    ...withinTheOrder,
    hands: ({ world, breach }) => ({
      ...emptyHands,
      device: { owner: world.target, snapshot: breach.devices.target, words: null, mail: [] },
    }),
  },
  {
    id: 'unlocked device and wire',
    holds: 'the same copy, and every envelope to its owner that passed, before and after',
    ...withinTheOrder,
    hands: ({ world: { target: owner }, archive, breach }) => ({
      ...emptyHands,
      device: {
        owner,
        snapshot: breach.devices.target,
        words: null,
        mail: archive.filter(({ toUser }) => toUser === owner),
      },
    }),
  },
  {
    id: 'partner at home',
    holds:
      'five minutes with an unlocked device of somebody else, reading the newest first, 250 words a minute (an assumption)',
    ...withinTheOrder,
    hands: ({ world, breach }) => ({
      ...emptyHands,
      device: { owner: world.shared, snapshot: breach.devices.shared, words: fiveMinutesOfWords, mail: [] },
    }),
  },
]
