import type { HostView, Question, ReadByKey, Theft } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { visible } from '../../words/visible.ts'
import { host, trouble } from '../shared/host.ts'
import { Qr } from '../shared/qr.tsx'
import { armouredIn } from '../../../crypto/armour.ts'
import { ExerciseBoard } from './exercise.tsx'
import { Graph } from './graph.tsx'

/** Everything that stands here as read was decrypted a moment ago: by the authority's process, or by what the thief runs. */
export function Wall() {
  const now = host.value
  if (!now) return <p class="waiting">{trouble.value ?? 'One moment …'}</p>
  if (now.blank) return <main class="blank" aria-label="The wall is blank" />
  const isOn = now.mode.id !== 'none'
  const isGuessing = now.answers?.isRevealed === false
  return (
    <main class={isOn ? 'wall on' : 'wall'}>
      <header>
        <h1>{isOn ? `⚠ A key is under the mat: ${now.mode.title}` : 'No key is under the mat'}</h1>
        <Door now={now} />
      </header>
      <section class="picture" aria-label="The room">
        {now.room.people.length < 2 || isGuessing ? <Invitation now={now} /> : <Graph now={now} />}
      </section>
      <section class="meter" aria-label="What can be read right now">
        {now.room.question && now.answers && <Guesses question={now.room.question} answers={now.answers} />}
        {!isGuessing && now.exercise && <ExerciseBoard exercise={now.exercise} names={!now.hideNames} />}
        {!isGuessing &&
          !now.exercise &&
          (now.theft ? <Stick theft={now.theft} names={!now.hideNames} /> : <Meter now={now} />)}
      </section>
    </main>
  )
}

const linkOf = (now: HostView) => now.addresses[0] ?? ''

/** For whoever comes late. */
const Door = ({ now }: { readonly now: HostView }) => (
  <p class="door">
    {linkOf(now).replace('http://', '').replace(/\/#.*/, '')} · <strong>{now.code}</strong>
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

function Meter({ now: { read, passed, room, hideNames, mode } }: { readonly now: HostView }) {
  return (
    <>
      <h2>The authority can read, right now</h2>
      <Figures read={read} conversations={passed.length} people={room.people.length} />
      {read.since !== null && (
        <p>Everything since {timeOf(read.since)}, and nobody’s phone could tell when it is read.</p>
      )}
      {read.messages === 0 && mode.id !== 'none' && <p>Nothing has been sent since the key went under the mat.</p>}
      {read.messages === 0 && mode.id === 'none' && (
        <p>
          The server has carried envelopes between {counted(passed.length, 'pair')} of people. Nobody else has a key to
          them.
        </p>
      )}
      <Lines read={read} names={!hideNames} />
    </>
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

/** The last that fit, of those who agreed that their texts are shown. */
const shownMaximum = 4

function Lines({ read, names }: { readonly read: ReadByKey; readonly names: boolean }) {
  if (read.messages === 0) return null
  const shown = read.lines.slice(-shownMaximum)
  const others = read.messages - shown.length
  return (
    <ul class="lines exposed" aria-label="Read aloud">
      {shown.map(({ time, from, to, text }, i) => (
        <li key={`${time} ${i}`}>
          {names && (
            <span class="who">
              {from} → {to}:{' '}
            </span>
          )}
          {armouredIn(text) === null ? visible(text) : '(a locked text)'}
        </li>
      ))}
      {others > 0 && <li>{counted(others, 'more message')}, read and not shown</li>}
    </ul>
  )
}

const sizeOf = (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`)

function Stick({ theft, names }: { readonly theft: Theft; readonly names: boolean }) {
  const { files, read, fault } = theft
  return (
    <>
      <h2>A thief has {counted(files.length, 'file')}, and nothing else</h2>
      <p class="files">{files.map(({ name, sizeBytes }) => `${name} (${sizeOf(sizeBytes)})`).join(', ')}</p>
      <dl class={read.messages > 0 ? 'figures exposed' : 'figures'}>
        <div>
          <dt>{read.messages === 1 ? 'message read' : 'messages read'}</dt>
          <dd data-meter="stolen" data-digest={read.digest}>
            {read.messages}
          </dd>
        </div>
        <div>
          <dt>conversations</dt>
          <dd>{read.conversations.length}</dd>
        </div>
        <div>
          <dt>people</dt>
          <dd>{peopleIn(read)}</dd>
        </div>
      </dl>
      {fault !== null && <p>It said: {visible(fault.replace(/^doormat: /, ''))}.</p>}
      <Lines read={read} names={names} />
    </>
  )
}

const timeOf = (ms: number) =>
  new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })
