import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

/** The plans of docs/workshop; everything has the exercises too. */
export const plans = { 20: '20 minutes', 50: '50 minutes', all: 'everything' } as const
export type Plan = keyof typeof plans

/** what the host's page shows */
export const plan = signal<Plan>('all')

interface StepProps {
  readonly title: string
  /** to the room */
  readonly say: string
  /** the shortest plan that it is in */
  readonly from: Plan
  readonly children: ComponentChildren
}

const order: readonly Plan[] = [20, 50, 'all']

export const Step = ({ title, say, from, children }: StepProps) =>
  order.indexOf(from) > order.indexOf(plan.value) ? null : (
    <li class="step">
      <h2>{title}</h2>
      <blockquote>{say}</blockquote>
      {children}
    </li>
  )

export const Choice = () => (
  <fieldset class="buttons">
    <legend>Show the steps of the plan for</legend>
    {order.map((one) => (
      <button key={one} type="button" aria-pressed={plan.value === one} onClick={() => (plan.value = one)}>
        {plans[one]}
      </button>
    ))}
  </fieldset>
)
