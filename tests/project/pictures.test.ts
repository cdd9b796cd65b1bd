import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'docs/workshop')
const pictures = readdirSync(folder).filter((name) => name.endsWith('.png'))
const pages = ['README.md', 'docs/workshop/host.md'].map((page) => readFileSync(join(root, page), 'utf8'))
const maker = readFileSync(join(root, 'tests/docs/make-screens.ts'), 'utf8')

describe('the pictures of a workshop', () => {
  it('are those that `npm run screens` makes', () => {
    const made = [...maker.matchAll(/picture\('([a-z]+)'\)/g)].map(([, name]) => `${name}.png`)
    expect(pictures.toSorted()).toEqual(made.toSorted())
    expect(made).toHaveLength(3)
    expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toHaveProperty(['scripts', 'screens'])
  })

  it.each(pictures)('%s stands in a page that says in words what it shows, and which command made it', (name) => {
    const shown = pages.filter((page) => new RegExp(`!\\[[^\\]]{60,}\\]\\([^)]*${name}\\)`).test(page))
    expect(shown).toHaveLength(1)
    expect(shown[0]).toContain('`npm run screens`')
  })

  it.each(pictures)('%s is a PNG, and light enough for a page', (name) => {
    const path = join(folder, name)
    expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG')
    expect(statSync(path).size).toBeLessThan(150_000)
  })
})
