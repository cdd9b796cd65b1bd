import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { type SmallDisk, smallDisk } from '../support/small-disk.ts'
import { expectOneLine, town } from '../support/town.ts'
import { missing } from '../support/missing.ts'
import { few, isLong } from '../support/long.ts'

const made = await smallDisk()
const skipped = missing(made !== null, 'this system lets nobody make a small disk with unshare and mount')

describe.skipIf(skipped)(`a disk${skipped}`, () => {
  const disk = made as SmallDisk
  const { under } = disk
  const { path, start, startRelay, register, send, receives } = town()
  const home = disk.path('alice')
  const long = 'x'.repeat(60_000)

  afterEach(disk.clear)
  afterAll(disk.remove)

  const commands = few([['send', 'bob', 'x'], ['history'], ['listen'], ['contacts'], ['verify', 'bob']], 2).map(
    (words) => [...words, '--home', home],
  )

  it('that is full or read-only is told of in one line by every command of a device, and nothing is lost', async () => {
    await startRelay()
    await register('alice', home, { under })
    await register('bob')
    await send(home, 'bob', 'before', { under })

    disk.fill()
    for (const words of commands) {
      const ended = start(words, { under })
      expect(await ended.ended, words[0]).toBe(3)
      expectOneLine(ended, 'the disk is full')
    }
    const registering = start(['register', 'carol', '--no-passphrase', '--home', disk.path('carol')], { under })
    expect(await registering.ended).toBe(3)
    expectOneLine(registering, 'the disk is full')
    disk.empty()
    await send(home, 'bob', 'between', { under })

    disk.setReadOnly(true)
    const [before, temporary] = [readdirSync(disk.outside('alice')), { TMPDIR: path('temporary') }]
    mkdirSync(path('temporary'))
    const read = start(['history', '--home', home], { under, env: temporary })
    expect([await read.ended, read.lines.flatMap((line) => /(before|between)$/.exec(line)?.[0] ?? [])]).toEqual([
      0,
      ['before', 'between'],
    ])
    expect(read.errors.join()).toContain('can only be read')
    expect([readdirSync(disk.outside('alice')), readdirSync(path('temporary'))]).toEqual([before, []])
    for (const words of commands.filter(([name]) => name !== 'history')) {
      const ended = start(words, { under })
      expect(await ended.ended, words[0]).toBe(3)
      expectOneLine(ended, 'can only be read')
    }
    disk.setReadOnly(false)
    await send(home, 'bob', 'after', { under })
    await receives(path('bob'), ['before', 'between', 'after'])
  })

  it.skipIf(!isLong)('(in test:long) that takes only the half of what is printed is told of too', async () => {
    await startRelay()
    await register('alice')
    await register('bob')
    await send(path('alice'), 'bob', 'one', undefined, 'x'.repeat(10_000))
    disk.fill()
    truncateSync(disk.outside('ballast'), statSync(disk.outside('ballast')).size - 4_096)
    const onDisk = [...under, 'sh', '-c', 'exec "$@" >"$0"', disk.path('printed')]
    const cut = start(['history', '--home', path('alice')], { under: onDisk })
    expect(await cut.ended).toBe(3)
    expectOneLine(cut, 'standard output cannot be written: the disk is full')
  })

  it.skipIf(!isLong)(
    '(in test:long) that fills while a device listens ends it with one line; what came meanwhile comes again',
    async () => {
      const bob = disk.path('bob')
      await startRelay()
      await register('alice')
      await register('bob', bob, { under })
      const listener = start(['listen', '--home', bob], { under })
      await send(path('alice'), 'bob', 'before')
      await listener.line('before')
      disk.fill()
      for (const id of ['one', 'two', 'three']) await send(path('alice'), 'bob', id, undefined, `${id} ${long}`)
      expect(await listener.ended).toBe(3)
      expectOneLine(listener, 'the disk is full')
      disk.empty()
      await receives(bob, ['before', 'one', 'two', 'three'], { under })
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) that fills under a running relay refuses what comes, until there is room again',
    async () => {
      const relay = await startRelay(disk.path('relay'), { under })
      await register('alice')
      await register('bob')
      await send(path('alice'), 'bob', 'before')
      disk.fill()
      const refused = await send(path('alice'), 'bob', 'kept', { code: 3, saying: 'the relay failed' }, long)
      expectOneLine(refused, 'the relay failed')
      expect(relay.errors.join()).toContain('the disk is full')
      expect(relay.errors.join()).not.toMatch(/\bat .*\.js:\d+/)
      disk.empty()
      await send(path('alice'), 'bob', 'after')
      await receives(path('bob'), ['before', 'kept', 'after'])
    },
  )

  it('that is full or read-only lets no relay start, and says so', async () => {
    const args = ['relay', '--dir', disk.path('another'), '--port', '0']
    disk.fill()
    const full = start(args, { under })
    expect(await full.ended).toBe(3)
    expectOneLine(full, 'the disk is full')
    disk.empty()
    disk.setReadOnly(true)
    const readOnly = start(args, { under })
    expect(await readOnly.ended).toBe(3)
    expectOneLine(readOnly, 'can only be read')
    disk.setReadOnly(false)
    await startRelay(disk.path('another'), { under })
  })
})
