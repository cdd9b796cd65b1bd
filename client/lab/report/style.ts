import { type Markup, markup } from './markup.ts'

const light =
  '--paper: #faf8f4; --card: #ffffff; --ink: #211e1a; --quiet: #5c564d; --line: #d6cfc3; --faint: #ece7dd; --band: #efe9dd; --read: #b93a0b; --fill: #f7b48a; --gain: #a9c6e8; --edge: #b9b0a0; --dot: #a39a8b'
const dark =
  '--paper: #14161a; --card: #1b1e23; --ink: #efebe4; --quiet: #b3ada3; --line: #41454d; --faint: #262a30; --band: #20242a; --read: #ffab5e; --fill: #8f4312; --gain: #2d5482; --edge: #4c525c; --dot: #6d747f'

const hatch = 'repeating-linear-gradient(135deg, var(--line) 0 1.5px, transparent 1.5px 9px)'

/** Stripes: what is not applicable, in every picture. */
export const hatching: Markup = markup`<pattern id="stripes" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="stripe" d="M0 0V9"/></pattern>`

const plotRules = `
.plot text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: var(--ink); font-size: 20px }
.plot .title { font-size: 30px; font-weight: 650 } .plot .name { font-size: 25px; font-weight: 600 }
.plot .quiet { fill: var(--quiet) } .plot .small-print { font-size: 16.5px; fill: var(--ink) } .plot .mark { font-size: 21px }
.plot .share { font-size: 29px; font-weight: 650 } .plot .figure { font-size: 21px; font-weight: 600 }
.plot .middle { text-anchor: middle } .plot .end { text-anchor: end }
.plot .paper { fill: var(--paper) } .plot .band { fill: var(--band) } .plot .hatched, .plot .frame.none { fill: url(#stripes) }
.stripe { stroke: var(--line); stroke-width: 3 }
.plot .axis { stroke: var(--quiet); stroke-width: 1.5; fill: none }
.plot .said-line { fill: none; stroke: var(--quiet); stroke-width: 1.5 }
.plot .read-area, .plot .fill { fill: var(--fill) } .plot .read-area { stroke: var(--read); stroke-width: 1 }
.plot .gain { fill: var(--gain) } .plot .whole { fill: var(--faint) }
.plot .rule { stroke: var(--line); stroke-width: 1 } .plot .curve { fill: none; stroke: var(--read); stroke-width: 1.2 } .plot .curve.other { stroke: var(--ink); stroke-dasharray: 5 5 }
.plot .spread { fill: none; stroke: var(--read); stroke-width: 2.5 } .plot .spread.other { stroke: var(--ink); stroke-width: 1.6 } .plot .point { fill: var(--read) } .plot .point.other { fill: var(--paper); stroke: var(--ink); stroke-width: 1.8 } .plot .point.own { fill: none; stroke: var(--ink); stroke-width: 3 }
.plot .moment { stroke: var(--quiet); stroke-width: 1.5 } .plot .theft { stroke: var(--ink); stroke-width: 2.5; stroke-dasharray: 6 5 }
.plot .frame { fill: none; stroke: var(--line) } .plot .frame.read { stroke: var(--read) } .plot .frame.zero { stroke: var(--quiet) }
.plot .frame.guess { stroke: var(--quiet); stroke-dasharray: 6 4 }
.plot .edge { fill: none; stroke: var(--edge); stroke-width: 1; vector-effect: non-scaling-stroke }
.plot .edge.lit { stroke: var(--read); stroke-width: 1.8 }
.plot .dot { fill: none; stroke: var(--dot); stroke-width: 5; stroke-linecap: round; vector-effect: non-scaling-stroke }
.plot .dot.lit { stroke: var(--read); stroke-width: 6.5 }
.plot .small .edge.lit { stroke-width: 1.3 } .plot .small .dot { stroke-width: 2.4 } .plot .small .dot.lit { stroke-width: 3.2 }
.plot .target { fill: none; stroke: var(--ink); stroke-width: 2.5; vector-effect: non-scaling-stroke }
.plot .label { text-anchor: middle; paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; font-weight: 550 }
.plot .label.small { font-size: 46px; stroke-width: 10px } .plot .label.untouched { fill: var(--quiet) } .plot .label.of-target { font-weight: 700; fill: var(--ink) }
`

/** For a picture in a file of its own: light, and dark where the page around it is. */
export const plotStyle = `.plot { ${light} } @media screen and (prefers-color-scheme: dark) { .plot { ${dark} } }${plotRules}`

/** For the page: large type, one colour for what was read and nothing else in it. */
export const pageStyle = `
:root { color-scheme: light dark; ${light}; font: 400 clamp(17px, .6rem + .7vw, 21px)/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif }
@media screen and (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere }
header, nav, main > section, footer { max-width: 78rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 3.5rem) }
header { padding-top: clamp(1.6rem, 4vw, 3.5rem) }
header p { margin: 0 0 .6rem } header .invented { font-size: 1.12rem; max-width: 46em } .beside { color: var(--quiet); font-size: .92rem; margin-top: 1.2rem } .beside p { max-width: 50em } header .interrupted { margin-top: 1rem; padding: .5rem .8rem; border: 2px solid var(--read); border-radius: 4px; width: fit-content; font-weight: 600 }
h1 { font-size: clamp(1.4rem, 1rem + 1.5vw, 2.2rem); line-height: 1.22; font-weight: 650; letter-spacing: -.015em; margin: .6rem 0 1.4rem; max-width: 32em; text-wrap: balance }
h2 { font-size: clamp(1.4rem, 1rem + 1.3vw, 2.1rem); line-height: 1.2; letter-spacing: -.01em; margin: clamp(3.5rem, 8vw, 6.5rem) 0 .5rem; text-wrap: balance }
h3 { font-size: 1.12rem; line-height: 1.3; margin: 0 }
p { max-width: 44em; margin: .5rem 0 } small { font-size: .78rem; color: var(--quiet) } .method, caption { color: var(--quiet); font-size: .86rem }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; color: var(--quiet); font-size: .9rem; margin: .6rem 0 1.6rem; padding: 0; list-style: none }
.key li::before { content: ''; display: inline-block; width: 1.5em; height: 1em; margin-right: .5em; vertical-align: -.12em; border: 1px solid var(--quiet); print-color-adjust: exact }
.key .of-read::before { background: var(--fill); border-color: var(--read) } .key .of-gain::before { background: var(--gain); border-color: var(--gain) } .key .of-none::before { background: ${hatch}; border-color: var(--line) }
.key .of-theft::before { width: 0; border: 0; border-left: 2px dashed var(--ink) } .key .of-lit::before { height: 0; vertical-align: .25em; border: 0; border-top: 3px solid var(--read) } .key .of-dark::before { height: 0; vertical-align: .25em; border: 0; border-top: 2px solid var(--edge) }
nav { margin-top: 2.4rem } nav ol { columns: 2 22rem; margin: 0; padding-left: 1.6rem; font-size: .92rem } a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: .18em } a:focus-visible { outline: 3px solid var(--read); outline-offset: 3px }
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 2.5rem } .sides h3 { padding-bottom: .3rem; border-bottom: 3px solid var(--quiet) } .sides ul, section > ul { padding-left: 1.1rem } .sides li, section > ul li { margin: .5rem 0; max-width: 46em }
.verdicts { padding-left: 2.2rem } .verdicts li { padding: .7rem 0; border-bottom: 1px solid var(--line); break-inside: avoid } .verdicts p { margin: 0; max-width: none } .verdicts .who { color: var(--quiet); font-size: .9rem } .verdicts .who b { color: var(--ink) } .ruling { display: inline-block; padding: 0 .5em; margin-right: .3em; border: 1.5px solid var(--quiet); border-radius: 3px; font-size: .86em; white-space: nowrap; print-color-adjust: exact } .ruling.holds { background: var(--gain) } .ruling.holds-in-part { background: linear-gradient(90deg, var(--gain) 50%, transparent 0) } .ruling.not-tried { border-style: dashed; font-weight: 400 }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.who dt, dl.who dt { color: var(--ink); font-weight: 600 } .group + .group { margin-top: 1.6rem } .group caption { color: var(--ink); font-weight: 600; padding-bottom: .4rem }
.plain { margin: .8rem 0 1.6rem } .plain td, .plain th { overflow-wrap: normal } .plain .number, .plain td:not(:last-child) { font-variant-numeric: tabular-nums } details .plain { font-size: .86rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; padding-bottom: 1rem; caption-side: top } .matrix caption { padding-left: 6px }
th, td { text-align: left; vertical-align: top; padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--line); font-weight: inherit }
thead th { vertical-align: bottom; font-size: .86rem; color: var(--quiet); line-height: 1.3 } tbody th { font-weight: 600 } tbody th small { display: block; font-weight: 400; line-height: 1.35 }
thead th.number, .number { text-align: right; font-variant-numeric: tabular-nums } td.none { color: var(--quiet) }
summary:focus-visible { outline: 3px solid var(--read); outline-offset: 3px }
.matrix { table-layout: fixed; border-collapse: separate; border-spacing: 6px; width: calc(100% + 12px); margin-left: -6px }
.matrix th, .matrix td { border: 0; padding: 0 } .matrix thead td, .matrix tbody th { width: 20% } .matrix thead th { text-align: center; color: var(--ink); font-weight: 600; padding: 0 .2rem .3rem } .matrix thead small { display: block; font-weight: 400 }
.matrix.of-6 thead th, .matrix.of-7 thead th { font-size: .74rem; padding: 0 0 .3rem }
.matrix tbody th { vertical-align: middle; line-height: 1.25; padding-right: .5rem; font-size: .95rem }
.matrix tbody td { position: relative; height: 4.6rem; padding: .5rem .2rem; text-align: center; vertical-align: middle; border: 1px solid var(--quiet); border-radius: 3px; line-height: 1.2; print-color-adjust: exact }
.matrix td b { display: block; font-size: 1.45rem; font-weight: 650; font-variant-numeric: tabular-nums } .matrix td small { color: inherit; font-size: .74rem } .matrix td i { display: none }
.matrix td.read { border-color: var(--read); background: linear-gradient(to top, var(--fill) max(3px, var(--share)), transparent 0) } .matrix td.noticed { background: linear-gradient(to top, var(--gain) max(3px, var(--share)), transparent 0) } .matrix td.zero { background: var(--card) }
.matrix td.guess { border-style: dashed; background: linear-gradient(to top, var(--faint) var(--share), transparent 0) }
.matrix tbody td.none { border-color: var(--line); background: ${hatch} } .matrix td.none b { font-weight: 400 } .matrix td.none b, .matrix td.none small { width: fit-content; margin: 0 auto; padding: 0 .35em; background: var(--paper); color: var(--quiet) }
.reasons { list-style: none; padding: 0; margin: 1rem 0; color: var(--quiet); font-size: .86rem } .reasons b { display: inline-block; min-width: 1.2em; color: var(--ink) }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2.4rem 3rem } .panels.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 2rem }
figure { margin: 0; break-inside: avoid } figcaption p { color: var(--quiet); margin: 0 0 .7rem; font-size: .95rem } .plot { display: block; width: 100%; height: auto; overflow: visible; print-color-adjust: exact }
.large { margin: 0 0 3rem }
.stripes { position: absolute; width: 0; height: 0 }${plotRules}
.matrix + .matrix { margin-top: 3rem } .matrix th small { display: block; font-weight: 400; line-height: 1.3; margin-top: .2rem }
article { margin: 2.2rem 0; padding: clamp(1.1rem, 2.5vw, 2rem); background: var(--card); border: 1px solid var(--line); border-radius: 6px; break-inside: avoid-page }
article h3 { font-size: 1.3rem } .question { font-size: 1.1rem; margin: .3rem 0 .8rem } .claims { list-style: none; margin: 0 0 1rem; padding: 0 } .claims li { padding: .15rem 0 .15rem 1rem; border-left: 3px solid var(--line) } .claims small { white-space: nowrap }
.verdict { font-size: 1.22rem; line-height: 1.4; font-weight: 600; margin: 1.1rem 0 .6rem; text-wrap: pretty }
details { margin: 1.6rem 0 } article details { margin: .8rem 0 0 } summary { cursor: pointer; font-weight: 600 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.6rem; margin: 1rem 0 2.4rem } dt { color: var(--quiet) } dd { margin: 0 }
footer { padding-top: 3rem; padding-bottom: 4rem; color: var(--quiet); font-size: .86rem }
@media screen and (max-width: 60rem) {
  .matrix { display: block } .matrix thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) } .matrix tbody, .matrix caption { display: block }
  .matrix tbody tr { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; margin-bottom: 1.6rem } .matrix tbody th { grid-column: 1 / -1; width: auto; font-size: 1.1rem; padding: 0 }
  .matrix tbody td { height: auto; padding: .4rem .2rem .5rem } .matrix td i { display: block; font-style: normal; font-size: .78rem; min-height: 2.5em; margin-bottom: .15rem }
  .matrix tbody td.none i { background: var(--paper); color: var(--quiet) }
  .matrix.of-4 tbody tr, .matrix.of-2 tbody tr { grid-template-columns: repeat(2, 1fr) }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .6rem }
  .large .label { font-size: 0 } .large .label.of-target, .plot .label.small { font-size: 46px; stroke-width: 10px }
}
@media screen and (max-width: 44rem) {
  .sides { grid-template-columns: 1fr } .plain, .plain tbody, .plain tr, .plain th, .plain td { display: block } .plain thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  .plain tr { padding: .6rem 0; border-bottom: 1px solid var(--line) } .plain th, .plain td, .plain .number { border: 0; padding: .1rem 0; text-align: left } .plain td { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem } .plain td::before { content: attr(data-column); color: var(--quiet) } .plain td:empty { display: none } .plain th[data-column]::before { content: attr(data-column) ': '; color: var(--quiet); font-weight: 400 }
}
@media print {
  @page { size: A4; margin: 14mm } :root { font-size: 11pt } h2 { margin-top: 2rem; break-after: avoid } h3 { break-after: avoid } article { padding: .8rem }
  .panels { grid-template-columns: 1fr 1fr; gap: 1.2rem } .panels.three { grid-template-columns: repeat(3, 1fr) } .matrix tbody td { height: 3.4rem } .matrix td b { font-size: 1.05rem } .matrix td small { font-size: .6rem } .matrix thead th { font-size: .72rem } h1 { font-size: 1.9rem }
  tr { break-inside: avoid } details::details-content { content-visibility: visible; block-size: auto } article { break-inside: auto } .plain td, .plain th { padding-right: .5rem; font-size: .74rem } nav ol { columns: 2 }
}
`
