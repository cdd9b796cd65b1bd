import type { HostView } from '../../workshop/api.ts'
import { listed } from '../../words/listed.ts'

/** Whom to walk over to: names, and never what anybody wrote. */
export function Stuck({ now: { stuck, exercise, room } }: { readonly now: HostView }) {
  const undone = exercise && !exercise.isOver ? exercise.people.filter(({ isDone }) => !isDone) : []
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Not connected', stuck.away],
    ['Have sent nothing yet', stuck.silent],
    ['Have not answered the question', stuck.unanswered],
    ['Have not done the exercise', undone.map(({ name }) => name)],
  ]
  const some = rows.filter(([, names]) => names.length > 0)
  return (
    <section class="aside" aria-labelledby="stuck">
      <h2 id="stuck">Who may need help</h2>
      {room.people.length > 0 && some.length === 0 && <p>Nobody: all are connected and have sent something.</p>}
      {room.people.length === 0 && <p class="faint">Nobody is here yet.</p>}
      <dl class="stuck">
        {some.map(([what, names]) => (
          <div key={what}>
            <dt>
              {what} ({names.length})
            </dt>
            <dd>{listed(names)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
