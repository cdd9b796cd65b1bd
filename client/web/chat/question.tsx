import { useState } from 'preact/hooks'
import { answer, answered, room } from './state.ts'

/** What the host asks before the wall shows it. */
export function QuestionCard() {
  const [fault, setFault] = useState<string | null>(null)
  const question = room.value?.question
  if (!question) return null
  const chosen = answered.value[question.id]
  const choose = (option: number) => () =>
    void answer(question.id, option).then(
      () => setFault(null),
      (error: Error) => setFault(error.message),
    )
  return (
    <section class="question" aria-label="The host asks">
      <p>
        <strong>{question.text}</strong>
      </p>
      <div class="buttons">
        {question.options.map((option, i) => (
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
      {chosen !== undefined && <p class="faint">Your guess is on its way to the wall. You can change it.</p>}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </section>
  )
}
