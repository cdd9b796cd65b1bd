import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import about from '../../package.json' with { type: 'json' }

const licensesIn = (folder: string) => readFileSync(new URL(`../../${folder}/licenses.md`, import.meta.url), 'utf8')

it('the program as it is built has the licenses of the packages in it beside it', () => {
  const text = licensesIn('dist')
  // those with native or WebAssembly parts stay packages, which have their own
  const apart = new Set(['libsodium-wrappers', 'libsodium-wrappers-sumo', '@photostructure/sqlite', 'libopus-wasm'])
  const inside = Object.keys(about.dependencies).filter((name) => !apart.has(name))
  expect(inside.filter((name) => !text.includes(`\n## ${name} - `))).toEqual([])
})

it('and so have its pages', () => {
  expect(licensesIn('dist/web')).toContain('\n## preact - ')
  expect(readFileSync(new URL('../../dist/web/libopus-license.txt', import.meta.url), 'utf8')).toContain('Xiph.Org')
})
