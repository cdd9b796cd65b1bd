import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { plainJpeg } from '../../client/device/metadata/jpeg.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { attachmentsRead, type Hands } from '../../client/lab/adversaries/exposure.ts'
import { filesRead, tryFileControl, tryPlainFileKeys } from '../../client/lab/adversaries/files.ts'
import type { Experiment } from '../../client/lab/experiments/experiment.ts'
import {
  circleEvidence,
  files,
  type FilesCell,
  filesEvidence,
  type FilesRow,
  filesVerdict,
} from '../../client/lab/experiments/files.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import { usualTimetable } from '../../client/lab/simulation/timetable.ts'
import { worldWithFiles } from '../../client/lab/world/files.ts'

const [seed, size] = ['files', 5]
const world = worldWithFiles(seed, size)
let result: Experiment
let played: Played

beforeAll(async () => {
  const escrow = modeCalled('message-key-escrow')
  result = await files([escrow], seed, size)
  played = await play(world, escrow, usualTimetable(world), seed, () => undefined)
})

/** Bytes are compared by a digest: comparing them one by one takes long. */
const short = (_key: string, value: unknown) =>
  value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value

describe('a world with files', () => {
  const sent = world.messages.flatMap(({ file }) => file ?? [])

  it('is the same under one seed, has pictures that are pictures, notes of several pieces, and nothing twice', () => {
    expect(JSON.stringify(worldWithFiles(seed, size), short)).toBe(JSON.stringify(world, short))
    const pictures = sent.filter(({ type }) => type === 'image/jpeg')
    for (const { bytes } of pictures) expect(plainJpeg(bytes)).toEqual(bytes)
    expect(pictures.length).toBeGreaterThan(0)
    expect(sent.some(({ bytes }) => bytes.length > 65_536)).toBe(true)
    expect(new Set(sent.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(sent.length)
  })

  it('is played with a blob at the relay for every file that was sent', () => {
    const blobs = [...played.truth.values()].flatMap(({ file }) => file?.blob ?? [])
    expect(blobs.toSorted()).toEqual([...played.blobs.keys()].toSorted())
    expect(blobs.length).toBeGreaterThan(sent.length / 2)
    expect(played.lost).toBe(0)
  })
})

describe('the files that an adversary reads', () => {
  const reading = (id: string, from = played) => {
    const adversary = adversaries.find((one) => one.id === id)
    return adversary ? filesRead(from, adversary) : null
  }

  it('are those of the messages that they read, decrypted', () => {
    const during = [...played.truth.values()].filter(({ file, phase }) => file && phase === 'during').length
    expect(during).toBeGreaterThan(0)
    expect(reading('insider')).toEqual({ named: during, opened: during, during })
    expect(reading('wire')).toEqual({ named: 0, opened: 0, during: 0 })
    expect(reading('unlocked device')?.opened).toBeGreaterThan(0)
    expect(reading('locked device')?.named).toBe(0)
  })

  it('are none without the blobs, nor where another file stands in their place', () => {
    const named = reading('insider')?.named ?? 0
    expect(reading('insider', { ...played, blobs: new Map() })).toEqual({ named, opened: 0, during: 0 })
    const [first = ''] = played.blobs.keys()
    const swapped = new Map([...played.blobs.keys()].map((id) => [id, played.blobs.get(first) as Uint8Array]))
    expect(reading('insider', { ...played, blobs: swapped })?.opened).toBeLessThanOrEqual(1)
  })

  it('are void where one is not what was sent', () => {
    const lied = new Map(
      [...played.truth].map(([id, said]) => [
        id,
        said.file ? { ...said, file: { ...said.file, bytes: new Uint8Array(3) } } : said,
      ]),
    )
    expect(() => reading('insider', { ...played, truth: lied })).toThrow('a file that nobody sent')
  })

  it('have controls that would fail', () => {
    expect(tryFileControl(played)).toBe(1)
    expect(tryFileControl({ ...played, blobs: new Map() })).toBe(0)
    expect(tryFileControl({ ...played, control: null })).toBe(0)
    const plain = tryPlainFileKeys(played)
    expect([plain.read, plain.of > 3]).toEqual([0, true])
    // envelopes in which keys, or the names of blobs, stood in plain
    const insider = adversaries.find(({ id }) => id === 'insider')?.hands(played)
    const keys = [...attachmentsRead(played, insider as Hands).values()].map(({ key }) => key)
    const leaking = (what: readonly Uint8Array[]) => ({
      ...played,
      archive: played.archive.map((recorded) => ({ ...recorded, bytes: Buffer.concat([recorded.bytes, ...what]) })),
    })
    expect(tryPlainFileKeys(leaking(keys)).read).toBeGreaterThan(0)
    const names = [...played.blobs.keys()].map((name) => Buffer.from(name, 'hex'))
    expect(tryPlainFileKeys(leaking(names)).read).toBe(plain.of)
  })
})

describe('the experiment about files', () => {
  it('is a table of everybody in the matrix, with a verdict of at most 25 words', () => {
    const { rows, columns, verdict, evidence, method } = result
    expect(rows.map(([who]) => who).slice(1)).toEqual(adversaries.map(({ title }) => title))
    for (const row of rows) expect(row).toHaveLength(columns.length)
    expect(columns).toEqual(['who', 'No access mode', 'Message key escrow'])
    expect(verdict).toMatch(/^Whoever read a message had its file too: an insider opened up to (\d+) of \1 files/)
    expect(wordsIn(verdict)).toBeLessThanOrEqual(25)
    expect(evidence).toContain('In a group an order for one member opened 6 of 6 pictures under message key escrow.')
    for (const text of [verdict, evidence, method]) expect(text).not.toMatch(/undefined|NaN|Infinity|-escrow/)
  })

  it('has a verdict that follows its rows', () => {
    const cell = (opened: number, named = opened): FilesCell => ({
      adversary: 'insider',
      messages: 2 * named,
      named,
      opened,
      during: opened,
    })
    const row = (mode: string, ...cells: FilesCell[]): FilesRow => ({
      mode,
      messages: 9,
      files: 4,
      during: 4,
      cells,
      control: { messages: 1, files: 1 },
      plain: { read: 0, of: 4 },
    })
    expect(filesVerdict([row('none')])).toContain('No access mode was run')
    expect(filesVerdict([row('none'), row('split-escrow', cell(0))])).toBe('No access mode gave an insider any file.')
    expect(filesVerdict([row('none'), row('split-escrow', cell(3))])).toContain('up to 3 of 4 files')
    expect(filesVerdict([row('none'), row('split-escrow', cell(1, 3))])).toContain('did not have all of their files')
    expect(filesEvidence([row('none'), row('split-escrow', cell(0))])).toContain('Under split escrow an insider opened')
    const group = (mode: string, opened: number) => ({ mode, sent: 6, opened })
    expect(circleEvidence([group('none', 0)])).toBe('')
    expect(circleEvidence([group('none', 0), group('split-escrow', 6), group('key-substitution', 0)])).toBe(
      'In a group an order for one member opened 6 of 6 pictures under split escrow, and opened none under key substitution.',
    )
    expect(circleEvidence([group('key-substitution', 0)])).toBe(
      'In a group an order for one member opened none under key substitution.',
    )
    expect(filesEvidence([row('none', { ...cell(1), adversary: 'wire' })])).not.toContain('and no key, opened none')
  })
})
