import type { Detection, LabResult, ModeResult } from '../result.ts'
import { type Markup, markup } from './markup.ts'
import { count, outOf, shareOf } from './words.ts'

/** Who could have noticed, under each mode: of an order that an honest operator serves, and of a relay that lies. */
export function detections({ modes }: LabResult): Markup {
  return markup`<div class="wide" role="region" tabindex="0" aria-label="Who could have noticed"><table class="detections"><thead><tr><th scope="col">mode</th><th scope="col">who looks at what</th><th scope="col">of an order</th><th scope="col">of a lying relay</th></tr></thead><tbody>
${modes.map(rowsOf)}</tbody></table></div>`
}

function rowsOf({ title, detections: { order, activeRelay } }: ModeResult): Markup {
  const ids = [...new Set([...order, ...activeRelay].map(({ id }) => id))]
  if (ids.length === 0)
    return markup`<tr><th scope="row">${title}</th><td colspan="3">no detector has anything to look at</td></tr>
`
  const find = (list: readonly Detection[], id: string) => list.find((one) => one.id === id) ?? null
  return markup`${ids.map((id, i) => {
    const [one, other] = [find(order, id), find(activeRelay, id)]
    const heading = i === 0 ? markup`<th scope="rowgroup" rowspan="${ids.length}">${title}</th>` : null
    return markup`<tr>${heading}<td><b>${id}</b> ${(one ?? other)?.runBy ?? ''}</td>${noticed(one)}${noticed(other)}</tr>
`
  })}`
}

function noticed(detection: Detection | null): Markup {
  if (!detection) return markup`<td class="none">not run</td>`
  const { noticed: share } = detection
  const words = share.of === 0 ? 'nobody looked' : share.read === 0 ? `nobody of ${count(share.of)}` : outOf(share)
  const part = Math.round(shareOf(share) * 1000) / 10
  return markup`<td><span class="bar" style="--share: ${part}%">${words}</span></td>`
}
