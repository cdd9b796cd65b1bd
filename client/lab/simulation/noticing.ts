import { hex } from '../../../crypto/bytes.ts'
import type { RecordedEnvelope } from '../../../crypto/access/mode.ts'
import { type Actor, sameNumber } from './actor.ts'
import type { Truth } from './truth.ts'
import type { Share } from './share.ts'
import { evasionIn } from '../world/evasion.ts'
import type { World } from '../world/world.ts'

/** Somebody who could have noticed, and how many did in this run. */
export interface Detection {
  readonly id: string
  /** what is looked at, and by whom */
  readonly runBy: string
  readonly noticed: Share
}

/** What a world looks like to those in it at one moment. */
export interface Outlook {
  readonly actors: ReadonlyMap<string, Actor>
  /** every envelope so far */
  readonly archive: readonly RecordedEnvelope[]
  /** people who compared numbers before they wrote, and found another one */
  readonly warned: ReadonlySet<string>
  readonly modeId: string
}

interface Detector {
  readonly id: string
  readonly runBy: string
  /** whether somebody notices, or would if they ran it */
  readonly notices: (actor: Actor, outlook: Outlook) => boolean
}

export const isTold = ({ device }: Actor, kind: string, text?: string) =>
  device.store.tables.history
    .all()
    .filter((entry) => entry.kind === kind)
    .some(({ row }) => text === undefined || device.history.after(row - 1, null, 1)[0]?.text === text)

/** Whoever could have noticed, with what they would have had to do. Each is run on every person. */
const detectors: readonly Detector[] = [
  {
    id: 'announcement',
    runBy: 'every client by itself: the operator’s signed policy names the mode in force',
    notices: (actor, { modeId }) => modeId !== 'none' && isTold(actor, 'access', modeId),
  },
  {
    id: 'changed key',
    runBy: 'every client by itself: somebody’s account key has changed',
    notices: (actor) => isTold(actor, 'account-changed') || isTold(actor, 'own-account'),
  },
  {
    id: 'compared first',
    runBy: 'people who compared safety numbers before they wrote: the numbers differ',
    notices: ({ person: { name } }, { warned }) => warned.has(name),
  },
  {
    id: 'safety number',
    runBy: 'anybody who compares safety numbers with everybody they know',
    notices: ({ device, person: { name }, numberWith }, { actors }) =>
      device.contacts.all().some(({ user }) => {
        const [ours, theirs] = [numberWith(user), actors.get(user)?.numberWith(name)]
        return !!ours && !!theirs && !sameNumber(ours, theirs)
      }),
  },
  {
    id: 'unsigned list',
    runBy: 'anybody with an honest client: the server’s directory gave an answer that no account had signed',
    notices: (actor) => actor.sawUnsigned(),
  },
  {
    id: 'one ciphertext too many',
    runBy: 'anybody who counts what their own device sends: it writes to more devices than it shows',
    notices: ({ device, person: { name }, shown: before }, { archive }) => {
      const shown = new Set([
        ...before,
        ...device.self.list.devices.map(({ id }) => hex(id)),
        ...device.contacts.all().flatMap(({ list }) => list.devices.map(({ id }) => hex(id))),
      ])
      const own = hex(device.self.device.record.id)
      return archive.some(
        ({ fromUser, fromDevice, toDevice }) =>
          fromUser === name && hex(fromDevice) === own && !shown.has(hex(toDevice)),
      )
    },
  },
]

/** Runs each detector on everybody, as things stand. */
export function detections(outlook: Outlook): readonly Detection[] {
  const people = [...outlook.actors.values()]
  return detectors.map(({ id, runBy, notices }) => ({
    id,
    runBy,
    noticed: { read: people.filter((actor) => notices(actor, outlook)).length, of: people.length },
  }))
}

/** What shows only later. @param lost messages that nobody has received */
export function missing(lost: readonly Truth[], world: World): Detection {
  const evasion = evasionIn(world)
  const unheard = new Set(lost.filter(({ from, to }) => evasion(from, to) === null).map(({ from }) => from))
  return {
    id: 'missing messages',
    runBy: 'two people who also talk elsewhere: a message never arrived',
    noticed: { read: unheard.size, of: world.people.length },
  }
}
