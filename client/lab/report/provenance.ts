import type { LabResult } from '../runs/result.ts'
import { type Markup, markup } from './markup.ts'
import { counted, grouped } from '../../words/counted.ts'
import { outOf } from './words.ts'

/** What somebody needs who wants to have the same figures again, and the checks that stand behind every zero. */
export function provenance({ provenance: about, world, modes }: LabResult): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ['command', about.command],
    ['version', about.version],
    ['world', world.name],
    ['seed', about.seed],
    ['machine', about.machine],
    ['Node', about.node],
    ['libsodium', about.libsodium],
    ['began', about.began],
    ['took', `${numeralSeconds(about.seconds)} in all`],
  ]
  const rows = modes.map(
    ({ title, source, envelopes, envelopeBytes, lost, control, lastStates, seconds }) =>
      markup`<tr><th scope="row">${title}<small>${source}</small></th><td class="number">${grouped(envelopes)}</td><td class="number">${grouped(envelopeBytes)}</td><td class="number">${grouped(lost)}</td><td class="number">${grouped(control)}</td><td class="number">${grouped(lastStates.readBefore)}</td><td class="number">${outOf(lastStates.stillToCome)}</td><td class="number">${numeralSeconds(seconds)}</td></tr>
`,
  )
  return markup`<dl>${facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>Behind every zero</h3>
<p>One message’s own key was kept and tried on every envelope: it has to open its own message and no other. The keys left on all devices, their histories put aside, were tried too: they have to open nothing that had been read before, and all that was still to come.</p>
<div class="wide" role="region" tabindex="0" aria-label="Behind every zero"><table><thead><tr><th scope="col">mode</th><th scope="col" class="number">envelopes</th><th scope="col" class="number">bytes</th><th scope="col" class="number">lost</th><th scope="col" class="number">opened by the kept key</th><th scope="col" class="number">opened again with the keys left on devices</th><th scope="col" class="number">of those still to come</th><th scope="col" class="number">took</th></tr></thead><tbody>
${rows}</tbody></table></div>
<p class="method">The figures of every cell are in cells.csv, all of the run in result.json, and each picture in a file of its own. ${counted(world.people.length, 'person', 'people')} of this world are simulated; the cryptography, the devices and the relay are the messenger’s own.</p>`
}

const numeralSeconds = (seconds: number): string =>
  `${seconds < 10 ? Math.round(seconds * 10) / 10 : grouped(seconds)} s`
