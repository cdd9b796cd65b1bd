import { readFileSync, writeFileSync } from 'node:fs'
import { modes } from '../../crypto/access/index.ts'
import { pagesOf, runStories, withExperiments } from './findings.ts'

/*
 * Runs the lab and writes docs/findings.json, and from it docs/findings.md and docs/matrix.svg: `npm run findings`.
 * With `--check` nothing is written: it fails, and names the file, when one of them says something else.
 */
const checking = process.argv.includes('--check')
const pages = pagesOf(await runStories(modes, withExperiments))
for (const [name, text] of Object.entries(pages)) {
  const path = new URL(`../../docs/${name}`, import.meta.url)
  if (!checking) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`docs/${name} is not what a run of the lab says\ntry: npm run findings`)
    process.exitCode = 1
  }
}
