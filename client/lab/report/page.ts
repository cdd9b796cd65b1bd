import { counted } from '../../words/counted.ts'
import type { LabResult } from '../runs/result.ts'
import { achieved, achievedColumns, fieldsOf } from './achieved.ts'
import { answer, evaders, inConversations, sensitivity } from './answer.ts'
import { type Graph, leftOut } from './arrangement.ts'
import { curvesSection } from './curve-page.ts'
import { assumptions } from './assumptions.ts'
import { detections } from './detections.ts'
import { experiments } from './experiments.ts'
import { graphOf, graphs } from './graph.ts'
import { holderColumns, holders } from './holders.ts'
import { invented, limits, timetableWords } from './limits.ts'
import { type Markup, markup } from './markup.ts'
import { holdings, matrix } from './matrix.ts'
import { measured } from './measured.ts'
import { figure } from './panel.ts'
import { insiderOf, most } from './pick.ts'
import { provenance } from './provenance.ts'
import { scale } from './scale.ts'
import { sides } from './sides.ts'
import { hatching, pageStyle } from './style.ts'
import { table } from './table.ts'
import { timelines } from './timeline.ts'
import { balance, type ClaimVerdict, verdictRule, verdicts } from './verdicts.ts'
import { nameOf } from './words.ts'
import { listed } from '../../words/listed.ts'
import { moreForEverybody, yields } from './yield.ts'

interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

const sectionsOf = (result: LabResult, graph: Graph): readonly Section[] => [
  { id: 'sides', title: 'What speaks for access, and what against', body: bothSides(result) },
  { id: 'claims', title: 'Whose sentences these are, and whether they hold', body: claimsTable(result) },
  { id: 'matrix', title: 'Who read how much', body: matrix(result) },
  { id: 'depends', title: 'What the headline depends on', body: curvesSection(measured, result) },
  { id: 'order', title: 'What an order achieves, and whom its keys expose', body: order(result) },
  { id: 'days', title: 'Day by day', body: days(result) },
  { id: 'whose', title: 'Whose conversations', body: lights(result, graph) },
  { id: 'noticing', title: 'Who could have noticed', body: detections(result) },
  { id: 'holders', title: 'Who holds what', body: markup`${keys(result)}${holdings(result)}` },
  { id: 'experiments', title: 'Questions that were tried', body: experiments(result.experiments) },
  { id: 'scale', title: 'At the size of a large service', body: scale(result) },
  { id: 'assumed', title: 'What is assumed', body: list(assumptions(result)) },
  { id: 'limits', title: 'What this does not show', body: list(limits) },
  { id: 'provenance', title: 'Where these figures come from, and how to cite them', body: provenance(result) },
]

/** The report as one page: no script, nothing from anywhere else. */
export function page(result: LabResult, graph: Graph): string {
  const { world } = result
  const sections = sectionsOf(result, graph)
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Who can read what: ${world.name}</title>
<style>${{ markup: pageStyle }}</style></head><body>
<svg class="stripes" aria-hidden="true"><defs>${hatching}</defs></svg>
<header><h1>${unbroken(answer(result))}</h1>
<p class="invented">${invented(result)}</p>${interrupted(result)}
<div class="beside">${beside(result)}</div></header>
<nav aria-label="Contents"><ol>${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main>
${sections.map(
  ({ id, title, body }) => markup`<section id="${id}"><h2>${title}</h2>${body}</section>
`,
)}</main>
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

/** What belongs to the headline so that nobody takes more from it than it says. */
function beside(result: LabResult): Markup {
  const conversations = inConversations(result)
  return markup`<p>${evaders(result)}</p>${conversations === null ? null : markup`<p>${unbroken(conversations)}</p>`}<p id="sensitivity">${unbroken(sensitivity(measured))} <a href="#depends">Every figure, drawn</a>.</p>`
}

/** A figure and its unit stay on one line. */
const unbroken = (sentence: string): string => sentence.replaceAll(/(?<=\d) (?=%|of \d)|(?<=\d of) /g, '\u00a0')

const list = (sentences: readonly string[]): Markup =>
  markup`<ul>${sentences.map((one) => markup`<li>${one}</li>`)}</ul>`

/** Side by side, in as many sentences. */
function bothSides(result: LabResult): Markup {
  const { inFavour, against, further } = sides(result)
  const part = (id: string, title: string, sentences: readonly string[]) =>
    markup`<div id="${id}"><h3>${title}</h3>${sentences.length === 0 ? markup`<p>Nothing in this run.</p>` : list(sentences)}</div>`
  return markup`<div class="sides">${part('for', 'For it', inFavour)}${part('against', 'Against it', against)}</div>${further.length === 0 ? null : markup`<h3>And besides</h3>${list(further)}`}`
}

function claimsTable(result: LabResult): Markup {
  const all = verdicts(result)
  return markup`<p>${verdictRule}</p><p>${balance(all)}</p>
<ol class="verdicts">${all.map(claimItem)}</ol>`
}

const claimItem = ({ row, source, claim, tried, verdict, words, experiment }: ClaimVerdict): Markup =>
  markup`<li id="claim-${row}" value="${row}"><p class="who"><b>${source}</b>: ${claim}${tried === null ? null : markup`. What is tried: ${tried}`}</p><p><b class="ruling ${verdict.replaceAll(' ', '-')}">${verdict}</b> ${words}${experiment === null ? null : markup` <a href="#${experiment}">experiment<span class="unseen"> on claim ${row}</span></a>`}</p></li>
`

function days(result: LabResult): Markup {
  return markup`<p>${timetableWords(result)} The pictures show what an insider reads, who has the authority’s keys and no order. What others read stands above.</p>
<ul class="key"><li>sent</li><li class="of-read">read</li><li class="of-theft">theft</li>${result.moments.again === null ? null : markup`<li class="of-none">another state</li>`}</ul><div class="panels">${timelines(result).map(figure)}</div>`
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
    return more ? [`${nameOf(mode)} (words of ${counted(more.able, 'person', 'people')} besides the target)`] : []
  })
  return found.length === 0
    ? ''
    : ` With the same keys, and an operator who taps everybody, more can be read under ${listed(found)}.`
}

function order(result: LabResult): Markup {
  const panels = yields(result)
  if (panels.length === 0) return markup`<p>There was no order in this run.</p>`
  const rows = achieved(result).map((one) => [one.mode.title, ...fieldsOf(one)])
  return markup`<p>The order names one person, ${result.world.target}, and asks for what they write and get while the mode is on.</p>
${table('What an order achieves', named(['mode', ...achievedColumns]), rows)}
<p>In the pictures: to the left what was read of the messages that the order asked for, to the right how many other people were read.${further(result)}</p>
<ul class="key"><li class="of-gain">of the target</li><li class="of-read">of other people</li><li class="of-none">not applicable</li></ul>
<div class="panels">${panels.map(figure)}</div>`
}

const named = (headings: readonly string[]) => headings.map((heading) => ({ heading }))

function keys(result: LabResult): Markup {
  const rows = holders(result).map(({ mode, key, holder, jurisdiction }) => [mode.title, key, holder, jurisdiction])
  return rows.length === 0 ? markup`` : table('Who holds which key', named(holderColumns), rows)
}
