import { measureEscrow } from './escrow.ts'
import { measureMessages } from './messages.ts'
import { goalTable, type Part, provenance, type Section, writePart } from './page.ts'
import { full } from './scale.ts'

/* `npm run bench`: measures everything of our own and writes its part of docs/performance.md. */

const sections: Section[] = []
for (const measure of [measureMessages, measureEscrow]) {
  const section = await measure(full)
  console.log(`${section.title}\n\n${section.body}\n`)
  sections.push(section)
}
write('bench', sections)

function write(part: Part, sections: readonly Section[]): void {
  const goals = goalTable(sections.flatMap(({ goals }) => goals))
  console.log(goals)
  const bodies = sections.map(({ title, body }) => `### ${title}\n\n${body}\n`)
  writePart(part, [`## Our own`, '', provenance('npm run bench'), '', goals, '', ...bodies].join('\n'))
}
