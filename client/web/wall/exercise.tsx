import type { HostView } from '../../workshop/api.ts'

const titles: Record<NonNullable<HostView['exercise']>['id'], string> = {
  between: 'Who has somebody between?',
  evade: 'A lock of one’s own',
}

/** More names than this do not fit beside the rest. */
const namesMaximum = 12
const pairsMaximum = 4

interface ExerciseProps {
  readonly exercise: NonNullable<HostView['exercise']>
  readonly names: boolean
}

/** What the room does, and who has done it: as it was really done. */
export function ExerciseBoard({ exercise: { id, isOver, people, lines, pairs }, names }: ExerciseProps) {
  const done = people.filter(({ isDone }) => isDone)
  const ordered = [...done, ...people.filter(({ isDone }) => !isDone)]
  return (
    <section class="exercise" aria-label="The exercise">
      <h2>
        {titles[id]}
        {isOver && ' (over)'}
      </h2>
      {lines.map(({ text, isExposed }) => (
        <p key={text} class={isExposed ? 'exposed' : ''}>
          {text}
        </p>
      ))}
      {names && pairs.length > 0 && (
        <ul class="pairs">
          {pairs.slice(0, pairsMaximum).map(({ people: two, text, isExposed }) => (
            <li key={two.join(' ')} class={isExposed ? 'exposed' : ''}>
              {two.join(' and ')}: {text}
            </li>
          ))}
        </ul>
      )}
      <p>
        Done by <strong data-meter="done">{done.length}</strong> of {people.length}
      </p>
      {names && (
        <ul class="done" aria-label="Who is done">
          {ordered.slice(0, namesMaximum).map(({ name, isDone }) => (
            <li key={name} class={isDone ? '' : 'faint'}>
              {isDone ? '✓' : '·'} {name}
            </li>
          ))}
          {ordered.length > namesMaximum && <li class="faint">and {ordered.length - namesMaximum} more</li>}
        </ul>
      )}
    </section>
  )
}
