/** The style of a transcript's page: a file that is read on a screen, on a phone, and on paper. */
export const transcriptStyle = `
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1f1d1a; --quiet: #5c564d; --line: #cfc8bb; --link: #7a2a08; font: 400 16px/1.5 Georgia, 'Times New Roman', serif }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #ece8e1; --quiet: #b0aaa0; --line: #454a52; --link: #ffb98a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem clamp(1rem, 4vw, 3rem); background: var(--paper); color: var(--ink); overflow-wrap: anywhere }
header { border-top: 6px double var(--ink); border-bottom: 1px solid var(--ink); padding: 1rem 0 1.2rem }
h1 { font-size: 2.2rem; font-weight: 400; letter-spacing: .02em; margin: 0 0 1rem }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .3rem; line-height: 1.25 }
p { margin: .3rem 0; max-width: 44rem } .word { color: var(--quiet); font-style: italic }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.5rem; margin: 0 0 1rem } dt { color: var(--quiet) } dd { margin: 0 }
a { color: var(--link) } small { color: var(--quiet); font-size: .8rem } th small { display: block; font-weight: 400 }
ol { margin: .4rem 0; padding-left: 2rem } nav li { padding: .1rem 0 }
form { margin: 2rem 0 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 3px } [hidden] { display: none }
label { display: block; font-weight: 700 } input { width: 100%; max-width: 30rem; font: inherit; padding: .4rem .6rem; margin-top: .3rem; color: inherit; background: transparent; border: 1px solid var(--quiet); border-radius: 3px }
section { border-top: 1px solid var(--line); margin-top: 2.4rem } section h2 { margin-top: 1rem }
table { border-collapse: collapse; width: 100%; margin-top: .8rem }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line) }
thead th { font-size: .9rem; vertical-align: bottom; white-space: nowrap } tbody th { font-weight: 400; color: var(--quiet); font-variant-numeric: tabular-nums }
td:last-child { width: 100%; padding-right: 0 } time { white-space: nowrap; font-variant-numeric: tabular-nums }
img, audio { display: block; max-width: min(100%, 24rem); max-height: 24rem; margin: .3rem 0 } .file { font-size: .9rem }
footer { color: var(--quiet); font-size: .85rem; margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .6rem }
@media screen and (max-width: 44rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  table, tbody, tbody tr { display: block } tbody tr { padding: .6rem 0; border-bottom: 1px solid var(--line) }
  tbody th, tbody td { display: inline; border: 0; padding: 0 .6rem 0 0 } tbody td:last-child { display: block; padding-top: .2rem }
  tbody td:nth-child(4)::before { content: 'to '; color: var(--quiet) }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .4rem } tr[hidden] { display: none }
}
@media print {
  @page { size: A4; margin: 18mm 16mm; @bottom-right { content: counter(page) ' of ' counter(pages); font: 9pt Georgia, serif } }
  :root { font-size: 10.5pt } body { max-width: none; padding: 0; background: none } form, footer { display: none }
  a { color: inherit; text-decoration: none } tr { break-inside: avoid } tr[hidden] { display: table-row } section[hidden] { display: block } h2 { break-after: avoid } thead { display: table-header-group }
}
`
