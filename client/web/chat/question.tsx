import { useState } from 'preact/hooks'
import { answer, answered, isWriting, room } from './state.ts'

/** What the host asks before the wall shows it; and then what came out. */
export function QuestionCard() {
  const [fault, setFault] = useState<string | null>(null)
  const question = room.value?.question
  if (!question) return null
  const { id, text, options, isRevealed, measured } = question
  const chosen = answered.value[id]
  const choose = (option: number) => () =>
    void answer(id, option).then(
      () => setFault(null),
      (error: Error) => setFault(error.message),
    )
  return (
    <section class="question" aria-label="The host asks">
      <details open={!isWriting.value}>
        <summary>
          <strong>{text}</strong>
        </summary>
        {isRevealed ? (
          <Result guess={chosen === undefined ? null : (options[chosen] ?? null)} measured={measured} />
        ) : (
          <div class="buttons">
            {options.map((option, i) => (
              <button
                type="button"
                key={option}
                aria-pressed={chosen === i}
                class={chosen === i ? 'main' : ''}
                onClick={choose(i)}
              >
                {option}
              </button>
            ))}
          </div>
        )}
        {chosen !== undefined && !isRevealed && (
          <p class="faint">Your guess is on its way to the wall. You can change it.</p>
        )}
        {fault !== null && !isRevealed && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
      </details>
    </section>
  )
}

interface ResultProps {
  readonly guess: string | null
  readonly measured: string | null
}

const Result = ({ guess, measured }: ResultProps) => (
  <div role="status">
    <p>{measured ?? 'The host has ended the guessing. Nothing has been measured yet.'}</p>
    <p class="faint">{guess === null ? 'You have not guessed.' : `Your guess: ${guess}.`}</p>
  </div>
)
