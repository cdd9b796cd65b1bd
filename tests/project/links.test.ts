import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.md$|^workshop\/print\/.*\.html$/.test(name))
    .map((name) => `docs/${name}`),
  'tests/mutants/survivors.md',
]

/** The page without what stands in code, where a bracket is no link. */
const proseOf = (page: string) =>
  readFileSync(join(root, page), 'utf8')
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, '``')

/** The anchors that a page's headings have, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
  const seen = new Map<string, number>()
  const anchors = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1').toLowerCase()
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  })
  return new Set(anchors)
}

/** What a link of a page leads to, if it is not there. */
function broken(page: string, target: string): boolean {
  if (/^[a-z]+:/.test(target)) return false
  const [path = '', anchor = ''] = target.split('#')
  const file = path === '' ? page : relative(root, resolve(root, dirname(page), path))
  if (!existsSync(join(root, file))) return true
  return anchor !== '' && !anchorsOf(file).has(anchor)
}

const linksIn = (page: string) =>
  [...proseOf(page).matchAll(page.endsWith('.html') ? /href="([^"]+)"/g : /\]\(([^)\s]+)\)/g)].map(
    ([, target]) => target as string,
  )

describe('links between pages', () => {
  it('are looked at in every page', () => {
    expect(pages.length).toBeGreaterThan(30)
    expect(linksIn('README.md').length).toBeGreaterThan(5)
    expect(linksIn('docs/workshop/print/cards.html').length).toBeGreaterThan(5)
  })

  it.each(pages)('of %s lead to something that is there, and to a heading that it has', (page) => {
    expect(linksIn(page).filter((target) => broken(page, target))).toEqual([])
  })

  it('would be told of if they did not', () => {
    const missing = ['nowhere.md', 'glossary.md#nothing', '#nothing']
    expect(missing.filter((target) => broken('docs/threat-model.md', target))).toEqual(missing)
    expect(broken('docs/threat-model.md', 'glossary.md#order-desk')).toBe(false)
  })
})
