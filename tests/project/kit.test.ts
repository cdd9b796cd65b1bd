import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exercises } from '../../client/cli/exercise/exercise.ts'

const workshop = new URL('../../docs/workshop/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, workshop), 'utf8')

/** What somebody reads: no marks, no links, one kind of quotation mark, one space at a time. */
const plain = (text: string) =>
  text
    .replaceAll(/```.*?```/gs, ' ')
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll(/[`*]/g, '')
    .replaceAll('’', "'")
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?=[.,;:?])/g, '')
    .trim()

const printed = readdirSync(new URL('print/', workshop)).filter((name) => name.endsWith('.html'))
const parts = (html: string, tag: RegExp) => html.split(tag).slice(1)
const between = (html: string, tag: string) =>
  [...html.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, 'gs'))].map(([, inner = '']) => plain(inner))

describe.each(printed)('docs/workshop/print/%s', (name) => {
  const html = read(`print/${name}`)

  it('is one file that loads nothing and runs nothing', () => {
    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    )
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|url\(|@import|https?:/)
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">\n/)
  })

  it('is in the list of what there is to print', () => {
    const sheets = html.match(/<section class="sheet/g)?.length
    expect(read('print/README.md')).toContain(`| [${name}](${name}) | ${sheets} | `)
  })
})

describe('a handout', () => {
  const html = read('print/handouts.html')

  it.each(exercises)(
    'of $id has the title, the aim and the questions of its page, and its command',
    ({ id, title }) => {
      const [sheet = ''] = parts(html, new RegExp(`(?=<section[^>]* id="${id}">)`)).map(
        (part) => part.split('</section>')[0] ?? '',
      )
      const page = read(`${id}.md`)
      const [, goals = ''] = /Afterwards you can\n(.*?)\n\n/s.exec(page) ?? []
      const [, questions = ''] = /## Questions in writing\n\n(.*?)\n\n## Time/s.exec(page) ?? []
      const asked = parts(questions, /^\d\. /m).map(plain)
      expect(between(sheet, 'h2')).toEqual([plain(title)])
      expect(between(sheet.split('<ol>')[0] ?? '', 'li')).toEqual(parts(goals, /^- /m).map(plain))
      expect([...between(sheet.split('<ol>')[1] ?? '', 'li'), ...between(sheet, 'p').slice(-1)]).toEqual(asked)
      expect(asked.at(-1)).toMatch(/^To talk about: /)
      expect(between(sheet, 'code')).toContain(`doormat exercise start ${id}`)
    },
  )

  it('is there for the room and for every exercise, in the order of the program', () => {
    expect([...html.matchAll(/<section[^>]* id="([a-z]+)">/g)].map(([, id]) => id)).toEqual([
      'room',
      ...exercises.map(({ id }) => id),
    ])
  })
})

describe('the survey', () => {
  it('asks before and after what docs/workshop/survey.md explains, line by line, and the same vote', () => {
    const rows = [...read('survey.md').matchAll(/^\| (\d) \| ([^|]+) \|/gm)].map(
      ([, n, line]) => `${n}. ${plain(line ?? '')}`,
    )
    const [, before = '', after = ''] = read('print/survey.html').split('<section class="half"')
    const [, vote = ''] = /The vote above the lines is \*([^*]+)\*/.exec(read('survey.md')) ?? []
    expect(vote).toContain('police')
    for (const half of [before, after]) {
      expect(between(half, 'th').filter((text) => /^\d\./.test(text))).toEqual(rows)
      expect(between(half, 'strong')).toEqual([vote])
    }
    expect(rows).toHaveLength(8)
    for (const page of ['survey.md', 'debate.md', 'plan-50.md']) expect(read(page)).toContain(vote)
  })
})

describe('the debate', () => {
  const sides = ['## For access', '## Against access'].map((heading) => {
    const [, after = ''] = read('debate.md').split(`${heading}\n`)
    return [...(after.split('\n## ')[0] ?? '').matchAll(/^\| (\*\*.*)\|$/gm)].map(([, row = '']) =>
      row.split('|').map((cell) => cell.trim()),
    )
  })

  it('gives both sides as many arguments, and about as many words', () => {
    const [pro = [], contra = []] = sides
    const words = (rows: readonly (readonly string[])[]) =>
      rows.flatMap(([argument = '']) => plain(argument).split(' ')).length
    expect(pro.length).toBeGreaterThan(4)
    expect(contra).toHaveLength(pro.length)
    expect(Math.abs(words(pro) - words(contra))).toBeLessThan(0.3 * words(pro))
  })

  it('names for each argument its source, with a date, and where in it', () => {
    const whole = sides.flat()
    for (const [argument = '', source = '', where = ''] of whole) {
      expect(argument).toMatch(/^\*\*[^*]+\.\*\* /)
      expect(where).not.toBe('')
      expect(source).toMatch(/\b(19|20)\d\d\b|^The same |United States Code|\.md#/)
    }
  })
})
