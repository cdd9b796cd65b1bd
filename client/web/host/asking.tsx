import type { HostView } from '../../workshop/api.ts'
import { press } from './press.ts'

interface AskingProps {
  readonly now: HostView
  readonly id: string
  readonly text: string
}

/** A question for all phones, and what was measured once they have guessed. */
export function Asking({ now: { room, answers }, id, text }: AskingProps) {
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
