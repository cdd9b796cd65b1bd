import { modeCalled } from '../../crypto/access/index.ts'
import type { Deleted, HostView, ReadByKey, Timeline } from './api.ts'
import type { Ledger } from './authority/words.ts'
import { binMs } from './authority/ledger.ts'
import type { Board } from './board.ts'
import type { Passed } from './passed.ts'
import { questionCalled, questions } from './questions.ts'
import type { OpenRoom } from './room.ts'
import type { Seats } from './seats.ts'
import { stuckIn } from './stuck.ts'
import { switches } from './switches.ts'

export type RoundView = Omit<HostView, 'addresses' | 'certificate' | 'qr' | 'wall'>

/** All that there is to see of a round. */
export interface Seen {
  readonly room: OpenRoom
  readonly board: Board
  readonly passed: Passed
  readonly ledger: Ledger
  readonly stage: Omit<HostView['stage'], 'read'>
  readonly exercise: HostView['exercise']
  readonly serverRead: number
}

/** Those whose texts may be shown, in the order in which they took their seats. */
export const shownIn = (seats: Seats): readonly string[] =>
  seats
    .all()
    .filter(({ mayShow }) => mayShow)
    .map(({ name }) => name)

/** Without the lines of those who have changed their mind since. */
export const stillAgreed = (read: ReadByKey, mayShow: readonly string[]): ReadByKey => ({
  ...read,
  lines: read.lines.filter(({ from }) => mayShow.includes(from)),
})

export function viewOf(seen: Seen): RoundView {
  const { room, board, passed, ledger, stage } = seen
  const { access, theft, order, lookedUp, walk, tapped } = board
  const shown = shownIn(room.seats)
  const agreed = (read: ReadByKey) => stillAgreed(read, shown)
  return {
    room: room.told(),
    code: room.seats.code,
    mode: { id: access.mode, title: modeCalled(access.mode).title, epoch: access.epoch, since: access.since },
    modes: [...switches],
    tapped: [...tapped],
    mayShow: [...shown],
    seated: room.seats.guests().map(({ name, isHere }) => ({ name, isHere })),
    asking: [...room.door.asking()],
    online: [...room.guests.online()],
    passed: [...passed.pairs].map(([pair, envelopes]) => {
      const [one = '', other = ''] = pair.split(' ')
      return { people: [one, other], envelopes }
    }),
    read: ledger.read,
    serverRead: seen.serverRead,
    theft: theft && { ...theft, read: agreed(theft.read) },
    order: order && { ...order, read: agreed(order.read) },
    lookedUp: lookedUp && { ...lookedUp, read: agreed(lookedUp.read) },
    walk,
    stage: { ...stage, read: onStage(ledger) },
    timeline: timelineOf(seen),
    deleted: deletedIn(seen),
    questions: [...questions],
    answers: answersIn(seen),
    exercise: seen.exercise,
    stuck: stuckNow(seen),
  }
}

const onStage = ({ read, ofRoom }: Ledger): HostView['stage']['read'] => ({
  messages: read.messages - ofRoom.messages,
  conversations: read.conversations.length - ofRoom.conversations.length,
})

function timelineOf({ passed, ledger, board }: Seen): Timeline {
  const opened = new Map(ledger.opened)
  const bins = [...passed.bins].map(([at, count]) => ({ at, passed: count, opened: opened.get(at) ?? 0 }))
  return { binMs, bins, events: [...board.events] }
}

const deletedIn = ({ room, board }: Pick<Seen, 'room' | 'board'>): Deleted => ({
  phones: room.seats.guests().filter((seat) => seat.deleted > 0).length,
  messages: room.seats.guests().reduce((sum, seat) => sum + seat.deleted, 0),
  onStage: board.deletedOnStage,
})

function stuckNow({ room, passed }: Seen): HostView['stuck'] {
  const { people, question } = room.told()
  const answered = question && room.seats.guests().filter((seat) => seat.answers[question.id] !== undefined)
  return stuckIn({
    people,
    online: room.guests.online(),
    senders: passed.senders,
    answered: answered && new Set(answered.map(({ name }) => name)),
  })
}

/** How many chose each option of what is asked now, and what came out: without the people on stage, who guess nothing. */
export function answersIn(seen: Omit<Seen, 'exercise'>): HostView['answers'] {
  const { room, board, passed, ledger, stage } = seen
  const question = questionCalled(room.asked())
  if (!question) return null
  const chosen = room.seats
    .guests()
    .filter(({ isHere }) => isHere)
    .map((seat) => seat.answers[question.id])
  const on = board.events.findLast(({ what }) => what === 'on')?.at ?? board.access.since
  const conversations = passed.pairsWithout(stage.people, on).length
  const now = {
    conversations,
    read: ledger.ofRoom,
    theft: board.theft,
    deleted: deletedIn(seen),
    lookedUp: board.lookedUp,
  }
  return {
    votes: question.options.map((_option, i) => chosen.filter((option) => option === i).length),
    isRevealed: board.isRevealed,
    measured: board.isRevealed ? question.measure(now) : null,
  }
}
