import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { picture, screenShown, sentence } from './picture.ts'

/* Runs the demo and draws one of its screens as docs/demo.svg: `npm run picture`. */

const root = resolve(import.meta.dirname, '../..')
const { stdout, status } = spawnSync(
  process.execPath,
  [resolve(root, 'dist/doormat.js'), 'demo', '--yes', '--say', sentence],
  { encoding: 'utf8' },
)
if (status !== 0) throw new Error('the demo failed; nothing is drawn')
writeFileSync(resolve(root, 'docs/demo.svg'), picture(screenShown(stdout.split('\n'))))
