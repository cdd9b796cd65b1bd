import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { modes } from '../../crypto/access/index.ts'
import { asOf, pagesOf, readResult, runStories, withExperiments } from './findings.ts'

/*
 * Runs the lab and writes docs/findings.json, and from it docs/findings.md, docs/matrix.svg and
 * docs/whose-conversations.svg: `npm run findings`. Where no figure has changed, version, commit and day stay those of the
 * run that was written down. With `--check` nothing is written: it fails, and names the file, when one of them says
 * something else.
 */
const checking = process.argv.includes('--check')
const pathOf = (name: string) => new URL(`../../docs/${name}`, import.meta.url)
const read = (name: string) => (existsSync(pathOf(name)) ? readFileSync(pathOf(name), 'utf8') : null)

const run = await runStories(modes, withExperiments)
const written = read('findings.json')
const dated = written === null ? run : asOf(run, readResult(written))
const isSame = Object.entries(pagesOf(dated)).every(([name, text]) => read(name) === text)
for (const [name, text] of Object.entries(pagesOf(isSame || checking ? dated : run))) {
  if (!checking) writeFileSync(pathOf(name), text)
  else if (read(name) !== text) {
    console.error(`docs/${name} is not what a run of the lab says\ntry: npm run findings`)
    process.exitCode = 1
  }
}
