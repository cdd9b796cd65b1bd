import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const page = readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8')

/** What the page says of each term: the lines between its heading and the next. */
const entries = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((part): [string, readonly string[]] => {
      const [term = '', ...rest] = part.split(/^## /m)[0]?.trim().split('\n') ?? []
      return [term, rest.filter((line) => line !== '')]
    }),
)

/** Words of Doormat that a reader who has not seen it cannot know. */
const owed = [
  'access mode',
  'account',
  'archive',
  'authority',
  'breach',
  'commitment',
  'control message',
  'custodian',
  'delivery receipt',
  'device list',
  'dishonest server',
  'end-to-end encryption',
  'envelope',
  'epoch',
  'evader',
  'evidence',
  'exposure',
  'forward secrecy',
  'ghost device',
  'insider',
  'instrument',
  'issuer',
  'key',
  'key substitution',
  'key thief',
  'message key escrow',
  'metadata',
  'MLAT',
  'none',
  'one-time prekey',
  'operator',
  'order',
  'order desk',
  'policy',
  'prekey',
  'ratchet',
  'reading',
  'relay',
  'safety number',
  'seam',
  'session key escrow',
  'split escrow',
  'stanza',
  'tap',
  'transcript',
]

describe('docs/glossary.md', () => {
  it('has every word that a reader cannot know', () => {
    expect(owed.filter((term) => !entries.has(term))).toEqual([])
  })

  it('says of each word what it means in two lines, and in 240 characters as they are read', () => {
    const read = (lines: readonly string[]) => lines.join(' ').replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    const wrong = [...entries].filter(
      ([, lines]) => lines.length < 1 || lines.length > 2 || read(lines).length > 240 || !read(lines).endsWith('.'),
    )
    expect(wrong).toEqual([])
  })

  it('lists its words in alphabetical order, each once', () => {
    const index = /^In alphabetical order: (.*?)\.$/ms.exec(page)?.[1] ?? ''
    const listed = [...index.matchAll(/\[([^\]]+)\]/g)].map(([, term]) => term as string)
    const inOrder = [...entries.keys()].sort((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1))
    expect(listed).toEqual(inOrder)
  })
})
