import { goalTable, type Part, provenance, type Section, writePart } from './page.ts'
import { full, type Scale } from './scale.ts'

export type Measure = (scale: Scale) => Promise<Section>

/** Measures one thing after another, tells as it goes, and writes a part of the page. */
export async function report(part: Part, title: string, measures: readonly Measure[]): Promise<void> {
  const sections: Section[] = []
  for (const measure of measures) {
    const section = await measure(full)
    console.log(`${section.title}\n\n${section.body}\n`)
    sections.push(section)
  }
  const goals = goalTable(sections.flatMap((section) => section.goals))
  console.log(goals)
  const bodies = sections.map((section) => `### ${section.title}\n\n${section.body}\n`)
  writePart(part, [`## ${title}`, '', provenance(`npm run ${part}`), '', goals, '', ...bodies].join('\n'))
}
