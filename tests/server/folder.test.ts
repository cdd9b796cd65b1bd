import fs, { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { secretFile } from '../../server/folder.ts'
import { program } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'

type Replaced = Pick<typeof fs, 'openSync' | 'fsyncSync' | 'renameSync'>

/** For one test, what a file system does is what the test says. */
function replace(calls: Partial<Replaced>): void {
  const { openSync, fsyncSync, renameSync } = fs
  const put = (functions: Partial<Replaced>) => {
    Object.assign(fs, functions)
    syncBuiltinESMExports()
  }
  put(calls)
  onTestFinished(() => put({ openSync, fsyncSync, renameSync }))
}

describe('the folder of a relay', () => {
  it('is that of one relay at a time, and of the next as soon as that one is gone, or killed', async () => {
    const directory = folder()
    const first = await relayProcess(directory)
    const second = program(['relay', '--dir', directory, '--port', '0'])
    expect([await second.ended, second.errors]).toEqual([
      3,
      [`doormat: another relay already runs in ${directory}`, 'try: doormat relay --dir ANOTHER --port 0'],
    ])
    expect((await first.relay.access()).epoch).toBe(1)
    await first.kill('SIGKILL')
    const third = await relayProcess(directory)
    expect(await third.kill('SIGTERM')).toBe(0)
    expect((await (await relayProcess(directory)).relay.access()).epoch).toBe(1)
  })
})

describe('a secret in a file', () => {
  it('is made once, for its owner only', () => {
    const directory = folder()
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    expect(secretFile(directory, 'secret', () => 'first')).toBe('first')
    expect(secretFile(directory, 'secret', () => 'second')).toBe('first')
    expect(statSync(join(directory, 'secret')).mode & 0o777).toBe(0o600)
  })

  it('is on disk, with its name, before anybody uses it', () => {
    const directory = folder()
    const { openSync, fsyncSync, renameSync } = fs
    const names = new Map<number, string>()
    const happened: string[] = []
    replace({
      openSync(path, ...rest) {
        const file = openSync(path, ...rest)
        names.set(file, String(path).replace(directory, 'folder'))
        return file
      },
      fsyncSync(file) {
        fsyncSync(file)
        happened.push(`synced ${names.get(file)}`)
      },
      renameSync(from, to) {
        renameSync(from, to)
        happened.push('named')
      },
    })
    secretFile(directory, 'secret', () => 'a secret')
    expect(happened).toEqual([`synced folder/secret.unfinished-${process.pid}`, 'named', 'synced folder'])
  })

  it('is whole or not there, whenever its making was cut off', () => {
    const directory = folder()
    const path = join(directory, 'secret')
    const { renameSync } = fs
    replace({
      renameSync() {
        throw new Error('the power is off')
      },
    })
    expect(() => secretFile(directory, 'secret', () => 'lost')).toThrow('the power is off')
    expect(existsSync(path)).toBe(false)
    replace({ renameSync })
    writeFileSync(`${path}.new`, 'a longer one, half written before')
    expect(secretFile(directory, 'secret', () => 'kept')).toBe('kept')
    expect(readFileSync(path, 'utf8')).toBe('kept\n')
  })
})
