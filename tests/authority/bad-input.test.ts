import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyTally } from '../../client/authority/reading.ts'
import { createCount, summaryOf } from '../../client/authority/summary.ts'
import { readSecretKey } from '../../client/authority/key-file.ts'
import { exportTranscript, open as openCommand, search } from '../../client/cli/commands/authority.ts'
import { explain } from '../../client/cli/exit.ts'
import { modeCalled } from '../../crypto/access/index.ts'
import { base64url } from '../../crypto/bytes.ts'
import { listening } from '../support/listening.ts'
import { converse, underMode } from '../support/access.ts'
import { at } from '../support/at.ts'
import { turned } from '../support/opening.ts'
import { recordedTown } from '../support/orders.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { archiveOf } from '../support/recorded.ts'

/* Files that are cut, damaged, of another mode, or too few, given to the desk as people give them. */

const { path, remove } = scratch()
afterAll(remove)

const town = recordedTown()
const archive = archiveOf(town.recorded)
const secondAt = archiveOf(town.recorded.slice(0, 1)).length
const writeKey = (name: string, mode: string, secret: Uint8Array) =>
  writeFileSync(path(name), JSON.stringify({ doormat: 'escrow key', mode, secret: base64url(secret) }))

beforeAll(() => {
  writeFileSync(path('whole'), archive)
  writeFileSync(path('cut'), archive.subarray(0, -700))
  writeFileSync(path('damaged'), archive.with(secondAt, 255))
  // a name in capitals, which no relay takes: the record's length is right, and what is in it is not
  writeFileSync(path('misnamed'), archive.with(secondAt + 4 + 8 + 4, 0x42))
  writeKey('escrow.key', town.key.mode, town.key.secret)
  const split = modeCalled('split-escrow')
  const { alice, bob, secrets } = underMode(split, 'bad input')
  writeFileSync(path('split'), archiveOf(converse(alice, bob).evidence))
  for (const [i, { bytes }] of secrets.entries()) writeKey(`share${i + 1}`, split.id, bytes)
  writeKey('altered', split.id, turned(at(secrets, 1).bytes, 8 * 220))
  writeKey('stranger', split.id, at(split.setup(seededRandom('others')).secrets, 1).bytes)
  writeKey('mislabelled', split.id, town.key.secret)
  writeFileSync(path('prose'), 'Dear Sir,\n')
})

const folder = path('x').slice(0, -1)

/** What a command said: its exit code, how many lines it printed, and what stands on stderr beside the tally. */
function said(command: () => void): (number | string)[] {
  const heard = listening()
  let code = 0
  try {
    command()
  } catch (error) {
    code = explain(error)
  } finally {
    heard.stop()
  }
  const lines = heard.stderr.replaceAll(folder, '').trimEnd().split('\n')
  return [code, heard.stdout.split('\n').length - 1, ...lines.filter((line) => !/^(Read |  \S)/.test(line))]
}

const given = (archive: string, keys: readonly string[]) => ({ archive: path(archive), key: keys.map(path) })
const open = (archive: string, ...keys: string[]) => said(() => openCommand(given(archive, keys)))
const find = (words: string, archive: string) => said(() => search(words, given(archive, ['escrow.key'])))
const write = (out: string, archive: string, key: string) =>
  said(() => exportTranscript({ ...given(archive, [key]), out: path(out) }))

describe('evidence', () => {
  it('that breaks off gives what it has, and says how much is left out', () => {
    const left = archive.length - 700 - archiveOf(town.recorded.slice(0, -1)).length
    const [opened, found, exported] = [
      open('cut', 'escrow.key'),
      find('ladder', 'cut'),
      write('of-cut', 'cut', 'escrow.key'),
    ]
    const note = `the archive ends in the middle of a record; its last ${left} bytes are skipped`
    expect(opened).toEqual([0, 6, note])
    expect(found).toEqual([0, 1, '1 of 6 messages contains "ladder".', note])
    expect(exported).toEqual([0, 1, note])
  })

  it('that is damaged gives what stands before the damage, and says where that is', () => {
    const [opened, misnamed, found, exported] = [
      open('damaged', 'escrow.key'),
      open('misnamed', 'escrow.key'),
      find('van', 'damaged'),
      write('of-damaged', 'damaged', 'escrow.key'),
    ]
    const fault = (file: string) => [
      `doormat: ${file} is damaged at byte ${secondAt}; what stands before it can be read [bad-evidence]`,
      'try: doormat authority open --archive ANOTHER --key escrow.key',
    ]
    expect(opened).toEqual([1, 1, ...fault('damaged')])
    expect(misnamed).toEqual([1, 1, ...fault('misnamed')])
    expect(found).toEqual([1, 1, '1 of 1 message contains "van".', ...fault('damaged')])
    expect(exported).toEqual([1, 1, ...fault('damaged')])
    expect(readFileSync(path('of-damaged/transcript.txt'), 'utf8')).toMatch(/\n\n.*the van is at nine\n$/)
  })

  it('that is none is named', () => {
    const [key, nothing] = [open('escrow.key', 'escrow.key'), open('nowhere', 'escrow.key')]
    const again = 'try: doormat authority open --archive ANOTHER --key escrow.key'
    expect(key).toEqual([1, 0, 'doormat: escrow.key is not an archive of doormat [bad-evidence]', again])
    expect(nothing).toEqual([1, 0, 'doormat: there is no nowhere [bad-evidence]', again])
  })
})

describe('a key', () => {
  const again = (file: string) => `try: doormat authority open --archive ${file} --key ANOTHER`

  it('of another mode is told apart from one that opens nothing', () => {
    expect(open('split', 'escrow.key')).toEqual([
      5,
      0,
      'doormat: escrow.key: for message-key-escrow, and what is sealed here is for split-escrow',
      again('split'),
    ])
  })

  it('that is none, or not what it says, is named', () => {
    const files = ['prose', 'nowhere', 'mislabelled', 'altered']
    const refused = files.map((file) => open('split', file))
    const reasons = [
      'prose is not an escrow key of doormat',
      'there is no nowhere',
      'mislabelled: ',
      'altered: the share of custodian 2 was altered: it does not match',
    ]
    for (const [i, reason] of reasons.entries())
      expect(refused[i]).toEqual([
        1,
        0,
        expect.stringMatching(new RegExp(`^doormat: ${reason}.*\\[bad-key-file\\]$`)),
        again('split'),
      ])
  })

  it('that does not belong to the others is named with the first of them', () => {
    const [stranger, otherMode] = [
      open('split', 'share1', 'stranger', 'share3'),
      open('split', 'share1', 'share2', 'escrow.key'),
    ]
    expect(stranger[2]).toBe(
      'doormat: share1 and stranger: the shares are of different keys, and open nothing together [bad-key-file]',
    )
    expect(otherMode[2]).toBe(
      'doormat: share1 and escrow.key: all keys have to be for one mode, not for split-escrow and message-key-escrow [bad-key-file]',
    )
  })

  it('is missing where shares are too few, or the same ones again; and then nothing is written', () => {
    const [few, same, exported] = [
      open('split', 'share1', 'share2'),
      open('split', 'share1', 'share1', 'share1'),
      write('of-split', 'split', 'share4'),
    ]
    const needed = (count: number, files: string) => [
      `doormat: only ${count} of the 3 shares that are needed: ${files}`,
      `try: doormat authority open --archive split --key ${files} MORE`,
    ]
    expect(few).toEqual([5, 0, ...needed(2, 'share1 share2')])
    expect(same).toEqual([5, 0, ...needed(1, 'share1 share1 share1')])
    expect(exported).toEqual([5, 0, ...needed(1, 'share4')])
    expect(existsSync(path('of-split'))).toBe(false)
    const keys = ['share1', 'share2', 'share3'].map((name) => readSecretKey(path(name)))
    const closed = { ...emptyTally(), envelopes: 5, notOurs: 5 }
    const [twoOf, threeOf] = [keys.slice(0, 2), keys].map((given) => summaryOf(closed, createCount(), given).join(' '))
    expect(twoOf).toBe('Read nothing. 5 envelopes stayed closed: that takes more shares than were given.')
    expect(threeOf).toBe('Read nothing. 5 envelopes stayed closed: the key given does not open them.')
    expect(open('split', 'share1', 'share4', 'share5')).toEqual([0, 5])
  })
})
