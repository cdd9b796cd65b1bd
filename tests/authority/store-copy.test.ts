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
import { openDatabase, openReadOnly } from '../../server/sqlite.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { at } from '../support/at.ts'
import { recordedTalk } from '../support/recorded.ts'
import { command, scratch } from '../support/program.ts'
import { smallDisk } from '../support/small-disk.ts'
import { doormat } from '../support/world-cli.ts'

/*
 * Copies of a relay's store as people make them: while it runs, with and without the log in which the latest mail is, and
 * after a stop. Each is read whole or said to be incomplete, and nothing is left beside it.
 */

const { path, remove } = scratch()
const disk = await smallDisk()
const skipped = disk ? '' : ' (SKIPPED: this system lets nobody make a small disk with unshare and mount)'
afterAll(() => {
  disk?.remove()
  remove()
})

const texts = Array.from({ length: 24 }, (_, i) => `message ${i + 1}`)
const { recorded, key } = recordedTalk(texts, 'copies of a store')
const whole = `opened ${texts.length} of ${texts.length} envelopes`

/** A running relay's folder: the first of its mail is in the database, all else in the log. */
function running(folder: string) {
  mkdirSync(path(folder))
  const store = openSqliteStore(path(`${folder}/relay.db`))
  const { fromUser, fromDevice, toUser, toDevice } = at(recorded, 0)
  store.transaction(() => {
    store.addAccount(fromUser, new Uint8Array(), [fromDevice])
    store.addAccount(toUser, new Uint8Array(), [toDevice])
  })
  const row = (user: string, device: typeof fromDevice) => store.device({ user, device })?.row ?? 0
  const append = ({ time, bytes }: (typeof recorded)[number]) =>
    store.transaction(() => store.appendMail(row(toUser, toDevice), row(fromUser, fromDevice), time, bytes))
  return { store, append }
}

/** Writes what the log holds into the database, as SQLite does now and then. */
function checkpoint(folder: string): void {
  const file = path(`${folder}/relay.db`)
  const reading = openReadOnly(file)
  const version = Number(reading.prepare('PRAGMA user_version').get()?.['user_version'])
  reading.close()
  const other = openDatabase(file, Array<string>(version).fill(''))
  other.exec('PRAGMA wal_checkpoint(PASSIVE)')
  other.close()
}

function copy(from: string, to: string, names: readonly string[]): void {
  mkdirSync(path(to), { recursive: true })
  for (const name of names) copyFileSync(path(`${from}/${name}`), path(`${to}/${name}`))
}

const filesIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'base64')]))

const openAt = (store: string) => doormat(['authority', 'open', '--key', path('escrow.key'), '--store', store])
const both = ['relay.db', 'relay.db-wal']

beforeAll(() => {
  writeFileSync(
    path('escrow.key'),
    JSON.stringify({ doormat: 'escrow key', mode: key.mode, secret: base64url(key.secret) }),
  )
  const { store, append } = running('relay')
  for (const one of recorded.slice(0, 8)) append(one)
  checkpoint('relay')
  copy('relay', 'early', both)
  for (const one of recorded.slice(8)) append(one)
  copy('relay', 'both', both)
  copy('relay', 'lone', ['relay.db'])
  copy('relay', 'a b?immutable=0#%41é', both)
  copy('relay', 'lone b?immutable=0#%41é', ['relay.db'])
  copy('relay', 'late', both)
  checkpoint('relay')
  for (const one of recorded) append(one)
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
  })

  it('without its log is read as far as it goes, is said to be incomplete, and ends with 1', async () => {
    const before = filesIn(path('lone'))
    const opened = await openAt(path('lone/relay.db'))
    expect(opened.code).toBe(1)
    expect(opened.stdout.trimEnd().split('\n')).toHaveLength(8)
    expect(opened.stderr).toMatch(
      /^opened 8 of 8 .*\ndoormat: there is no \S+relay\.db-wal, in which a relay that runs keeps its latest mail: .* may lack it\b.*\[bad-evidence\]\n/,
    )
    expect(filesIn(path('lone'))).toEqual(before)
  })

  it('that was made after the relay had been stopped is whole by itself', async () => {
    const opened = await openAt(path('stopped/relay.db'))
    expect([opened.code, opened.stderr]).toEqual([0, expect.stringMatching(/^opened 48 of 48 .*\n$/)])
  })

  it('is read the same in a folder whose name has signs that mean something in an address', async () => {
    const [two, one] = await Promise.all([
      openAt(path('a b?immutable=0#%41é/relay.db')),
      openAt(path('lone b?immutable=0#%41é/relay.db')),
    ])
    expect([two.code, two.stderr]).toEqual([0, expect.stringContaining(whole)])
    expect(one.stderr).toContain('opened 8 of 8 envelopes')
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
        expect.stringMatching(/relay\.db-wal (is cut off or damaged|holds nothing whole).* may lack/),
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
    expect(said.map(({ code, stderr }) => [code, line(stderr).replaceAll(path(''), '')])).toEqual([
      [1, 'doormat: there is no nothing [bad-evidence]'],
      [1, 'doormat: folder is a folder, and not a file [bad-evidence]'],
      [1, 'doormat: prose.db is not the store of a doormat relay: it is no SQLite database [bad-evidence]'],
      [1, 'doormat: empty.db is not the store of a doormat relay: it is empty [bad-evidence]'],
      [1, 'doormat: other.db is not the store of a doormat relay: it has other tables [bad-evidence]'],
      [1, 'doormat: damaged.db is damaged; what could be read of it has been read [bad-evidence]'],
      [1, 'doormat: cut.db is cut off; what could be read of it has been read [bad-evidence]'],
    ])
  })

  it.skipIf(process.getuid?.() === 0)('says when it may not be read', async () => {
    copy('stopped', 'forbidden', ['relay.db'])
    rmSync(path('forbidden/relay.db'))
    writeFileSync(path('forbidden/relay.db'), '', { mode: 0 })
    const { code, stderr } = await openAt(path('forbidden/relay.db'))
    expect([code, stderr]).toEqual([3, expect.stringContaining('this is not allowed: ')])
  })

  it.skipIf(!disk)(`is read whole on a disk that can only be read${skipped}`, async () => {
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
      [0, 48, false],
    ])
  })
})
