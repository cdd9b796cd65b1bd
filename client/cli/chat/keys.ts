/** What came from the keyboard. A key is named `up`, `ctrl-a`, `alt-left`, `enter` …; `focus` and `blur` are the window's. */
export type Input =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  /** a paste too long to be a message, left out */
  | { readonly kind: 'flood' }
  | { readonly kind: 'key'; readonly key: string }

/** Turns what a terminal sends, in whatever pieces, into keys. */
export interface Keys {
  feed(chunk: string): readonly Input[]
  /** What is left of a sequence that did not go on: an Escape by itself. */
  flush(): readonly Input[]
}

const escape = '\u001b'
const pasteStart = `${escape}[200~`
const pasteEnd = `${escape}[201~`
/** Sixteen times as long as a message can be. */
export const pasteMaximum = 1_000_000

const named: Record<string, string> = {
  'A': 'up',
  'B': 'down',
  'C': 'right',
  'D': 'left',
  'H': 'home',
  'F': 'end',
  'I': 'focus',
  'O': 'blur',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '5~': 'pageup',
  '6~': 'pagedown',
  '7~': 'home',
  '8~': 'end',
}
const controls: Record<string, string> = {
  '\r': 'enter',
  '\n': 'ctrl-j',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
}

// oxlint-disable no-control-regex -- what a terminal sends is control characters
const text = /^[^\0-\x1f\x7f-\x9f]+/
const control = /^[\0-\x1f\x7f-\x9f]/
const sequence = /^\x1b(\x1b?)(?:\[([0-?]*)[ -/]*([@-~])|O([@-~]))/
const unfinished = /^\x1b\x1b?(?:\[[0-?]*[ -/]*|O)?$/
const withAlt = /^\x1b([^\x1b])/u
// oxlint-enable no-control-regex

/** A key of one byte, or of none that means anything here. */
function controlKey(character: string): string {
  const code = character.charCodeAt(0)
  return controls[character] ?? (code >= 1 && code <= 26 ? `ctrl-${String.fromCharCode(code + 96)}` : 'unknown')
}

/** `1;3A` is Up with Alt: the second number counts Shift 1, Alt 2, Ctrl 4, from 1. */
function sequenceKey(alt: boolean, parameters: string, final: string): string {
  const [number = '', modifier = '1'] = parameters.split(';')
  const name = named[final === '~' ? `${number}~` : final] ?? 'unknown'
  const held = Number(modifier) - 1
  return (held & 4 ? 'ctrl-' : '') + (alt || held & 2 ? 'alt-' : '') + name
}

export function createKeys(): Keys {
  let rest = ''
  /** what has come of a paste that goes on; null when none does */
  let pasted: string | null = null
  let flooded = false

  const key = (name: string): Input => ({ kind: 'key', key: name })

  function endPaste(): Input {
    const text = pasted ?? ''
    pasted = null
    return flooded ? { kind: 'flood' } : { kind: 'paste', text: text.replaceAll(/\r\n?/g, '\n') }
  }

  /** @returns null while the paste goes on */
  function takePaste(): Input | null {
    const end = rest.indexOf(pasteEnd)
    // the end mark may come in pieces
    const until = end >= 0 ? end : Math.max(0, rest.length - pasteEnd.length + 1)
    flooded ||= (pasted?.length ?? 0) + until > pasteMaximum
    pasted = flooded ? '' : (pasted ?? '') + rest.slice(0, until)
    rest = rest.slice(end >= 0 ? end + pasteEnd.length : until)
    return end >= 0 ? endPaste() : null
  }

  /** @returns null where more has to come first */
  function take(): Input | null {
    if (pasted !== null) return takePaste()
    const take = (length: number) => {
      const taken = rest.slice(0, length)
      rest = rest.slice(length)
      return taken
    }
    const typed = text.exec(rest)
    if (typed) return { kind: 'text', text: take(typed[0].length) }
    if (rest.startsWith(pasteStart)) {
      take(pasteStart.length)
      pasted = ''
      flooded = false
      return takePaste()
    }
    const found = sequence.exec(rest)
    if (found) {
      take(found[0].length)
      return key(sequenceKey(found[1] !== '', found[2] ?? '', found[3] ?? found[4] ?? ''))
    }
    if (rest === '' || unfinished.test(rest)) return null
    const alt = withAlt.exec(rest)
    if (alt) {
      take(alt[0].length)
      const [, pressed = ''] = alt
      return key(`alt-${control.test(pressed) ? controlKey(pressed) : pressed}`)
    }
    return key(rest.startsWith(escape) ? (take(1), 'escape') : controlKey(take(1)))
  }

  return {
    feed(chunk) {
      // A paste never ends if its end mark was lost: Ctrl-C by itself was pressed and not pasted, and in a flood it is meant
      if (pasted !== null && (chunk === '\u0003' || (flooded && chunk.includes('\u0003')))) {
        rest = ''
        pasted = null
        return [key('ctrl-c')]
      }
      rest += chunk
      const inputs: Input[] = []
      for (let input = take(); input; input = take()) inputs.push(input)
      return inputs
    },
    flush() {
      if (pasted !== null || rest === '') return []
      rest = ''
      return [key('escape')]
    },
  }
}
