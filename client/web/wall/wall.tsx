import type { HostView, Question, ReadByKey, Theft } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import { visible } from '../../words/visible.ts'
import { host, trouble } from '../shared/host.ts'
import { Qr } from '../shared/qr.tsx'
import { Certificate } from './certificate.tsx'
import { ExerciseBoard } from './exercise.tsx'
import { Desks } from './desks.tsx'
import { Graph } from './graph.tsx'
import { Lines } from './lines.tsx'
import { OrderAndClerk } from './order.tsx'
import { LineOfTime } from './time.tsx'

/** Everything that stands here as read was decrypted a moment ago: by the authority's process, or by what the thief runs. */
export function Wall() {
  const now = host.value
  if (!now) return <p class="waiting">{trouble.value ?? 'One moment …'}</p>
  if (now.wall.isBlank) return <main class="blank" aria-label="The wall is blank" />
  const isOn = now.mode.id !== 'none'
  return (
    <main class={isOn ? 'wall on' : 'wall'}>
      <header>
        <h1>{isOn ? `⚠ Under the mat: ${now.mode.title}` : 'No key is under the mat'}</h1>
        <Door now={now} />
      </header>
      <Scene now={now} />
    </main>
  )
}

function Scene({ now }: { readonly now: HostView }) {
  const { scene } = now.wall
  // a question is for everybody, whatever was shown before
  if (now.room.question || scene === 'room' || scene === 'door') return <RoomScene now={now} />
  if (scene === 'walk') return <Desks now={now} />
  return scene === 'order' ? <OrderAndClerk now={now} /> : <LineOfTime now={now} />
}

function RoomScene({ now }: { readonly now: HostView }) {
  const isGuessing = now.answers?.isRevealed === false
  const isDoor = now.wall.scene === 'door' && !now.room.question
  const isQuiet = now.mode.id === 'none' && now.read.messages === 0 && !now.exercise
  return (
    <>
      <section class="picture" aria-label="The room">
        {isDoor || isGuessing ? <Invitation now={now} /> : <Graph now={now} />}
      </section>
      <section class="meter" aria-label="What can be read right now">
        {now.room.question && now.answers && <Guesses question={now.room.question} answers={now.answers} />}
        {isDoor && <AtTheDoor now={now} isQuiet={isQuiet} />}
        {!isDoor && !isGuessing && <Readable now={now} />}
      </section>
    </>
  )
}

/** What the room does, while it does an exercise; what a thief reads, once there was one; else what the authority does. */
function Readable({ now }: { readonly now: HostView }) {
  const names = !now.wall.hidesNames
  if (now.exercise) return <ExerciseBoard exercise={now.exercise} names={names} />
  return now.theft ? (
    <Stick theft={now.theft} modes={now.modes} names={names} isShort={now.room.question !== null} />
  ) : (
    <Meter now={now} />
  )
}

/** Who wants to come in over a warning needs to know of it more than what can be read inside. */
function AtTheDoor({ now, isQuiet }: { readonly now: HostView; readonly isQuiet: boolean }) {
  if (now.certificate) return <Certificate certificate={now.certificate} people={now.room.people.length} />
  return isQuiet ? <Guests now={now} /> : <Readable now={now} />
}

/** Who has come in so far. */
function Guests({ now: { room, wall } }: { readonly now: HostView }) {
  return (
    <>
      <h2>{counted(room.people.length, 'person is', 'people are')} here</h2>
      {!wall.hidesNames && <p class="guests">{room.people.join(', ')}</p>}
      <p>Everybody here, and who writes to whom, stands on this wall. What you write stands here only if you agreed.</p>
    </>
  )
}

const linkOf = (now: HostView) => now.addresses[0] ?? ''

/** For whoever comes late. */
const Door = ({ now }: { readonly now: HostView }) => (
  <p class="door">
    {linkOf(now)
      .replace(/^https?:\/\//, '')
      .replace(/\/#.*/, '')}{' '}
    · <strong>{now.code}</strong>
  </p>
)

const Invitation = ({ now }: { readonly now: HostView }) => (
  <div class="invitation">
    <Qr rows={now.qr} label={`QR code of ${linkOf(now)}`} />
    <p>
      Join this room’s Wi-Fi, then scan. Or type <strong>{linkOf(now).replace(/\/#.*/, '')}</strong> and the code{' '}
      <strong>{now.code}</strong>.
    </p>
  </div>
)

interface GuessesProps {
  readonly question: Question
  readonly answers: NonNullable<HostView['answers']>
}

/** What people thought, as bars; and beside it what was measured. */
function Guesses({ question, answers: { votes, measured } }: GuessesProps) {
  const most = Math.max(1, ...votes)
  return (
    <section class="guesses" aria-label="Guesses">
      <h2>{question.text}</h2>
      <ul>
        {question.options.map((option, i) => (
          <li key={option}>
            <span class="option">{option}</span>
            <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(100 * (votes[i] ?? 0)) / most} height="10" />
            </svg>
            <span class="votes">{votes[i] ?? 0}</span>
          </li>
        ))}
      </ul>
      {measured !== null && <p class="exposed">{measured}</p>}
    </section>
  )
}

/** Of the people in the room, those who have at least one message that opens. */
const peopleIn = (read: ReadByKey) => new Set(read.conversations.flatMap(({ people }) => people)).size

function Meter({ now }: { readonly now: HostView }) {
  const { read, passed, room, wall, mode, modes, stage, order, serverRead } = now
  const people = new Set([...room.people, ...passed.flatMap((pair) => pair.people)]).size
  const isShared = (modes.find(({ id }) => id === mode.id)?.holders.length ?? 0) > 1
  const reader = isShared ? 'The custodians together' : 'The authority'
  const locked = read.locked.flat().reduce((sum, one) => sum + one.locked, 0)
  return (
    <>
      <h2>
        {mode.id === 'none' && read.messages > 0
          ? 'The authority has read, and keeps'
          : `${reader} can read, right now`}
      </h2>
      <Figures read={read} conversations={passed.length} people={people} />
      {stage.read.messages > 0 && (
        <p>
          {stage.read.messages} of them, in {counted(stage.read.conversations, 'conversation')}, on stage.
        </p>
      )}
      {order && <p>One order has named 1 person.</p>}
      {locked > 0 && <p>{locked} of them are locked by their writers: opened, and not understood.</p>}
      <Since now={now} />
      {serverRead > 0 && (
        <p class="exposed">The server itself has read {counted(serverRead, 'message')}, with false keys.</p>
      )}
      {read.messages === 0 && mode.id !== 'none' && <p>Nothing has been sent since the key went under the mat.</p>}
      {read.messages === 0 && mode.id === 'none' && (
        <p>
          The server has carried envelopes between {counted(passed.length, 'pair')} of people. The authority has no key
          to them.
        </p>
      )}
      {!room.question && <Lines read={read} names={!wall.hidesNames} />}
    </>
  )
}

/** From when to when what was sent is readable. */
function Since({ now: { read, mode, modes, tapped, wall } }: { readonly now: HostView }) {
  if (read.since === null || read.until === null) return null
  if (mode.id === 'none')
    return (
      <p>
        Sent between {timeOf(read.since)} and {timeOf(read.until)}. What is sent now, it cannot read.
      </p>
    )
  if (!modes.some(({ id, isForSome }) => id === mode.id && isForSome))
    return <p>Everything since {timeOf(mode.since)}, and nobody’s phone could tell when it is read.</p>
  const whose = wall.hidesNames ? counted(tapped.length, 'person', 'people') : listed(tapped)
  return (
    <p>
      Since {timeOf(mode.since)}: what {whose} sent and got.
    </p>
  )
}

interface FiguresProps {
  readonly read: ReadByKey
  readonly conversations: number
  readonly people: number
}

const Figures = ({ read, conversations, people }: FiguresProps) => (
  <dl class={read.messages > 0 ? 'figures exposed' : 'figures'}>
    <div>
      <dt>{read.messages === 1 ? 'message' : 'messages'}</dt>
      <dd data-meter="messages" data-digest={read.digest}>
        {read.messages}
      </dd>
    </div>
    <div>
      <dt>of {conversations} conversations</dt>
      <dd data-meter="conversations">{read.conversations.length}</dd>
    </div>
    <div>
      <dt>of {people} people</dt>
      <dd data-meter="people">{peopleIn(read)}</dd>
    </div>
  </dl>
)

function whoTook({ by, files }: Theft): string {
  if (by === 'thief') return `A thief has ${counted(files.length, 'file')}, and nothing else`
  const [first = '', ...others] = by
  const who = listed([`${first.slice(0, 1).toUpperCase()}${first.slice(1)}`, ...others])
  return `${who} ${by.length === 1 ? 'has' : 'have'} compelled ${counted(files.length - 1, 'custodian')}`
}

/** The files of a thief; the custodians of a state, who hand over a key each. */
function whatTheyHave({ by, files }: Theft, modes: HostView['modes']): string {
  if (by === 'thief') return files.map(({ name, sizeBytes }) => `${name} (${sizeOf(sizeBytes)})`).join(', ')
  const key = files.find(({ name }) => name.endsWith('.key'))
  const mode = modes.find(({ id }) => key?.name.startsWith(`${id}.`))
  return `${listed((mode?.holders ?? []).filter(({ jurisdiction }) => by.includes(jurisdiction)).map(({ holder }) => holder))}; and what the server keeps.`
}

const sizeOf = (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`)

interface StickProps {
  readonly theft: Theft
  readonly modes: HostView['modes']
  readonly names: boolean
  /** whether other things need the room */
  readonly isShort: boolean
}

function Stick({ theft, modes, names, isShort }: StickProps) {
  const { read, fault } = theft
  return (
    <>
      <h2>{whoTook(theft)}</h2>
      <p class="files">{whatTheyHave(theft, modes)}</p>
      <dl class={read.messages > 0 ? 'figures exposed' : 'figures'}>
        <div>
          <dt>{read.messages === 1 ? 'message read' : 'messages read'}</dt>
          <dd data-meter="stolen" data-digest={read.digest}>
            {read.messages}
          </dd>
        </div>
        <div>
          <dt>{read.conversations.length === 1 ? 'conversation' : 'conversations'}</dt>
          <dd>{read.conversations.length}</dd>
        </div>
        <div>
          <dt>people</dt>
          <dd>{peopleIn(read)}</dd>
        </div>
      </dl>
      {fault !== null && <p>It said: {visible(fault.replace(/^doormat: /, ''))}.</p>}
      {!isShort && <Lines read={read} names={names} />}
    </>
  )
}

const timeOf = (ms: number) =>
  new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
