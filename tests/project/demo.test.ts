import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import stringWidth from 'string-width'
import { beforeAll, describe, expect, it } from 'vitest'
import { picture, screenShown, sentence } from '../docs/picture.ts'
import { command } from '../support/program.ts'

/** The lines of one run, by screen: six, and the last. */
let screens: readonly (readonly string[])[] = []

beforeAll(async () => {
  const demo = await command(['demo', '--yes', '--say', sentence])
  const begins = demo.lines.flatMap((line, i) => (/^\d of 6\. |^What you saw$/.test(line) ? i : []))
  screens = begins.map((from, i) =>
    demo.lines
      .slice(from, begins[i + 1])
      .join('\n')
      .trimEnd()
      .split('\n'),
  )
})

const textOf = (screen: number) => (screens[screen - 1] ?? []).join('\n')
/** With what was broken put together again. */
const flowing = (screen: number) => textOf(screen).replaceAll(/\n +(│ +)?/g, ' ')

describe('the demo', () => {
  it('has six screens and a last, each of which fits 80 columns and 24 rows with its prompt', () => {
    expect(screens).toHaveLength(7)
    for (const screen of screens) {
      expect(screen.length, screen[0]).toBeLessThanOrEqual(22)
      expect(Math.max(...screen.map((line) => stringWidth(line))), screen[0]).toBeLessThanOrEqual(80)
    }
  })

  it('breaks no word: what stands on two rows is whole once they are put together', () => {
    for (const text of ['Leave page nine out, or they know it was you.', 'the car at the station.'])
      expect(flowing(3)).toContain(text)
    expect(screens.flat().filter((line) => /[a-z]-$/.test(line))).toEqual([])
  })

  it('finds nothing before the key, with a control that opens', () => {
    expect(flowing(1)).toContain('finds 0 of the 6 texts')
    expect(flowing(1)).toContain('tried on the 6 envelopes, open 0.')
    expect(flowing(1)).toContain('opens 1 control message')
  })

  it("prints what the key reads of source and shelter in the authority's window, and the visitor's sentence", () => {
    const read = (text: string) => expect(textOf(3)).toMatch(new RegExp(`^ {2}authority {2}│ .*${text}`, 'm'))
    for (const text of ['Only the deputy and I signed', 'use the garden gate at number 14', 'The spare key is'])
      read(text)
    expect(textOf(3).match(/^ {2}officer {4}│ /gm)).toHaveLength(2)
  })

  it('shows an audit log that is the same after the clerk has read', () => {
    const rows = textOf(4).match(/^ {2}((?:[0-9a-f]{8} ?){4}) {3}((?:[0-9a-f]{8} ?){4})$/gm) ?? []
    expect(rows).toHaveLength(2)
    for (const row of rows) {
      const groups = row.trim().split(/ +/)
      expect(groups.slice(0, 4)).toEqual(groups.slice(4))
    }
    expect(textOf(4)).toMatch(/^ {2}clerk {6}│ .*garden gate/m)
  })

  it('shows two safety numbers of sixty digits that are not the same where a server lies', () => {
    const rows = textOf(6).match(/^ {2}(\d{5} ){3}\d{5} +(\d{5} ){3}\d{5}$/gm) ?? []
    expect(rows).toHaveLength(3)
    for (const row of rows) expect(row.trim().slice(0, 23)).not.toBe(row.trim().slice(-23))
  })

  it('ends with what was seen, in five sentences whose figures agree with the screens', () => {
    const end = flowing(7)
    const count = (screen: number, who: string) =>
      (textOf(screen).match(new RegExp(`^ {2}${who} +│ [a-z]+ -> [a-z]+: `, 'gm')) ?? []).length
    expect(end).toContain(`${count(3, 'officer')} messages were handed over.`)
    expect(end).toContain('opened 3 conversations, and exposed 4 people who have nothing to do with the order.')
    expect(end).toContain('the audit log has 0 entries more.')
    expect(end).toContain(`read ${count(5, 'thief')} of 7 messages from under the mat, and 0 of the 12`)
    expect(end).toContain(`read ${count(6, 'server')} of 3 messages`)
    expect(end).toContain('12 of 12 groups differed.')
  })

  it('is what docs/demo.svg shows', () => {
    const drawn = readFileSync(resolve(import.meta.dirname, '../../docs/demo.svg'), 'utf8')
    expect(drawn).toBe(picture(screenShown(screens.flat())))
  })
})
