import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { architecturePicture, floorsOf, importsBetween, labRooms } from '../docs/architecture.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

describe('the house', () => {
  it('is drawn as it is: npm run architecture', () => expect(page('architecture.svg')).toBe(architecturePicture()))

  it('is drawn with a place for every room', () => expect(architecturePicture()).not.toMatch(/Infinity|NaN/))

  it('has a lab whose rooms import from those before them, in the order of a run', () => {
    const folders = labRooms.map((name) => `client/lab/${name}`)
    const imports = importsBetween(folders, ['client/lab'])
    for (const [i, folder] of folders.entries())
      expect([folder, [...(imports.get(folder) ?? [])].filter((other) => folders.indexOf(other) > i)]).toEqual([
        folder,
        [],
      ])
  })

  it('is refused where two rooms import from each other', () => {
    const circle = new Map([
      ['attic', new Set(['cellar'])],
      ['cellar', new Set(['attic'])],
    ])
    expect(() => floorsOf(circle)).toThrow('imports go in a circle: attic, cellar, attic')
  })
})

describe('docs/architecture.md', () => {
  const text = page('architecture.md')

  it('names files that are there', () => {
    const named = [...text.matchAll(/(?<![\w/])((?:crypto|server|client)\/[\w/.-]+\.ts)\b/g)]
      .map(([, file = '']) => file)
      .filter((file) => !file.includes('NAME'))
    expect(named.length).toBeGreaterThan(15)
    for (const file of named) expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).not.toBe('')
  })
})
