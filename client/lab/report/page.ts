import type { LabResult } from '../runs/result.ts'
import { assumptions } from './assumptions.ts'
import { answer } from './answer.ts'
import { detections } from './detections.ts'
import { experiments, numeral } from './experiments.ts'
import { type Graph, leftOut } from './arrangement.ts'
import { graphOf, graphs } from './graph.ts'
import { type Markup, markup } from './markup.ts'
import { holdings, matrix } from './matrix.ts'
import { figure } from './panel.ts'
import { insiderOf, most } from './pick.ts'
import { provenance } from './provenance.ts'
import { scale } from './scale.ts'
import { hatching, pageStyle } from './style.ts'
import { timelines } from './timeline.ts'
import { counted } from '../../words/counted.ts'
import { listed, lowerFirst } from './words.ts'
import { moreForEverybody, yields } from './yield.ts'

/** The report as one page: no script, nothing from anywhere else. */
export function page(result: LabResult, graph: Graph): string {
  const { world } = result
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Who can read what: ${world.name}</title>
<style>${{ markup: pageStyle }}</style></head><body>
<svg class="stripes" aria-hidden="true"><defs>${hatching}</defs></svg>
<header><p class="over">Who can read what</p><h1>${unbroken(answer(result))}</h1>
<p class="over">${counted(world.people.length, 'person', 'people')}, ${counted(world.conversations.length, 'conversation')}, ${counted(world.messages, 'message')} in ${counted(world.days, 'day')}. Read means: decrypted, and the same as what was sent.</p>${interrupted(result)}</header>
<main>
<section><h2>Every adversary, every mode</h2>${matrix(result)}${holdings(result)}</section>
<section><h2>Day by day</h2>${moments(result)}<div class="panels">${timelines(result).map(figure)}</div></section>
<section><h2>Whose conversations</h2>${lights(result, graph)}</section>
<section><h2>One order: what it asked for, and what the same hands can open</h2>${order(result)}</section>
<section><h2>Who could have noticed</h2>${detections(result)}</section>
<section><h2>Questions that were tried</h2>${experiments(result.experiments)}</section>
<section><h2>At the size of a service</h2>${scale(result)}</section>
<section><h2>What is assumed</h2><ul>${assumptions(result).map((one) => markup`<li>${one}</li>`)}</ul></section>
<section><h2>Where these figures come from</h2>${provenance(result)}</section>
</main>
<footer>Doormat is for study and teaching. Nothing in it is offered as a way to deploy access.</footer>
</body></html>
`.markup
}

/** Null for a whole run. */
function interrupted({ complete, modes }: LabResult): Markup | null {
  return complete
    ? null
    : markup`<p class="interrupted">This run was interrupted. What it had finished is here: ${listed(modes.map(({ title }) => title)) || 'nothing'}.</p>`
}

/** A figure and its unit stay on one line. */
const unbroken = (sentence: string): string => sentence.replaceAll(/(?<=\d) (?=%|of \d)|(?<=\d of) /g, '\u00a0')

function moments({ moments: { on, off, breach, again } }: LabResult): Markup {
  const further =
    again === null ? '' : ` After ${numeral(again)} it is switched on once more, with the keys of another state.`
  return markup`<p>Each mode is switched on after ${numeral(on)} days and off after ${numeral(off)}; after ${numeral(breach)} somebody breaks in and steals.${further} The pictures show the insider, who has what the authority has and no order. What others read stands above.</p>
<ul class="key"><li>said</li><li class="of-read">read</li><li class="of-theft">theft</li>${again === null ? null : markup`<li class="of-none">another state</li>`}</ul>`
}

function lights(result: LabResult, graph: Graph): Markup {
  const worst = most(result.modes, (mode) => insiderOf(mode)?.lit.length ?? 0)
  const all = graphs(result, graph, 'small')
  const rest = all.filter((_panel, i) => result.modes[i] !== worst)
  const left = leftOut(result, graph)
  return markup`<p>Every dot is a person, every line a conversation. The people stand in the same places in all pictures.</p>
<ul class="key"><li class="of-lit">read</li><li class="of-dark">not read</li></ul>
${worst ? markup`<div class="large">${figure(graphOf(result, worst, graph, 'large'))}</div>` : null}<div class="panels three">${rest.map(figure)}</div>${left === null ? null : markup`<p class="method">${left}</p>`}`
}

/** One name more is one request more. */
function further({ modes }: LabResult): string {
  const found = modes.flatMap((mode) => {
    const more = moreForEverybody(mode)
    return more
      ? [`${lowerFirst(mode.title)} (words of ${counted(more.able, 'person', 'people')} beside the target)`]
      : []
  })
  return found.length === 0
    ? ''
    : ` With the same secrets, and an operator who does the mode’s part for everybody, more can be read under ${listed(found)}.`
}

function order(result: LabResult): Markup {
  const panels = yields(result)
  if (panels.length === 0) return markup`<p>There was no order in this run.</p>`
  return markup`<p>The order names one person, ${result.world.target}. To the left what is read of that person’s conversations, to the right whose words are read besides, of what was recorded.${further(result)}</p>
<ul class="key"><li class="of-gain">of the target</li><li class="of-read">of people who are no target</li><li class="of-none">not applicable</li></ul>
<div class="panels">${panels.map(figure)}</div>`
}
