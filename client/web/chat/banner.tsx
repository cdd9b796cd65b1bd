import type { View } from '../device/protocol.ts'
import { view } from './device.ts'
import { ExerciseCard } from './exercise.tsx'
import { QuestionCard } from './question.tsx'
import { isAlone, isRefused, isSentOut, news } from './state.ts'

const sentOut =
  'The host has taken your seat away: nothing comes in or goes out any more. What is on this phone stays until you leave. Talk to the host.'

function howConnected(connection: View['connection']): string {
  if (connection === 'online') return 'Connected.'
  if (isAlone.value) return 'The host’s laptop does not answer. What you write is kept here and goes out when it does.'
  return isRefused.value
    ? 'This phone shows the page and refuses its connection: iPhones do that with a certificate like this one. Tell the host.'
    : 'Connecting …'
}

/** Always there: whether somebody else can read, whether this phone is connected, and what the room has to say. */
export function Banner() {
  const now = view.value
  if (!now) return null
  const { mode, connection, trouble, unsent, me } = now
  const isOn = mode.id !== 'none'
  return (
    <header class="banner">
      <p class={isOn ? 'mode on' : 'mode'} role="status">
        {isOn ? (
          <>
            <strong>⚠ A key is under the mat.</strong> {mode.title}: {mode.reader} can read{' '}
            {mode.isForSome
              ? 'what some people here send and get. Your phone is not told who they are.'
              : 'everything that is sent now.'}
          </>
        ) : (
          <>
            <strong>No key is under the mat.</strong> Only you and those you write to can read it, unless the server
            gave you a false key: compare numbers.
          </>
        )}
      </p>
      <p class="where" role="status">
        You are <strong>{me}</strong>. {isSentOut.value ? <strong>{sentOut}</strong> : howConnected(connection)}
        {trouble !== null && !isSentOut.value && ` ${trouble}`}
        {unsent > 0 && ` Waiting to go out: ${unsent}.`}
      </p>
      {news.value !== null && (
        <p class="fault news" role="status">
          {news.value}{' '}
          <button type="button" class="small" onClick={() => (news.value = null)}>
            Got it
          </button>
        </p>
      )}
      <div class="tasks">
        <QuestionCard />
        <ExerciseCard />
      </div>
    </header>
  )
}
