import type { HostView } from '../../workshop/api.ts'

const titles: Record<NonNullable<HostView['exercise']>['id'], string> = {
  between: 'Who has somebody between?',
  evade: 'A lock of one’s own',
}

/** More than these do not fit on a wall of 720 pixels: names alone, names below pairs, and pairs. */
const namesMaximum = 15
const namesBelowPairs = 6
const pairsMaximum = 3

interface ExerciseProps {
  readonly exercise: NonNullable<HostView['exercise']>
  readonly names: boolean
}

/** What the room does, and who has done it: as it was really done. */
export function ExerciseBoard({ exercise: { id, isOver, people, lines, pairs }, names }: ExerciseProps) {
  const done = people.filter(({ isDone }) => isDone)
  const ordered = [...done, ...people.filter(({ isDone }) => !isDone)]
  const shownPairs = pairs
    .toSorted((one, other) => Number(other.isExposed) - Number(one.isExposed))
    .slice(0, pairsMaximum)
  const shown = ordered.slice(0, pairs.length > 0 ? namesBelowPairs : namesMaximum)
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
          {shownPairs.map(({ people: two, text, isExposed }) => (
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
          {shown.map(({ name, isDone }) => (
            <li key={name} class={isDone ? '' : 'faint'}>
              {isDone ? '✓' : '·'} {name}
            </li>
          ))}
          {ordered.length > shown.length && <li class="faint">and {ordered.length - shown.length} more</li>}
        </ul>
      )}
    </section>
  )
}
