import { describe, expect, it } from 'vitest'
import { folded } from '../../client/words/folded.ts'

/** Every character of one block of Unicode, each between two letters. */
const blocks = Array.from({ length: 0x11_0000 / 256 }, (_, block) => block * 256)
  .filter((first) => first < 0xd800 || first > 0xdfff)
  .map((first) => Array.from({ length: 256 }, (_, i) => `a${String.fromCodePoint(first + i)}b`).join(''))

describe('a folded text', () => {
  it('is the same in every normal form, in capitals or not, and when it is folded again', () => {
    const unlike = blocks.filter((text) => {
      const fold = folded(text)
      const ways = [text.normalize('NFC'), text.normalize('NFD'), text.normalize('NFKC'), text.normalize('NFKD')]
      return [...ways, text.toUpperCase(), text.toLowerCase(), fold].some((way) => folded(way) !== fold)
    })
    expect(unlike.map((text) => text.codePointAt(1)?.toString(16))).toEqual([])
  })

  it('keeps letters apart that are different letters', () => {
    const words = ['lodz', 'łodz', 'aether', 'æther', 'cap', 'сар', 'か', 'が', '가', '각', 'कि', 'की']
    expect(new Set(words.map(folded)).size).toBe(words.length)
  })
})
