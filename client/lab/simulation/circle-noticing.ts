import type { Actor } from './actor.ts'
import { type Detection, detections, isTold, type Outlook } from './noticing.ts'

/** What was said in a group, as far as detectors need it. */
interface Said {
  readonly from: string
  readonly arrived: readonly string[]
}

interface CircleOutlook extends Outlook {
  readonly peer: string
  /** all who were meant to be in the group */
  readonly people: readonly string[]
  readonly truth: readonly Said[]
}

interface CircleDetector {
  readonly id: string
  readonly runBy: string
  readonly notices: (actor: Actor, outlook: CircleOutlook) => boolean
}

const groupOf = ({ device }: Actor, peer: string) => device.groups.get(peer)

/** What a group has besides: each is run on every one of its people. */
const detectors: readonly CircleDetector[] = [
  {
    id: 'member list',
    runBy: 'anybody who looks at the list of members and knows who should be in it: a name too many, or one missing',
    notices: (actor, { peer, people }) => {
      const names = groupOf(actor, peer)?.now.members.map(({ user }) => user)
      return names !== undefined && names.toSorted().join() !== people.toSorted().join()
    },
  },
  {
    id: 'group number',
    runBy: 'anybody who compares the group’s number with all others who have it',
    notices: (actor, { peer, actors }) => {
      const ours = groupOf(actor, peer) && actor.device.groups.number(peer).join()
      return (
        ours !== null &&
        [...actors.values()].some((other) => groupOf(other, peer) && other.device.groups.number(peer).join() !== ours)
      )
    },
  },
  {
    id: 'no such group',
    runBy: 'two people who speak of the group elsewhere: one of them does not have it',
    notices: (actor, { peer, actors }) => {
      const having = [...actors.values()].filter((other) => groupOf(other, peer)?.isOurs)
      return having.length < actors.size && (having.length > 0 || groupOf(actor, peer) !== null)
    },
  },
  {
    id: 'told different things',
    runBy: 'every client by itself: two hashes under one number of a member’s',
    notices: ({ device }, { peer }) =>
      device.history.after(0, peer, 10_000).some(({ kind, text }) => kind === 'group' && text.startsWith('differs')),
  },
  {
    id: 'device list',
    runBy: 'anybody who looks at how many devices their client shows of each member: one too many',
    notices: ({ device }) =>
      [device.self.list, ...device.contacts.all().map(({ list }) => list)].some(({ devices }) => devices.length > 1),
  },
  {
    id: 'unreadable',
    runBy: 'every client by itself: a message came that it refuses',
    notices: (actor) => isTold(actor, 'unreadable'),
  },
  {
    id: 'missing messages',
    runBy: 'members who also talk elsewhere: something that one has written has not come to all others',
    notices: ({ person: { name } }, { people, truth }) =>
      truth.some(({ from, arrived }) => from === name && arrived.length < people.length - 1),
  },
]

/** Runs each detector on everybody of a circle, as things stand. */
export function circleDetections(outlook: CircleOutlook): readonly Detection[] {
  const everybody = [...outlook.actors.values()]
  const ofGroup = detectors.map(({ id, runBy, notices }) => ({
    id,
    runBy,
    noticed: { read: everybody.filter((actor) => notices(actor, outlook)).length, of: everybody.length },
  }))
  return [...detections(outlook), ...ofGroup]
}
