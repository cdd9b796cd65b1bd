import { isWithin, type Scope } from '../../authority/order/within.ts'
import { type Adversary, type AdversaryGroup, emptyHands, type Hands } from './exposure.ts'
import type { KeyRing } from '../simulation/operator.ts'
import type { Played } from '../simulation/played.ts'
import { locked } from './seized.ts'

const noSecret = 'this mode has no key'

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

/** In the order of every table. */
export const adversaryGroups: readonly { readonly id: AdversaryGroup; readonly title: string }[] = [
  { id: 'without the keys', title: 'Without the authority’s keys' },
  { id: 'at the authority', title: 'At the authority, with its keys' },
  { id: 'thieves and states', title: 'Thieves and other states' },
  { id: 'device in hand', title: 'With a device in hand' },
]

/** Each is exactly what the words beside it say: tests/lab/exposure.test.ts. */
export const adversaries: readonly Adversary[] = [
  {
    id: 'wire',
    title: 'an eavesdropper on the wire',
    short: 'wire',
    group: 'without the keys',
    holds: 'every envelope that passed, and no key',
    ...withinTheOrder,
    hands: ({ archive }) => ({ ...emptyHands, envelopes: archive }),
  },
  {
    id: 'passive relay',
    title: 'an honest server',
    short: 'honest',
    group: 'without the keys',
    holds: 'everything that the server stores, logs and answers, and what it has to know for its part in the mode',
    ...withinTheOrder,
    hands: ({ archive, holdings }) => ({ ...emptyHands, envelopes: archive, rings: holdings.operator }),
  },
  {
    id: 'active relay',
    title: 'a dishonest server',
    short: 'dishonest',
    group: 'without the keys',
    holds:
      'every envelope, and the false keys that it handed out itself: since the first day it has put an impostor between any two people who begin to write to each other',
    conduct: 'as it likes',
    hands: ({ archive, holdings }) => ({ ...emptyHands, envelopes: archive, rings: holdings.activeRelay }),
  },
  {
    id: 'breach',
    title: 'a break-in at the server',
    short: 'break-in',
    group: 'without the keys',
    holds: 'a copy of the mail that lay undelivered at the server at one moment, and no key',
    ...withinTheOrder,
    hands: ({ breach }) => ({ ...emptyHands, envelopes: breach.undelivered }),
  },
  {
    id: 'order, as used',
    title: 'an order as used',
    short: 'as used',
    group: 'at the authority',
    holds: 'the authority’s keys, used for the one person and the days that the order names, and for nothing else',
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
    title: 'an order without limits',
    short: 'no limits',
    group: 'at the authority',
    holds: 'the same keys and every envelope that passed: what they open when nobody keeps to the order',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.archive }),
  },
  {
    id: 'order, for everybody',
    title: 'an order for everybody',
    short: 'everybody',
    group: 'at the authority',
    holds: 'the same keys, where the operator has tapped everybody and not one person',
    conduct: 'for everybody',
    hands: (played) => withRings(played, { envelopes: played.archive }),
  },
  {
    id: 'insider',
    title: 'an insider at the authority',
    short: 'insider',
    group: 'at the authority',
    holds: 'the same keys and envelopes, without any order',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.archive }),
  },
  {
    id: 'key thief',
    title: 'a key thief',
    short: 'thief',
    group: 'thieves and states',
    holds: 'all the authority’s keys, and no envelope',
    ...withinTheOrder,
    hands: (played) => withRings(played, {}, whole, stolen(played)),
  },
  {
    id: 'key thief and breach',
    title: 'a key thief who breaks in',
    short: '+break-in',
    group: 'thieves and states',
    holds: 'all the authority’s keys, and the mail that lay undelivered at the server at one moment',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.breach.undelivered }, whole, stolen(played)),
  },
  {
    id: 'key thief and archive',
    title: 'a key thief with a recording',
    short: '+recording',
    group: 'thieves and states',
    holds: 'all the authority’s keys, and a recording from the first day until the theft',
    ...withinTheOrder,
    hands: (played) =>
      withRings(played, { envelopes: played.archive.slice(0, played.breach.passed) }, whole, stolen(played)),
  },
  {
    id: 'one secret and archive',
    title: 'a thief of one key',
    short: 'one key',
    group: 'thieves and states',
    holds: 'the first of the authority’s keys, and every envelope that passed',
    ...withinTheOrder,
    hands: (played) =>
      withRings(played, { envelopes: played.archive }, firstSecret, played.holdings.authority.slice(0, 1)),
  },
  {
    id: 'one state',
    title: 'one state',
    short: 'one state',
    group: 'thieves and states',
    holds: 'the keys kept in the state that has most of them (an assumption), and every envelope that passed',
    ...withinTheOrder,
    hands: (played) => withRings(played, { envelopes: played.archive }, ofOneState),
  },
  {
    id: 'another state',
    title: 'another state',
    short: 'abroad',
    group: 'thieves and states',
    holds: 'no key of the authority’s, but the switch: it compels the operator to use the mode with keys of its own',
    ...withinTheOrder,
    hands: ({ archive, holdings: { anotherState } }) =>
      anotherState.length > 0
        ? { ...emptyHands, envelopes: archive, rings: anotherState }
        : 'no access mode exists that could be switched on',
  },
  {
    id: 'locked device',
    title: 'a locked device',
    short: 'locked',
    group: 'device in hand',
    holds: 'a copy of the target’s device at the moment of the theft, locked by a passphrase',
    ...withinTheOrder,
    hands: ({ world, breach }) => ({
      ...emptyHands,
      device: { owner: world.target, snapshot: locked(breach.devices.target), words: null, mail: [] },
    }),
  },
  {
    id: 'unlocked device',
    title: 'an unlocked device',
    short: 'unlocked',
    group: 'device in hand',
    holds:
      'a copy of the target’s device at the moment of the theft, without a passphrase; whoever has it could also write',
    ...withinTheOrder,
    hands: ({ world, breach }) => ({
      ...emptyHands,
      device: { owner: world.target, snapshot: breach.devices.target, words: null, mail: [] },
    }),
  },
  {
    id: 'unlocked device and wire',
    title: 'an unlocked device and the wire',
    short: '+wire',
    group: 'device in hand',
    holds: 'the same copy, and every envelope that was sent to its owner, before and after',
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
    title: 'a partner at home',
    short: 'partner',
    group: 'device in hand',
    holds:
      'five minutes with somebody else’s unlocked device, reading the newest messages first at 250 words a minute (an assumption)',
    ...withinTheOrder,
    hands: ({ world, breach }) => ({
      ...emptyHands,
      device: { owner: world.shared, snapshot: breach.devices.shared, words: fiveMinutesOfWords, mail: [] },
    }),
  },
]
