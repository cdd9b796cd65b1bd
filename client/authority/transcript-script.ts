/**
 * The script of a transcript's page: puts times into the reader's zone, and searches without capitals and accents. It only
 * ever sets text and hides rows. Its hash stands in the page's Content-Security-Policy, so that no other runs there.
 */
export const transcriptScript = `
'use strict'
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })
for (const time of all('time[datetime]')) {
  time.title = time.textContent + ' UTC'
  time.textContent = local.format(new Date(time.dateTime))
}
document.getElementById('zone').textContent = 'in your time zone, ' + zone
const folded = (text) => text.normalize('NFKD').replace(/\\p{M}/gu, '').toLowerCase().replace(/\\s+/g, ' ').trim()
const sections = all('section').map((section) => ({
  section,
  rows: all('tbody tr', section).map((row) => ({ row, text: folded(row.lastElementChild.innerText) })),
}))
const form = document.getElementById('search')
const words = document.getElementById('words')
form.hidden = false
form.addEventListener('submit', (event) => event.preventDefault())
words.addEventListener('input', () => {
  const wanted = folded(words.value)
  let found = 0
  for (const { section, rows } of sections) {
    let here = 0
    for (const { row, text } of rows) {
      row.hidden = !text.includes(wanted)
      if (!row.hidden) here += 1
    }
    section.hidden = here === 0
    found += here
  }
  document.getElementById('found').textContent =
    wanted === '' ? '' : found === 1 ? '1 entry contains this' : found + ' entries contain this'
})
`
