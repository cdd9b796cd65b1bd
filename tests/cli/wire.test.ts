import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { base64url, hex } from '../../crypto/bytes.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { at } from '../support/at.ts'
import { day } from '../support/orders.ts'
import { linesHere } from '../support/here.ts'
import { scratch } from '../support/program.ts'
import { differences } from '../support/world-page.ts'
import { archiveOf, recordedTalk } from '../support/recorded.ts'

const { path, remove } = scratch()
afterAll(remove)

const { recorded } = recordedTalk(
  ['one', 'two and a word more than a hundred bytes long '.repeat(9), 'three'],
  'the wire',
)
const device = (first: number) => new Uint8Array(32).fill(first) as DeviceId

/** Alice writes to Bob, whose second device gets it too; and somebody writes what is no envelope. */
const passed: readonly RecordedEnvelope[] = [
  {
    ...at(recorded, 0),
    fromUser: 'alice',
    fromDevice: device(1),
    toUser: 'bob',
    toDevice: device(2),
    time: day('2026-03-02'),
  },
  {
    ...at(recorded, 1),
    fromUser: 'alice',
    fromDevice: device(1),
    toUser: 'bob',
    toDevice: device(3),
    time: day('2026-03-03'),
  },
  {
    ...at(recorded, 2),
    fromUser: 'bob',
    fromDevice: device(2),
    toUser: 'bob',
    toDevice: device(3),
    time: day('2026-03-04'),
  },
  {
    ...at(recorded, 2),
    fromUser: 'mallory',
    fromDevice: device(4),
    toUser: 'alice',
    toDevice: device(1),
    time: day('2026-03-05'),
    bytes: new Uint8Array([1, 2, 3]),
  },
]

const file = (name: string, bytes: Uint8Array) => {
  writeFileSync(path(name), bytes)
  return path(name)
}
const archive = file('passed.archive', archiveOf(passed))
const wire = (...args: string[]) => linesHere(['wire', ...args])
const numbers = (lines: readonly string[]) => lines.flatMap((line) => /^ *(\d+)  /.exec(line)?.[1] ?? []).map(Number)

describe('doormat wire', () => {
  it('shows an archive as a table of envelopes that fits 80 columns', async () => {
    const { lines } = await wire(archive)
    const [one, two] = passed.map(({ bytes }) => bytes.length.toLocaleString('en'))
    expect(lines[0]).toBe('no  2026, UTC    from      to        bytes  epoch  stanza  handshake')
    expect(lines[1]).toMatch(new RegExp(`^ 1  03-02 00:00  alice     bob/0202  ${one}      1   1,200  +1,\\d{3}$`))
    expect(lines[2]).toMatch(new RegExp(`^ 2  03-03 00:00  alice     bob/0303  ${two}      1   1,200  +1,\\d{3}$`))
    expect(lines[4]).toBe(' 4  03-05 00:00  mallory   alice         3      ?       ?          ?')
    expect(lines.slice(5)).toEqual([
      '',
      expect.stringMatching(/^4 envelopes between 3 people, [\d,]+ bytes\.$/),
      'The stanzas of epoch 1 are for message key escrow.',
      'bob has 2 devices here: 0202, 0303.',
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('shows one person alone, keeps the numbers, and says how much was sent and received', async () => {
    const { lines } = await wire(archive, '--person', 'bob')
    expect(numbers(lines)).toEqual([1, 2, 3])
    expect(lines.join(' ')).toContain('3 of 4 envelopes have bob at one end: 0 sent, 2 received, 1 from bob to bob.')
    expect((await wire(archive, '--person', 'zoe')).lines).toEqual([
      'Nobody called zoe sent or got any of the 4 envelopes.',
    ])
  })

  it('puts the largest first where that is asked for', async () => {
    expect(numbers((await wire(archive, '--sort', 'size')).lines)).toEqual([2, 1, 3, 4])
    expect(numbers((await wire(archive, '--sort', 'time')).lines)).toEqual([1, 2, 3, 4])
    const { errors } = await linesHere(['wire', archive, '--sort', 'name'], 1)
    expect(errors[0]).toBe('doormat: envelopes are sorted by size or by time, and not by name')
  })

  it('gives one object a line, with all the bytes', async () => {
    const { lines } = await wire(archive, '--json')
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows.flatMap((row) => differences(row, 'wire row'))).toEqual([])
    expect(rows[0]).toMatchObject({
      number: 1,
      time: day('2026-03-02'),
      from: 'alice',
      fromDevice: hex(device(1)),
      to: 'bob',
      toDevice: hex(device(2)),
      bytes: passed[0]?.bytes.length,
      epoch: 1,
      modes: ['message-key-escrow'],
      stanzaBytes: 1200,
      envelope: base64url(passed[0]?.bytes ?? new Uint8Array()),
    })
    expect(rows[3]).toMatchObject({ number: 4, epoch: null, modes: null, stanzaBytes: null, handshakeBytes: null })
    expect(rows).toHaveLength(4)
  })

  it('shows what stands before a damage, and then says where it is', async () => {
    const damaged = archiveOf(passed).slice()
    const position = archiveOf(passed.slice(0, 2)).length
    damaged.set([255, 255, 255, 255], position)
    const name = file('damaged.archive', damaged)
    const { lines, errors } = await linesHere(['wire', name], 1)
    expect(numbers(lines)).toEqual([1, 2])
    expect(errors).toEqual([
      `doormat: ${name} is damaged at byte ${position}; what stands before it can be read [bad-evidence]`,
      'try: doormat wire ANOTHER',
    ])
  })

  it('says what is missing at the end of an archive that was cut off', async () => {
    const { lines, errors } = await wire(file('cut.archive', archiveOf(passed).slice(0, -1)))
    expect(numbers(lines)).toEqual([1, 2, 3])
    expect(errors.join()).toMatch(/^the archive ends in the middle of a record; its last \d+ bytes are skipped$/)
  })

  it('explains an archive with nothing in it, and refuses what is none', async () => {
    const empty = file('empty.archive', archiveOf([]))
    expect((await wire(empty)).lines.join(' ')).toBe(`${empty} holds no envelopes: nothing had passed the relay yet.`)
    const other = file('other.archive', new Uint8Array([1, 2, 3]))
    const { lines, errors } = await linesHere(['wire', other], 1)
    expect(lines).toEqual([])
    expect(errors[0]).toBe(`doormat: ${other} is not an archive of doormat [bad-evidence]`)
  })
})
