import type { HostView } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { host, token, trouble } from '../shared/host.ts'
import { Qr } from '../shared/qr.tsx'
import { Order, Stealing } from './access.tsx'
import { Aside } from './aside.tsx'
import { Asking } from './asking.tsx'
import { AtTheDoor } from './at-the-door.tsx'
import { BetweenStep, EvadeStep } from './exercises.tsx'
import { answer, press } from './press.ts'
import { Reset } from './reset.tsx'
import { Seated } from './seated.tsx'
import { Stage } from './stage.tsx'
import { Choice, Step } from './step.tsx'
import { Stuck } from './stuck.tsx'
import { Switching } from './switching.tsx'

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
          {counted(now.room.people.length, 'person', 'people')} of {now.room.seats} seats,{' '}
          {now.room.people.filter((name) => now.online.includes(name)).length} connected.
        </p>
        <p>
          <a href={`/wall#${token()}`} target="_blank" rel="noreferrer">
            Open the wall
          </a>{' '}
          and put it on the projector.
        </p>
        {trouble.value !== null && <p class="fault">{trouble.value}</p>}
      </header>
      <p class="answer" role="status">
        {answer.value}
      </p>
      <Choice />
      <Plan now={now} />
      <Stuck now={now} />
      <Aside now={now} />
      <Seated seated={now.seated} />
    </main>
  )
}

const Plan = ({ now }: { readonly now: HostView }) => (
  <ol class="steps">
    <Step
      title="Let them in"
      from={20}
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
      <AtTheDoor asking={now.asking} />
      {now.certificate && (
        <p>
          Each phone warns of the certificate first: what to press stands on the wall, at its door. An iPhone may refuse
          the connection all the same; then start again without <code>--tls</code>.
        </p>
      )}
    </Step>
    <Step
      title="Talk, without a key"
      from={20}
      say="Write to your neighbour, then to everybody. Press “Look inside” on something that you sent: those bytes are all that this laptop has of it. Then compare numbers with your neighbour, aloud."
    >
      <p>
        Envelopes have passed between {counted(now.passed.length, 'pair')} of people. The authority reads{' '}
        {counted(now.read.messages, 'message')}.
      </p>
    </Step>
    <BetweenStep now={now} />
    <Step
      title="Follow one message"
      from={50}
      say="Twelve invented people talk here, too. Let us follow what one of them writes, from desk to desk: who has the text, and who has bytes?"
    >
      <Stage now={now} />
    </Step>
    <Step
      title="Put the key under the mat"
      from={20}
      say="A court has ordered this service to build in access. I throw the switch now. Look at your phones: what has changed? Go on writing."
    >
      <Switching now={now} />
    </Step>
    <Step
      title="Predict, then see"
      from={50}
      say="Guess, on your phones. The wall shows what you think, and nothing else. Then we look: the red line is what was measured, by opening."
    >
      {now.questions.map(({ id, text }) => (
        <Asking key={id} now={now} id={id} text={text} />
      ))}
    </Step>
    <Step
      title="Read the wall together"
      from={20}
      say="Nobody here was named in any order. How many of our conversations can the key open? The wall has just counted, by opening them. Red lines are yours, if you agreed to that."
    >
      <p>
        The authority’s process has opened {counted(now.read.messages, 'message')} in{' '}
        {counted(now.read.conversations.length, 'conversation')}.
      </p>
    </Step>
    <Step
      title="An order, and a curious clerk"
      from={50}
      say="Now a court names one person, and the order desk checks it. Then a clerk who has the same key looks somebody up for themselves. Watch the audit log: what does it say of that?"
    >
      <Order now={now} />
    </Step>
    <EvadeStep now={now} />
    <Step
      title="Everybody deletes"
      from={20}
      say="You would like it to be gone. I ask all phones to delete everything that was written. Scroll: it is gone. Is it?"
    >
      <p>
        {counted(now.deleted.messages, 'copy', 'copies')} of messages deleted on {counted(now.deleted.phones, 'phone')},
        and {now.deleted.onStage} on stage.
      </p>
      <button type="button" onClick={press('/host/delete', {}, 'All phones that are connected delete their messages.')}>
        Ask all phones to delete
      </button>
    </Step>
    <Step
      title="The key is stolen"
      from={20}
      say="A clerk, a burglar, or another state: somebody copies the key and the recorded traffic to a stick. It is opened by a program in another folder that has these files and nothing else."
    >
      <Stealing now={now} />
    </Step>
    <Step
      title="Take the key away"
      from={20}
      say="The law is repealed, and the key goes. Write once more. What you write now is safe again. And what you wrote before?"
    >
      <button
        type="button"
        disabled={now.mode.id === 'none'}
        onClick={press('/host/switch', { mode: 'none', people: [] }, 'No key is under the mat any more.')}
      >
        Take the key away
      </button>
    </Step>
    <Step
      title="The next group"
      from={20}
      say="Thank you. Everything of this round is deleted now, here and on your phones."
    >
      <Reset people={now.room.people} />
    </Step>
  </ol>
)
