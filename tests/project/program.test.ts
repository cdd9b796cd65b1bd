import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import about from '../../package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '../..')
const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })

it('only a voice message loads libopus', () => {
  const folder = resolve(root, 'dist')
  const loads = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .flatMap(
      (name) =>
        readFileSync(resolve(folder, name), 'utf8').match(/.*(?:import|from|require).*["']libopus-wasm["'].*/g) ?? [],
    )
  expect(loads).toHaveLength(1)
  expect(loads[0]).toMatch(/await import\(["']libopus-wasm["']\)/)
})

it('the bundled program and the source through tsx are the same', () => {
  const bundled = run('dist/doormat.js', '--help')
  expect(bundled.status).toBe(0)
  expect(run('--import', 'tsx', 'client/cli/main.ts', '--help').stdout).toBe(bundled.stdout)
  expect(run(about.bin.doormat, '--version').stdout.trim()).toBe(about.version)
})
