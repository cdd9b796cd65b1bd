import type { ComponentChildren } from 'preact'

interface StepProps {
  readonly title: string
  /** to the room */
  readonly say: string
  readonly children: ComponentChildren
}

export const Step = ({ title, say, children }: StepProps) => (
  <li class="step">
    <h2>{title}</h2>
    <blockquote>{say}</blockquote>
    {children}
  </li>
)
