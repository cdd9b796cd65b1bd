import { signal } from '@preact/signals'
import { useState } from 'preact/hooks'
import type { HostView } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import { act, host, token, trouble } from '../shared/host.ts'
import { Qr } from '../shared/qr.tsx'
import { BetweenStep, EvadeStep } from './exercises.tsx'
import { Step } from './step.tsx'
import { Stuck } from './stuck.tsx'

/** what came of the last button */
const answer = signal<string | null>(null)

const press = (path: string, body: object, done: string) => (): void =>
  void act(path, body).then(
    () => (answer.value = done),
    (error: Error) => (answer.value = error.message),
  )

/** The plan of a workshop, in order: what to press, and what to say. */
export function HostPage() {
  const now = host.value
  if (!now) return <main class="plan">{trouble.value ?? 'One moment …'}</main>
  return (
    <main class="plan">
      <header>
        <h1>The host’s page</h1>
        <p>
          {now.mode.id === 'none' ? (
            'No key is under the mat.'
          ) : (
            <strong class="exposed">Under the mat: {now.mode.title}.</strong>
          )}{' '}
          {counted(now.room.people.length, 'person', 'people')} of {now.room.seats} seats, {now.online.length}{' '}
          connected.
        </p>
        <p>
          <a href={`/wall#${token()}`} target="_blank" rel="noreferrer">
            Open the wall
          </a>{' '}
          and put it on the projector.
        </p>
        {trouble.value !== null && <p class="fault">{trouble.value}</p>}
        {answer.value !== null && (
          <p class="fault" role="status">
            {answer.value}
          </p>
        )}
      </header>
      <Plan now={now} />
      <Stuck now={now} />
      <Aside now={now} />
    </main>
  )
}

function Plan({ now }: { readonly now: HostView }) {
  const keys = now.modes.filter(({ id }) => id !== 'none')
  const [mode, setMode] = useState(keys[0]?.id ?? '')
  const chosen = keys.find(({ id }) => id === mode)
  const isOn = now.mode.id !== 'none'
  return (
    <ol class="steps">
      <Step
        title="Let them in"
        say="Scan the code, read the notice, choose whether your texts may be shown, and take a name. Write nothing that you would not say aloud in this room."
      >
        <div class="door">
          <Qr rows={now.qr} label={`QR code of ${now.addresses[0]}`} />
          <ul>
            {now.addresses.map((address) => (
              <li key={address}>{address}</li>
            ))}
            <li>
              code <strong>{now.code}</strong>
            </li>
          </ul>
        </div>
      </Step>
      <Step
        title="Talk, without a key"
        say="Write to your neighbour, then to everybody. Press “Look inside” on something that you sent: those bytes are all that this laptop has of it. Then compare numbers with your neighbour, aloud."
      >
        <p>
          Envelopes have passed between {counted(now.passed.length, 'pair')} of people. The authority reads{' '}
          {counted(now.read.messages, 'message')}.
        </p>
      </Step>
      <BetweenStep {...{ now, press }} />
      <Step
        title="Put the key under the mat"
        say="A court has ordered this service to build in access. I throw the switch now. Look at your phones: what has changed? Go on writing."
      >
        <label>
          Which access mode
          <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
            {keys.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {chosen && <p class="faint">{chosen.who}</p>}
        <button
          type="button"
          class="danger"
          disabled={now.mode.id === mode}
          onClick={press('/host/switch', { mode }, 'The key is under the mat: every phone says so.')}
        >
          Throw the switch
        </button>
      </Step>
      <Step
        title="Predict, then see"
        say="Guess, on your phones. The wall shows what you think, and nothing else. Then we look: the red line is what was measured, by opening."
      >
        {now.questions.map(({ id, text }) => (
          <Asking key={id} now={now} id={id} text={text} />
        ))}
      </Step>
      <Step
        title="Read the wall together"
        say="Nobody here was named in any order. How many of our conversations can the key open? The wall has just counted, by opening them. Red lines are yours, if you agreed to that."
      >
        <p>
          The authority’s process has opened {counted(now.read.messages, 'message')} in{' '}
          {counted(now.read.conversations.length, 'conversation')}.
        </p>
      </Step>
      <EvadeStep {...{ now, press }} />
      <Step
        title="Everybody deletes"
        say="You would like it to be gone. I ask all phones to delete everything that was written. Scroll: it is gone. Is it?"
      >
        <p>
          {counted(now.deleted.messages, 'message')} deleted on {counted(now.deleted.phones, 'phone')}.
        </p>
        <button
          type="button"
          onClick={press('/host/delete', {}, 'All phones that are connected delete their messages.')}
        >
          Ask all phones to delete
        </button>
      </Step>
      <Step
        title="The key is stolen"
        say="A clerk, a burglar, or another state: somebody copies the key and the recorded traffic to a stick. It is opened by a program in another folder that has these files and nothing else."
      >
        <div class="buttons">
          <button type="button" class="danger" onClick={press('/host/steal', {}, 'The stick is on the wall.')}>
            Steal one key file
          </button>
          <button type="button" class="danger" onClick={press('/host/steal-all', {}, 'The stick is on the wall.')}>
            Steal all key files of the mode
          </button>
        </div>
        {now.theft && (
          <p>
            In <code>{now.theft.folder}</code>: <code>{now.theft.command}</code>
          </p>
        )}
      </Step>
      <Step
        title="Take the key away"
        say="The law is repealed, and the key goes. Write once more. What you write now is safe again. And what you wrote before?"
      >
        <button
          type="button"
          disabled={!isOn}
          onClick={press('/host/switch', { mode: 'none' }, 'No key is under the mat any more.')}
        >
          Take the key away
        </button>
      </Step>
      <Step title="The next group" say="Thank you. Everything of this round is deleted now, here and on your phones.">
        <Reset people={now.room.people} />
      </Step>
    </ol>
  )
}

interface AskingProps {
  readonly now: HostView
  readonly id: string
  readonly text: string
}

function Asking({ now: { room, answers }, id, text }: AskingProps) {
  const isAsked = room.question?.id === id
  const to = (question: string | null, isRevealed: boolean, done: string) =>
    press('/host/ask', { question, isRevealed }, done)
  return (
    <div>
      <p>{text}</p>
      <div class="buttons">
        <button type="button" disabled={isAsked} onClick={to(id, false, 'The question is on all phones.')}>
          Ask
        </button>
        <button
          type="button"
          disabled={!isAsked || answers?.isRevealed === true}
          onClick={to(id, true, 'The measurement is on the wall.')}
        >
          Show what was measured
        </button>
        <button type="button" disabled={!isAsked} onClick={to(null, false, 'Nothing is asked any more.')}>
          Done
        </button>
      </div>
    </div>
  )
}

function Reset({ people }: { readonly people: readonly string[] }) {
  const [isSure, setSure] = useState(false)
  if (!isSure)
    return (
      <button type="button" onClick={() => setSure(true)}>
        Purge everything …
      </button>
    )
  return (
    <div class="buttons">
      <p>
        This deletes all messages, keys and accounts
        {people.length > 0 && ` of ${listed(people.slice(0, 5))}${people.length > 5 ? ' and others' : ''}`}.
      </p>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setSure(false)
          press('/host/reset', {}, 'A new round has begun, with a new code.')()
        }}
      >
        Purge, and begin a new round
      </button>
      <button type="button" onClick={() => setSure(false)}>
        Keep everything
      </button>
    </div>
  )
}

function Aside({ now: { addresses, blank, hideNames } }: { readonly now: HostView }) {
  const [name, setName] = useState('')
  const roomPort = URL.canParse(addresses[0] ?? '') ? new URL(addresses[0] ?? '').port : ''
  return (
    <section aria-labelledby="aside" class="aside">
      <h2 id="aside">At any time</h2>
      <div class="buttons">
        <button type="button" aria-pressed={blank} onClick={press('/host/wall', { blank: !blank, hideNames }, 'Done.')}>
          {blank ? 'Show the wall again' : 'Blank the wall'}
        </button>
        <button
          type="button"
          aria-pressed={hideNames}
          onClick={press('/host/wall', { blank, hideNames: !hideNames }, 'Done.')}
        >
          {hideNames ? 'Show names' : 'Hide names'}
        </button>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          press(
            '/host/seat',
            { name },
            `${name} has a seat: doormat register ${name} --relay http://127.0.0.1:${roomPort}`,
          )()
        }}
      >
        <label>
          A seat for somebody with a terminal
          <input
            type="text"
            value={name}
            pattern="[a-z][a-z0-9._\-]*"
            required
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Give the seat</button>
      </form>
    </section>
  )
}
