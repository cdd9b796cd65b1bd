import { counted, grouped } from '../../words/counted.ts'
import type { LabResult } from '../runs/result.ts'
import { type Markup, markup } from './markup.ts'
import { table } from './table.ts'
import { dateOf, outOf } from './words.ts'

/** What somebody needs who wants to have the same figures again, without what differs from machine to machine. */
export function facts({ provenance: about, world }: LabResult): readonly (readonly [string, string])[] {
  return [
    ['version', about.version],
    ['commit', about.commit ?? 'unknown'],
    ['date', dateOf(about.began)],
    ['command', about.command],
    ['world', world.name],
    ['seed', about.seed],
  ]
}

/** How to name a run in a text of one's own. */
export const citation = ({ provenance: { version, commit, began, seed, command } }: LabResult): string =>
  `The developers of Doormat, Doormat ${version} (commit ${commit ?? 'unknown'}), run of ${dateOf(began)} with seed “${seed}”: ${command}.`

/** The facts, how to cite them, and the checks that stand behind every zero. */
export function provenance(result: LabResult): Markup {
  const { provenance: about, world, modes } = result
  const all: readonly (readonly [string, string])[] = [
    ...facts(result),
    ['machine', about.machine],
    ['Node', about.node],
    ['libsodium', about.libsodium],
    ['began', about.began],
    ['took', numeralSeconds(about.seconds)],
  ]
  const rows = modes.map(({ title, source, envelopes, envelopeBytes, lost, control, lastStates, seconds }) => [
    markup`${title}<small>${source}</small>`,
    grouped(envelopes),
    grouped(envelopeBytes),
    grouped(lost),
    grouped(control),
    grouped(lastStates.readBefore),
    outOf(lastStates.stillToCome),
    numeralSeconds(seconds),
  ])
  return markup`<p>Cite it as: <cite>${citation(result)}</cite></p>
<dl>${all.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<h3>Behind every zero</h3>
<p>${controlWords}</p>
${table('Behind every zero', zeroColumns, rows)}
<p class="method">cells.csv has the figures of every cell, result.json the whole run, and each picture has a file of its own. ${counted(world.people.length, 'person is', 'people are')} simulated; the cryptography, the devices and the server are the messenger’s own.</p>`
}

const zeroColumns = [
  { heading: 'mode' },
  ...['envelopes', 'bytes', 'lost', 'opened by the control key', 'opened again', 'not arrived yet, opened', 'took'].map(
    (heading) => ({ heading, number: true }),
  ),
]

export const controlWords =
  'For every zero, the same attempt had to succeed on one control message: one message’s own key was kept and tried on every envelope, and had to open that message and no other. The keys left on all devices, their histories put aside, had to open nothing that had been read before, and everything that had not arrived yet.'

const numeralSeconds = (seconds: number): string =>
  `${seconds < 10 ? Math.round(seconds * 10) / 10 : grouped(seconds)} s`
