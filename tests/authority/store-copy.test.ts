import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base64url } from '../../crypto/bytes.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { at } from '../support/at.ts'
import { here } from '../support/here.ts'
import { day, deskWith, request } from '../support/orders.ts'
import { archiveOf, recordedTalk } from '../support/recorded.ts'
import { command, scratch } from '../support/program.ts'
import { smallDisk } from '../support/small-disk.ts'
import { objects } from '../support/world-cli.ts'
import { missing } from '../support/missing.ts'
import { enroll, post } from '../support/stored.ts'

/*
 * Copies of a relay's store as people make them: while it runs, with and without the log in which the latest mail is, and
 * after a stop. Each is read whole or said to be incomplete, and nothing is left beside it.
 */

const { path, remove } = scratch()
const disk = await smallDisk()
const skipped = missing(disk !== null, 'this system lets nobody make a small disk with unshare and mount')
afterAll(() => {
  disk?.remove()
  remove()
})

const texts = Array.from({ length: 24 }, (_, i) => `message ${i + 1}`)
const { recorded, key } = recordedTalk(texts, 'copies of a store')
const whole = `Read ${texts.length} messages.`

/** A running relay's folder: the first of its mail is in the database, all else in the log. */
async function running(folder: string) {
  mkdirSync(path(folder))
  const store = openSqliteStore(path(`${folder}/relay.db`))
  const { fromUser, fromDevice, toUser, toDevice } = at(recorded, 0)
  const [from, to] = [
    { user: fromUser, device: fromDevice },
    { user: toUser, device: toDevice },
  ]
  for (const { user, device } of [from, to]) await enroll(store, user, [device])
  const append = ({ time, bytes }: (typeof recorded)[number]) => post(store, from, to, [bytes], time)
  return { store, append }
}

/** Writes what the log holds into the database, as SQLite does now and then. */
function checkpoint(folder: string): void {
  const script = `const { DatabaseSync } = process.getBuiltinModule('node:sqlite') ?? require('@photostructure/sqlite')
    new DatabaseSync(process.argv[1]).exec('PRAGMA wal_checkpoint(PASSIVE)')`
  execFileSync(process.execPath, ['-e', script, path(`${folder}/relay.db`)], { stdio: 'ignore' })
}

function copy(from: string, to: string, names: readonly string[]): void {
  mkdirSync(path(to), { recursive: true })
  for (const name of names) copyFileSync(path(`${from}/${name}`), path(`${to}/${name}`))
}

const filesIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'base64')]))

const authority = (...words: string[]) =>
  here(['authority', ...words], { cwd: path(''), env: { TMPDIR: path('temporary') } })
const openAt = (store: string) => authority('open', '--key', 'escrow.key', '--store', store)
const both = ['relay.db', 'relay.db-wal']

beforeAll(async () => {
  mkdirSync(path('temporary'))
  writeFileSync(
    path('escrow.key'),
    JSON.stringify({ doormat: 'escrow key', mode: key.mode, secret: base64url(key.secret) }),
  )
  const young = await running('newborn')
  copy('newborn', 'young', ['relay.db'])
  young.store.close()
  const { store, append } = await running('relay')
  for (const one of recorded.slice(0, 8)) await append(one)
  checkpoint('relay')
  copy('relay', 'early', both)
  for (const one of recorded.slice(8)) await append(one)
  copy('relay', 'both', both)
  copy('relay', 'lone', ['relay.db'])
  copy('relay', 'a b?immutable=0#%41é', both)
  copy('relay', 'lone b?immutable=0#%41é', ['relay.db'])
  copy('relay', 'late', both)
  checkpoint('relay')
  for (const one of recorded) await append(one)
  copy('relay', 'later', both)
  store.close()
  copy('relay', 'stopped', ['relay.db'])
})

describe("a copy of a relay's store", () => {
  it('is read whole with its log, and nothing stands beside it afterwards', async () => {
    const before = filesIn(path('both'))
    const opened = await openAt(path('both/relay.db'))
    expect([opened.code, opened.stderr]).toEqual([0, expect.stringContaining(whole)])
    expect(filesIn(path('both'))).toEqual(before)
    expect(readdirSync(path('temporary'))).toEqual([])
  })

  it('without its log is read as far as it goes, is said to be incomplete, and ends with 1', async () => {
    const before = filesIn(path('lone'))
    const opened = await openAt(path('lone/relay.db'))
    expect(opened.code).toBe(1)
    expect(opened.stdout.trimEnd().split('\n')).toHaveLength(8)
    expect(opened.stderr).toMatch(
      /^Read 8 messages\.\n.*\ndoormat: \S+ may lack the latest mail: there is no \S+relay\.db-wal beside it\. .*\[bad-evidence\]\ntry: doormat authority open --store /m,
    )
    expect(filesIn(path('lone'))).toEqual(before)
  })

  it('that was made without its log before anything had left the log is said to lack all, and not to be something else', async () => {
    const opened = await openAt(path('young/relay.db'))
    expect([opened.code, opened.stdout]).toEqual([1, ''])
    expect(opened.stderr).toMatch(
      /^doormat: \S+ may lack the latest mail: there is no \S+relay\.db-wal beside it\. .*\[bad-evidence\]$/m,
    )
  })

  it('that was made after the relay had been stopped is whole by itself', async () => {
    const opened = await openAt(path('stopped/relay.db'))
    expect([opened.code, opened.stderr]).toEqual([
      0,
      expect.stringMatching(/^Read 24 messages\. 24 envelopes repeated messages already read\.\n/m),
    ])
  })

  it('is read the same in a folder whose name has signs that mean something in an address', async () => {
    const [two, one] = await Promise.all([
      openAt(path('a b?immutable=0#%41é/relay.db')),
      openAt(path('lone b?immutable=0#%41é/relay.db')),
    ])
    expect([two.code, two.stderr]).toEqual([0, expect.stringContaining(whole)])
    expect(one.stderr).toContain('Read 8 messages.')
  })

  it('is not believed with a log that is cut off', async () => {
    const size = statSync(path('both/relay.db-wal')).size
    for (const [i, left] of [size - 5000, 4000, 20].entries()) {
      copy('both', `cut${i}`, both)
      truncateSync(path(`cut${i}/relay.db-wal`), left)
      const opened = await openAt(path(`cut${i}/relay.db`))
      expect([left, opened.code, opened.stderr]).toEqual([
        left,
        1,
        expect.stringMatching(/may lack the latest mail: \S+relay\.db-wal is cut off or damaged/),
      ])
    }
  })

  it('is not believed with a log that is damaged', async () => {
    copy('both', 'damaged log', both)
    const wal = readFileSync(path('damaged log/relay.db-wal'))
    wal.writeUInt8(wal.readUInt8(wal.length - 2000) ^ 1, wal.length - 2000)
    writeFileSync(path('damaged log/relay.db-wal'), wal)
    const opened = await openAt(path('damaged log/relay.db'))
    expect([opened.code, opened.stderr]).toEqual([1, expect.stringMatching(/relay\.db-wal is cut off or damaged/)])
  })

  it('is not mixed with the log of another moment', async () => {
    for (const [database, log] of [
      ['lone', 'later'],
      ['stopped', 'both'],
    ] as const) {
      const folder = `${database} with ${log}`
      copy(database, folder, ['relay.db'])
      copy(log, folder, ['relay.db-wal'])
      const opened = await openAt(path(`${folder}/relay.db`))
      expect([folder, opened.code, opened.stderr]).toEqual([
        folder,
        1,
        expect.stringMatching(/relay\.db-wal belongs to another moment of it, or to another store/),
      ])
    }
  })

  it('says for every other reason why it cannot be read', async () => {
    mkdirSync(path('folder'))
    writeFileSync(path('prose.db'), 'Dear Sir,\n'.repeat(100))
    writeFileSync(path('empty.db'), '')
    openDatabase(path('other.db'), ['CREATE TABLE mail (row INTEGER)']).close()
    const bytes = readFileSync(path('stopped/relay.db'))
    writeFileSync(path('damaged.db'), bytes.fill(0xff, 4096 * 12))
    writeFileSync(path('cut.db'), readFileSync(path('stopped/relay.db')).subarray(0, -5000))
    const names = ['nothing', 'folder', 'prose.db', 'empty.db', 'other.db', 'damaged.db', 'cut.db']
    const said = await Promise.all(names.map((name) => openAt(path(name))))
    const line = (text: string) => text.split('\n').find((one) => one.startsWith('doormat: ')) ?? text
    expect(said.map(({ code, stderr }) => [code, line(stderr).replaceAll(path('x').slice(0, -1), '')])).toEqual([
      [1, 'doormat: there is no nothing [bad-evidence]'],
      [1, 'doormat: folder is a folder, and not a file [bad-evidence]'],
      [1, 'doormat: prose.db is not the store of a doormat relay: it is no SQLite database [bad-evidence]'],
      [1, 'doormat: empty.db is not the store of a doormat relay: it is empty [bad-evidence]'],
      [1, 'doormat: other.db is not the store of a doormat relay: it has other tables [bad-evidence]'],
      [1, 'doormat: damaged.db is damaged; what could be read of it has been read [bad-evidence]'],
      [1, 'doormat: cut.db is cut off [bad-evidence]'],
    ])
  })

  it.skipIf(process.getuid?.() === 0)(
    'says when it may not be read (skipped for the administrator, who may read all)',
    async () => {
      copy('stopped', 'forbidden', ['relay.db'])
      rmSync(path('forbidden/relay.db'))
      writeFileSync(path('forbidden/relay.db'), '', { mode: 0 })
      const { code, stderr } = await openAt(path('forbidden/relay.db'))
      expect([code, stderr]).toEqual([3, expect.stringContaining('this is not allowed: ')])
    },
  )

  it('is said to be incomplete in a transcript, and in what is handed over on an order', async () => {
    const exported = await authority('export', '--key', 'escrow.key', '--store', path('lone/relay.db'))
    expect([exported.code, exported.stdout]).toEqual([1, 'Wrote 8 messages in 1 conversation to transcript.\n'])
    expect(readFileSync(path('transcript/transcript.html'), 'utf8')).toMatch(/may lack the latest mail: there is no /)

    const by = request({ from: day('2023-11-14'), to: day('2023-11-15'), expires: day('2099-01-01') })
    const asked = [
      { ...by, serial: 'content' },
      { ...by, serial: 'metadata', standard: 'uk-data', kind: 'metadata' as const },
    ]
    await deskWith(path('desk'), asked)
    writeFileSync(path('half.archive'), archiveOf(recorded).subarray(0, -9))
    for (const { serial } of asked)
      for (const [evidence, said] of [
        [['--store', path('lone/relay.db')], /may lack the latest mail: there is no /],
        [['--archive', 'half.archive'], /^the archive ends in the middle of a record; /],
      ] as const) {
        const out = `${serial} ${evidence[0]}`
        const words = ['order', 'execute', serial, ...evidence, '--key', 'escrow.key', '--out', out, '--json']
        const done = await authority(...words)
        expect([out, done.code, objects(done)]).toEqual([
          out,
          0,
          [expect.objectContaining({ incomplete: expect.stringMatching(said) })],
        ])
        expect(done.stderr).toMatch(new RegExp(said, 'm'))
      }
  })

  it.skipIf(skipped)(`is read whole on a disk that can only be read${skipped}`, async () => {
    if (!disk) return
    for (const name of ['both', 'lone', 'stopped']) {
      mkdirSync(disk.outside(name))
      for (const file of readdirSync(path(name))) copyFileSync(path(`${name}/${file}`), `${disk.outside(name)}/${file}`)
    }
    disk.setReadOnly(true)
    const said = []
    for (const name of ['both', 'lone', 'stopped']) {
      const args = ['authority', 'open', '--key', path('escrow.key'), '--store', disk.path(`${name}/relay.db`)]
      const { lines, errors, ended } = await command(args, { under: disk.under, code: 'any' })
      said.push([await ended, lines.length, /may lack/.test(errors.join())])
    }
    expect(said).toEqual([
      [0, 24, false],
      [1, 8, true],
      // a message that is there twice is printed once
      [0, 24, false],
    ])
  })
})
