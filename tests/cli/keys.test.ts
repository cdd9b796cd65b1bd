import { describe, expect, it } from 'vitest'
import { createKeys, type Input, pasteMaximum } from '../../client/cli/chat/keys.ts'

const [start, end] = ['\u001b[200~', '\u001b[201~']

const inOne = (...chunks: string[]): string[] => {
  const keys = createKeys()
  return [...chunks.flatMap((chunk) => keys.feed(chunk)), ...keys.flush()].map(shown)
}
const shown = (input: Input) =>
  input.kind === 'key' ? input.key : input.kind === 'flood' ? 'flood' : `${input.kind} ${input.text}`

describe('keys from a terminal', () => {
  it.each([
    ['\r', 'enter'],
    ['\n', 'ctrl-j'],
    ['\t', 'tab'],
    ['\u007f', 'backspace'],
    ['\b', 'backspace'],
    ['\u0001', 'ctrl-a'],
    ['\u0003', 'ctrl-c'],
    ['\u001b[A', 'up'],
    ['\u001bOB', 'down'],
    ['\u001b[1~', 'home'],
    ['\u001b[F', 'end'],
    ['\u001b[3~', 'delete'],
    ['\u001b[5~', 'pageup'],
    ['\u001b[6~', 'pagedown'],
    ['\u001b[1;3A', 'alt-up'],
    ['\u001b\u001b[A', 'alt-up'],
    ['\u001b[1;5D', 'ctrl-left'],
    ['\u001bb', 'alt-b'],
    ['\u001b\r', 'alt-enter'],
    ['\u001b\u007f', 'alt-backspace'],
    ['\u001b[I', 'focus'],
    ['\u001b[O', 'blur'],
    ['\u001b', 'escape'],
    ['\u001b[15~', 'unknown'],
    ['\u001b[?1;2c', 'unknown'],
    ['\u0000', 'unknown'],
    ['\u009b', 'unknown'],
  ])('reads %j as %s, in one piece or in many', (sequence, name) => {
    expect(inOne(sequence)).toEqual([name])
    expect(inOne(...Array.from(sequence))).toEqual([name])
  })

  it('keeps text together, and keys in it apart', () => {
    expect(inOne('hello, 漢字\u001b[Dx\r')).toEqual(['text hello, 漢字', 'left', 'text x', 'enter'])
  })

  it('takes a paste whole, in whatever pieces, with its lines and whatever is in it', () => {
    const pasted = `${start}one\rtwo\r\nthree\n\u0003\u001b[A${end}`
    expect(inOne(`a${pasted}b`)).toEqual(['text a', 'paste one\ntwo\nthree\n\u0003\u001b[A', 'text b'])
    for (let cut = 1; cut < pasted.length; cut++)
      if (pasted.slice(cut) !== end && pasted.slice(0, cut) !== '\u001b')
        expect(inOne(pasted.slice(0, cut), pasted.slice(cut))).toEqual(['paste one\ntwo\nthree\n\u0003\u001b[A'])
  })

  it('hears Ctrl-C in a paste that never ends', () => {
    expect(inOne(`${start}one`, 'two', '\u0003', '\r')).toEqual(['ctrl-c', 'enter'])
  })

  it('hears Ctrl-C among more than anybody can mean to paste, and keeps none of that', () => {
    const flood = [start, 'x'.repeat(pasteMaximum + 10)]
    expect(inOne(...flood, 'xx\u0003xx')).toEqual(['ctrl-c'])
    expect(inOne(...flood, `${end}!`)).toEqual(['flood', 'text !'])
  })
})
