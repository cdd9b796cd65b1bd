import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAttachmentKeys } from '../../crypto/attachment.ts'
import { base64url } from '../../crypto/bytes.ts'
import type { Digest } from '../../crypto/keys.ts'
import { few } from '../support/long.ts'
import { archiveOf, recordedTalk } from '../support/recorded.ts'
import { here } from '../support/here.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { objects } from '../support/world-cli.ts'

/* What somebody types who would rather not be found: the same words, with other bytes. */

const { path, remove } = scratch()
afterAll(remove)

const pairs = [
  ['in another normal form', 'Zoe\u0308 in the cafe\u0301', 'zoë in the café'],
  ['in capitals', 'STRASSE ΟΔΟΣ ÎLE', 'straße οδος île'],
  ['in small letters', 'straße οδος', 'STRASSE ΟΔΟΣ'],
  ['with the capital sharp s', 'STRA\u1e9eE', 'strasse'],
  ['with a Turkish capital I', 'D\u0130YARBAKIR', 'diyarbakır'],
  ['across a line break', 'meet at the\r\nold   mill', 'the old mill'],
  ['across a no-break space', 'meet at the\u00a0old\u202fmill', 'the old mill'],
  ['with a soft hyphen', 'the la\u00addder', 'ladder'],
  ['with something of no width', 'the la\u200bd\u2060d\u200der', 'ladder'],
  ['with a selector of variants', 'the la\ufe0fdder\u{e0061}', 'ladder'],
  ['in full width, or as ligatures', 'ｌａｄｄｅｒ ﬁle', 'ladder file'],
  ['without accents', 'the café of Zoe', 'cafe of zoë'],
  ['with marks that vowels have', 'שָׁלוֹם مُحَمَّد', 'שלום محمد'],
  ['with another dash or apostrophe', 'don’t – a non‑stop', "don't - a non-stop"],
] as const
const wordsInBetween = ['Łódź', 'Lodz'] as const
const random = seededRandom('a file that is looked for')
const plan = {
  ...newAttachmentKeys(random),
  root: random(32) as Digest,
  sizeBytes: 70_000,
  name: 'Plán of the Vault.html',
  type: '',
}

beforeAll(() => {
  const { recorded, key } = recordedTalk([wordsInBetween[0], ...pairs.map(([, text]) => text)], 'words', [plan])
  writeFileSync(path('passed.archive'), archiveOf(recorded))
  writeFileSync(
    path('escrow.key'),
    JSON.stringify({ doormat: 'escrow key', mode: key.mode, secret: base64url(key.secret) }),
  )
})

const search = (words: string, ...more: string[]) =>
  here(['authority', 'search', words, '--archive', 'passed.archive', '--json', ...more], { cwd: path('') })

describe('a search', () => {
  it('finds words however they are written', async () => {
    const missed = []
    for (const [how, text, words] of few(pairs, 5)) {
      const found = objects(await search(words)).map((line) => line['text'])
      if (!found.includes(text)) missed.push(how)
    }
    expect(missed).toEqual([])
  })

  it('does not find what is not there, nor another letter, nor words that run into each other', async () => {
    for (const words of few(['cafés', 'theold', 'lad der', wordsInBetween[1], 'ladde\u0440'], 2))
      expect([words, objects(await search(words))]).toEqual([words, []])
  })

  it('finds the name of a file', async () => {
    const found = objects(await search('plan of the vault'))
    expect(found.map((line) => line['attachment'])).toMatchObject([{ name: plan.name, sizeBytes: 70_000 }])
    expect(objects(await search('łódź plan'))).toEqual([])
  })

  it('for nothing that can be seen is refused', async () => {
    for (const words of few(['', '\u200b\u00ad', ' \n'], 2)) {
      const { code, stdout, stderr } = await search(words)
      expect([code, stdout, stderr]).toEqual([
        1,
        '',
        expect.stringMatching(/^doormat: these words have nothing in them to look for/),
      ])
    }
  })
})

describe('an export of an archive without the folder of files', () => {
  it('says that the folder is missing, and what to do', async () => {
    const { code, stdout } = await here(['authority', 'export', '--archive', 'passed.archive'], { cwd: path('') })
    expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      expect.stringContaining(
        'Wrote 15 messages in 1 conversation to transcript. 1 file, of which 0 are beside the transcript. 1 is missing: there is no folder passed.archive.blobs beside the archive, where the relay puts files; copy it there too.',
      ),
    ])
    expect(readFileSync(path('transcript/transcript.txt'), 'utf8')).toContain(
      '    its file is missing: there is no folder',
    )
  })
})
