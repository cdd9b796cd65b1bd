import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { few, isLong } from '../support/long.ts'
import { historyOf } from '../support/history.ts'
import { seededRandom } from '../support/random.ts'
import { expectOneLine, town } from '../support/town.ts'

const damages: readonly (readonly [how: string, damage: (file: string) => void])[] = [
  ['cut to half its pages', (file) => truncateSync(file, 4096 * Math.floor(readFileSync(file).length / 8192))],
  ['cut in its first page', (file) => truncateSync(file, 1000)],
  ['garbage', (file) => writeFileSync(file, seededRandom('garbage')(50_000))],
]

describe('a store', () => {
  const { path, start, startRelay, register, send, receives } = town()
  const alice = path('alice')

  /** Keeps a copy of a folder, and puts it back. */
  const save = (folder: string) => cpSync(folder, `${folder}.saved`, { recursive: true })
  function restore(folder: string): void {
    rmSync(folder, { recursive: true })
    cpSync(`${folder}.saved`, folder, { recursive: true })
  }

  async function settle() {
    const relay = await startRelay()
    await register('alice')
    await register('bob')
    await send(alice, 'bob', 'before')
    return relay
  }

  it.each(few(damages, 1))('of a device that is %s is told of in one line; its copy goes on', async (_how, damage) => {
    await settle()
    save(alice)
    for (const name of ['device.db-wal', 'device.db-shm']) rmSync(join(alice, name), { force: true })
    damage(join(alice, 'device.db'))
    for (const words of [['send', 'bob', 'x'], ['history'], ['contacts'], ['listen']]) {
      const ended = start([...words, '--home', alice])
      expect(await ended.ended, words[0]).toBe(3)
      // when it is opened, which names the file, or when what lay there is first asked for
      expectOneLine(ended, 'is damaged')
    }
    restore(alice)
    await send(alice, 'bob', 'after')
    await receives(path('bob'), ['before', 'after'])
  })

  it.skipIf(!isLong).each(damages)(
    '(in test:long) of a relay that is %s is told of in one line; its copy goes on',
    async (_how, damage) => {
      const folder = path('relay')
      await (await settle()).kill('SIGTERM')
      save(folder)
      for (const name of ['relay.db-wal', 'relay.db-shm']) rmSync(join(folder, name), { force: true })
      damage(join(folder, 'relay.db'))
      const ended = start(['relay', '--dir', folder, '--port', '0'])
      expect(await ended.ended).toBe(3)
      expectOneLine(ended, 'relay.db is damaged')
      restore(folder)
      await startRelay()
      await send(alice, 'bob', 'after')
      await receives(path('bob'), ['before', 'after'])
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) of a device that is older than the relay remembers is told of, and uses no place twice',
    async () => {
      await settle()
      save(alice)
      await send(alice, 'bob', 'forgotten')
      restore(alice)
      await send(alice, 'bob', 'after')
      const entries = await receives(path('bob'), ['before', 'forgotten', 'after'])
      expect(entries.filter(({ kind }) => !['message', 'access'].includes(kind))).toEqual([])
      expect((await historyOf(alice)).map(({ kind }) => kind)).toContain('rolled-back')
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) of a relay that is older than the devices remember is told of; what it has forgotten is shown as a gap',
    async () => {
      const folder = path('relay')
      await (await settle()).kill('SIGTERM')
      save(folder)
      const relay = await startRelay()
      await send(alice, 'bob', 'forgotten-by-the-relay')
      await relay.kill('SIGTERM')
      restore(folder)
      await startRelay()
      await send(alice, 'bob', 'after')
      const entries = await receives(path('bob'), ['before', 'after'])
      expect(entries.filter(({ kind }) => kind === 'gap')).toMatchObject([{ peer: 'alice', number: 1 }])
    },
  )
})
