import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { writeIssuer } from '../../client/authority/order/issuer.ts'
import { writeReport } from '../../client/lab/report/write.ts'
import { labResult } from '../support/lab-result.ts'
import { crown, day, deskWith, linesOf, recordedTown, request } from '../support/orders.ts'
import { command, preload, scratch } from '../support/program.ts'
import { archiveOf } from '../support/recorded.ts'
import { type SmallDisk, smallDisk } from '../support/small-disk.ts'
import { doormat } from '../support/world-cli.ts'
import { few, isLong } from '../support/long.ts'
import { missing } from '../support/missing.ts'

/*
 * What the programs write is whole or not there, whatever becomes of the disk or of the process; and the log of a desk
 * counts what was handed over, once.
 */

const { path, remove } = scratch()
const made = await smallDisk()
const skipped = missing(made !== null, 'this system lets nobody make a small disk with unshare and mount')
afterAll(() => {
  made?.remove()
  remove()
})

const authority = (words: readonly string[], env: Record<string, string> = {}) =>
  doormat(['authority', ...words], { cwd: path(''), env })
const issuer = ['order', 'issuer', '--name', 'Court', '--jurisdiction', 'uk']
const draft = (serial: string) => [
  ...['order', 'draft', '--issuer', path('court.key'), '--serial', serial, '--standard', 'uk-interception'],
  ...['--person', 'alice', '--from', '2026-03-01', '--to', '2026-03-08', '--expires', '2099-01-01'],
]
const evidence = ['--archive', path('passed.archive'), '--key', path('escrow.key')]
const execute = (desk: string, out: string) => ['order', 'execute', '17', '--desk', desk, ...evidence, '--out', out]
const executions = (desk: string) => linesOf(`${desk}/audit.log`).filter((line) => line.includes('"executed"')).length
const transcript = ['transcript.html', 'transcript.json', 'transcript.txt']

beforeAll(async () => {
  const { recorded, key } = recordedTown()
  writeFileSync(path('passed.archive'), archiveOf(recorded))
  writeFileSync(
    path('escrow.key'),
    JSON.stringify({ doormat: 'escrow key', mode: key.mode, secret: base64url(key.secret) }),
  )
  writeIssuer(path('court.key'), crown)
  await deskWith(path('desk'), [request({ serial: '17', expires: day('2099-01-01') })])
})

describe.skipIf(skipped)(`on a disk that is full${skipped}`, () => {
  const disk = made as SmallDisk
  afterEach(disk.clear)

  const there = () =>
    readdirSync(disk.outside(''), { recursive: true })
      .map(String)
      .filter((name) => name !== 'ballast')
      .toSorted()
  const onDisk = (words: readonly string[], code: number | 'any' = 'any') =>
    command(['authority', ...words], { under: disk.under, cwd: path(''), code })

  const outputs: readonly (readonly [what: string, words: () => readonly string[], names: readonly string[]])[] = [
    ['a transcript', () => ['export', ...evidence, '--out', disk.path('t')], ['t', ...transcript.map((n) => `t/${n}`)]],
    ['a key', () => ['init', '--out', disk.path('k')], ['k', 'k.pub']],
    [
      'several keys',
      () => ['init', '--mode', 'split-escrow', '--out', disk.path('k')],
      ['k.1', 'k.2', 'k.3', 'k.4', 'k.5', 'k.pub'],
    ],
    ["an issuer's key", () => [...issuer, '--out', disk.path('i')], ['i', 'i.pub']],
    ['an order', () => [...draft('18'), '--out', disk.path('o.json')], ['o.json']],
    [
      'a desk',
      () => ['order', 'desk', '--jurisdiction', 'us', '--desk', disk.path('d')],
      ['d', 'd/audit.log', 'd/desk.json', 'd/desk.key', 'd/received'],
    ],
  ]

  it.each(few(outputs, 3))(
    'nothing is left of %s, and all of it is there once there is room',
    async (_what, words, names) => {
      disk.fill()
      const full = await onDisk(words())
      expect([await full.ended, full.errors.join()]).toEqual([3, expect.stringContaining('the disk is full')])
      expect(there()).toEqual([])
      disk.empty()
      await onDisk(words(), 0)
      expect(there()).toEqual(names.toSorted())
    },
  )

  it('nothing is left of a report, and of one that was there before nothing is lost', () => {
    disk.fill()
    expect(() => writeReport(disk.outside('report'), labResult())).toThrow(/ENOSPC/)
    expect(there()).toEqual([])
    disk.empty()
    writeReport(disk.outside('report'), labResult())
    const whole = there().map((name) => (name === 'report' ? '' : readFileSync(disk.outside(name), 'utf8')))
    disk.fill()
    expect(() => writeReport(disk.outside('report'), labResult())).toThrow(/ENOSPC/)
    expect(there().map((name) => (name === 'report' ? '' : readFileSync(disk.outside(name), 'utf8')))).toEqual(whole)
  })

  it('an execution is not counted whose output has no room, and once when it is tried again', async () => {
    cpSync(path('desk'), path('desk-1'), { recursive: true })
    disk.fill()
    await onDisk(execute(path('desk-1'), disk.path('out')), 3)
    expect([there(), executions(path('desk-1'))]).toEqual([[], 0])
    disk.empty()
    await onDisk(execute(path('desk-1'), disk.path('out')), 0)
    expect([readdirSync(disk.outside('out')).toSorted(), executions(path('desk-1'))]).toEqual([transcript, 1])
  })

  it.skipIf(!isLong)('(in test:long) nothing is handed over that the log has no room for', async () => {
    cpSync(path('desk'), disk.outside('desk'), { recursive: true })
    disk.fill()
    const out = (i: number) => path(`out-${i}`)
    // the last page of the log has room for a few entries still
    let done = 0
    for (; done < 20; done += 1) {
      const executed = await onDisk(execute(disk.path('desk'), out(done)))
      if ((await executed.ended) !== 0) break
    }
    expect([existsSync(out(done)), executions(disk.outside('desk'))]).toEqual([false, done])
    disk.empty()
    await onDisk(execute(disk.path('desk'), out(done)), 0)
    expect([readdirSync(out(done)).toSorted(), executions(disk.outside('desk'))]).toEqual([transcript, done + 1])
  })

  it.skipIf(!isLong)('(in test:long) an order that does not find room is not filed, and stops no other', async () => {
    cpSync(path('desk'), disk.outside('desk'), { recursive: true })
    await onDisk([...draft('18'), '--out', path('18.json')], 0)
    disk.fill()
    await onDisk(['order', 'submit', path('18.json'), '--desk', disk.path('desk')], 3)
    expect(readdirSync(disk.outside('desk/received'))).toHaveLength(1)
    disk.empty()
    await onDisk(['order', 'review', '17', '--desk', disk.path('desk')], 0)
    await onDisk(['order', 'submit', path('18.json'), '--desk', disk.path('desk')], 0)
  })
})

describe('an execution that is killed', () => {
  it('wherever it is, hands over nothing or whole files, and is counted once when it is tried again', async () => {
    for (let point = 1; ; point += isLong ? 1 : 14) {
      const [desk, out] = [path(`killed/desk-${point}`), path(`killed/out-${point}`)]
      cpSync(path('desk'), desk, { recursive: true })
      const killed = await authority(execute(desk, out), {
        ...preload('preload-kill.mjs'),
        DOORMAT_TEST_DIE: String(point),
      })
      if (killed.code === 0) {
        expect(point).toBeGreaterThan(20)
        return
      }
      expect(killed.code).toBe(null)
      const wholeIn = (folder: string) =>
        readdirSync(folder)
          .filter((name) => transcript.includes(name))
          .map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')])
      const before = existsSync(out) ? wholeIn(out) : []
      const counted = executions(desk)
      if (counted === 0) expect([point, before]).toEqual([point, []])
      if (before.length < transcript.length) {
        const again = await authority(execute(desk, out))
        expect([point, again.code, again.stderr]).toEqual([point, 0, expect.not.stringContaining('doormat: ')])
        expect(again.stdout).toMatch(/^Handed over: 3 messages of 3 people, /)
      }
      expect([point, readdirSync(out).toSorted()]).toEqual([point, transcript])
      expect(wholeIn(out)).toEqual(expect.arrayContaining(before))
      expect(JSON.parse(readFileSync(`${out}/transcript.json`, 'utf8'))).toHaveLength(3)
      expect([point, executions(desk)]).toEqual([point, 1])
      rmSync(desk, { recursive: true })
    }
  })
})
