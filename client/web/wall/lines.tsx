import { armouredIn } from '../../../crypto/armour.ts'
import type { ReadByKey } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { visible } from '../../words/visible.ts'

/** More than these fit on no wall; what does not fit is not begun. */
const most = 12

/** Of those who agreed that their texts are shown, the newest first; of the others, how many. */
export function Lines({ read, names }: { readonly read: ReadByKey; readonly names: boolean }) {
  if (read.messages === 0) return null
  const others = read.messages - read.agreed
  return (
    <ul class="lines exposed" aria-label="Read aloud">
      {others > 0 && <li>{counted(others, 'more message')}, read and not shown</li>}
      {read.lines
        .slice(-most)
        .toReversed()
        .map(({ time, from, to, text }, i) => (
          <li key={`${time} ${i}`}>
            {names && (
              <span class="who">
                {from} → {to}:{' '}
              </span>
            )}
            {armouredIn(text) === null ? visible(text.replaceAll(/\s+/g, ' ')) : '(a locked text)'}
          </li>
        ))}
    </ul>
  )
}
