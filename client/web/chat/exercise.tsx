import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { z } from 'zod'
import { type Room, type Standing, standingSchema } from '../../workshop/api.ts'
import { askRoom } from '../shared/ask.ts'
import { isWriting, room, stage, ticketFor } from './state.ts'

/*
 * What the whole room does on its phones, and how this phone's person stands with it.
 */

const standing = signal<Standing>({ isDone: false, says: [] })

const myTicket = () => (stage.value.at === 'inside' ? ticketFor(stage.value.device.name) : null)

/** @throws NoAnswer */
async function lookAtStanding(): Promise<void> {
  const ticket = myTicket()
  if (!room.value?.exercise || ticket === null) return
  standing.value = await askRoom(standingSchema, '/room/standing', { ticket })
}

export const isComparing = () => room.value?.exercise?.id === 'between' && !room.value.exercise.isOver

/** While people compare for the exercise, what they find goes to the room. @throws NoAnswer with a hint */
export async function tellCompared(other: string, said: 'same' | 'different'): Promise<void> {
  const ticket = myTicket()
  if (!isComparing() || ticket === null) return
  await askRoom(z.object({}), '/room/compared', { ticket, other, said })
  await lookAtStanding()
}

/** Said before it is pressed. */
export const ToldToTheRoom = () =>
  isComparing() ? (
    <p class="fault">For the exercise, the button that you press here is told to the host’s laptop.</p>
  ) : null

const words: Record<NonNullable<Room['exercise']>['id'], { title: string; now: string; over: string }> = {
  between: {
    title: 'Is there somebody between you?',
    now: 'Write to somebody here you have never written to. When they have it, both open “Compare numbers”, read all digits aloud, and press there what you found.',
    over: 'The server gives out true keys again. Write to everybody you talked with since: where somebody was between you, the phone says that a key has changed, and waits. Compare the new number, and that conversation is yours.',
  },
  evade: {
    title: 'Can you keep the key out?',
    now: 'Agree with one person on a passphrase, aloud: eight characters or more. Both open your conversation, type it at “A lock of your own”, and write.',
    over: 'Done. What you locked stays closed to whoever has the key. Everything else is open to them, and so is who wrote to whom, and when.',
  },
}

export function ExerciseCard() {
  const exercise = room.value?.exercise
  // with every look at the room: it is another object each time
  useEffect(() => void lookAtStanding().catch(() => undefined), [room.value])
  if (!exercise) return null
  const { title, now, over } = words[exercise.id]
  const { isDone, says } = standing.value
  return (
    <section class="question" aria-label="The exercise">
      <details open={!isWriting.value && (exercise.isOver || !isDone)}>
        <summary>
          <strong>{title}</strong>
          {isDone && ' ✓ done'}
        </summary>
        <p>{exercise.isOver ? over : now}</p>
      </details>
      <div role="status" hidden={isWriting.value}>
        {says.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
    </section>
  )
}
