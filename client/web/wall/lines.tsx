import type { ReadByKey } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { visible } from '../../words/visible.ts'

interface LinesProps {
  readonly read: ReadByKey
  readonly names: boolean
  /** so many fit */
  readonly most: number
}

/** The last that fit, of those who agreed that their texts are shown. */
export function Lines({ read, names, most }: LinesProps) {
  if (read.messages === 0) return null
  const shown = read.lines.slice(-most)
  const others = read.messages - shown.length
  return (
    <ul class="lines exposed" aria-label="Read aloud">
      {shown.map(({ time, from, to, text }, i) => (
        <li key={`${time} ${i}`}>
          {names && (
            <span class="who">
              {from} → {to}:{' '}
            </span>
          )}
          {visible(text)}
        </li>
      ))}
      {others > 0 && <li>{counted(others, 'more message')}, read and not shown</li>}
    </ul>
  )
}
