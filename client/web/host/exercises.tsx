import type { HostView } from '../../workshop/api.ts'
import { press } from './press.ts'
import { Step } from './step.tsx'

type Id = NonNullable<HostView['exercise']>['id']

interface ExerciseProps {
  readonly now: HostView
}

export const BetweenStep = ({ now }: ExerciseProps) => (
  <Step
    title="Exercise: somebody between"
    from="all"
    say="No key is under the mat, and nothing was announced. But from now on this server may cheat: for some of you it hands out keys of its own, and reads in between. Write to somebody you have not written to yet, compare numbers aloud, and press what you found. Who has somebody between?"
  >
    <p class="faint">
      Only people who write to each other for the first time can be cheated: do this before everybody has written to
      everybody.
    </p>
    <Buttons
      now={now}
      id="between"
      isPossible={now.mode.id === 'none'}
      begin="Let the server lie"
      begun="The server hands out false keys for some people. Phones say what to do; nothing says who."
      end="Stop lying"
      ended="True keys from now on. Phones notice with the next message that they write: let people compare again."
    />
  </Step>
)

export const EvadeStep = ({ now }: ExerciseProps) => (
  <Step
    title="Exercise: evade"
    from="all"
    say="Find one person, and agree on a passphrase aloud. Type it in your conversation, and write: your phone locks the text before the messenger gets it. What does the authority read now? And who is still exposed? Both sides use this: a key under the mat does not stop whoever locks their own texts; and hardly anybody does."
  >
    <Buttons
      now={now}
      id="evade"
      isPossible={now.mode.id !== 'none'}
      begin="Offer a lock of one’s own"
      begun="Phones offer a lock of one’s own, in each conversation of two."
      end="End the exercise"
      ended="The exercise is over; the wall keeps what came out."
    />
  </Step>
)

interface ButtonsProps extends ExerciseProps {
  readonly id: Id
  readonly isPossible: boolean
  readonly begin: string
  readonly begun: string
  readonly end: string
  readonly ended: string
}

function Buttons({ now: { exercise }, id, isPossible, begin, begun, end, ended }: ButtonsProps) {
  const ours = exercise?.id === id ? exercise : null
  const set = (to: Id | null, isOver: boolean, done: string) => press('/host/exercise', { exercise: to, isOver }, done)
  return (
    <>
      {ours && (
        <ul class="plain">
          <li>
            Done by {ours.people.filter(({ isDone }) => isDone).length} of {ours.people.length}.
          </li>
          {ours.lines.map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <div class="buttons">
        <button
          type="button"
          class="danger"
          disabled={!isPossible || (ours !== null && !ours.isOver)}
          onClick={set(id, false, begun)}
        >
          {begin}
        </button>
        <button type="button" disabled={!ours || ours.isOver} onClick={set(id, true, ended)}>
          {end}
        </button>
        {ours && (
          <button type="button" onClick={set(null, false, 'The wall shows the room again.')}>
            Off the wall
          </button>
        )}
      </div>
    </>
  )
}
