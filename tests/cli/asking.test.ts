import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { hidden } from '../../client/cli/asking.ts'
import { chooseLock, vaultFor } from '../../client/cli/passphrase.ts'
import { relock } from '../../client/device/relock.ts'
import { openStore } from '../../client/node/store.ts'
import { lockedVault } from '../../client/device/vault.ts'
import { openLock, type StoreKey } from '../../crypto/lock.ts'
import { lightLock } from '../support/lock.ts'
import { seededRandom } from '../support/random.ts'
import { few } from '../support/long.ts'

const random = seededRandom('asking')
const folder = mkdtempSync(join(tmpdir(), 'doormat-asking-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A terminal for this process: what is done with it, in order, and keys that can be pressed, byte by byte. */
function terminal() {
  const done: string[] = []
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => void done.push(on ? 'echo off' : 'echo on'),
  })
  const output = Object.assign(new EventEmitter(), { isTTY: true, write: (text: string) => done.push(text) > 0 })
  for (const [name, value] of [
    ['stdin', input],
    ['stderr', output],
  ] as const) {
    const before = Object.getOwnPropertyDescriptor(process, name)
    Object.defineProperty(process, name, { value, configurable: true })
    onTestFinished(() => void (before && Object.defineProperty(process, name, before)))
  }
  return {
    done,
    async press(...pieces: readonly (string | readonly number[])[]) {
      for (const piece of pieces) {
        input.write(typeof piece === 'string' ? piece : Uint8Array.from(piece))
        await new Promise(setImmediate)
      }
    },
    async asks(question: string, times = 1) {
      while (done.filter((what) => what === question).length < times) await new Promise((next) => setTimeout(next, 5))
    },
  }
}

const lockedBy = (passphrase: string) => {
  const home = join(folder, random(4).join('-'))
  const key = random(32) as StoreKey
  const store = openStore(home)
  relock(store, lightLock(passphrase, key, random), lockedVault(key, random))
  store.close()
  return home
}

const askHidden = (question: string) => hidden((ask) => ask(question))

describe('a question whose answer is not shown', () => {
  it('is asked when nothing that is typed is shown any more', async () => {
    const { done, press } = terminal()
    const answer = askHidden('Passphrase: ')
    await press('open sesame\r')
    expect(await answer).toBe('open sesame')
    expect(done).toEqual(['echo off', 'Passphrase: ', '\n', 'echo on'])
  })

  it('takes a letter that comes in pieces for one letter, and takes it back whole', async () => {
    const { press } = terminal()
    const answer = askHidden('Passphrase: ')
    await press('p', [0xc3], [0xa4], [0xf0, 0x9f], [0x94, 0x91], 'x', '\u007f', [0xc3], [0xb6], '\u007f', '\r')
    expect(await answer).toBe('pä🔑')
  })

  it('goes on hiding after the program was stopped, for a shell has shown what was typed', async () => {
    const { done, press } = terminal()
    const answer = askHidden('Passphrase: ')
    await press('open ')
    process.emit('SIGCONT')
    await press('sesame\r')
    expect(await answer).toBe('open sesame')
    expect(done).toEqual(['echo off', 'Passphrase: ', 'echo on', 'echo off', '\n', 'echo on'])
    expect(process.listenerCount('SIGCONT')).toBe(0)
  })
})

describe('a passphrase at the prompt', () => {
  it('is hidden from the first question to the last, also between two', async () => {
    const { done, press, asks } = terminal()
    const chosen = chooseLock({ passphrase: true }, 'NEXT')
    await asks('New passphrase: ')
    await press('open sesame\r')
    await asks('The same again: ')
    await press('open sesame\r')
    const { lock } = await chosen
    expect(done).toEqual(['echo off', 'New passphrase: ', '\n', 'The same again: ', '\n', 'echo on'])
    expect(() => openLock(lock as Uint8Array, 'open sesame')).not.toThrow()
  })

  it('is refused where the terminal does not send UTF-8', async () => {
    const { press, asks } = terminal()
    const chosen = chooseLock({ passphrase: true }, 'NEXT')
    chosen.catch(() => undefined)
    await asks('New passphrase: ')
    await press('open s', [0xe9], 'same\r')
    await asks('The same again: ')
    await press('open s', [0xe9], 'same\r')
    await expect(chosen).rejects.toThrow('what this terminal sends is not UTF-8')
  })

  it('opens what was locked with it when its letters came in pieces and were not put together, and says so', async () => {
    const home = lockedBy('open s\ufffd\ufffdsame')
    const { done, press, asks } = terminal()
    const vault = vaultFor(home)
    await asks('Passphrase: ')
    await press('open sésame\r')
    await expect(vault).resolves.toBeDefined()
    expect(done.join('')).toMatch(/an earlier version .*\ntry: doormat passphrase/)
  })

  it('may be mistyped twice, and is hidden all the time', async () => {
    const home = lockedBy('open sesame')
    const { done, press, asks } = terminal()
    const vault = vaultFor(home)
    for (const [i, typed] of ['wrong', 'wrong', 'open sesame'].entries()) {
      await asks('Passphrase: ', i + 1)
      await press(`${typed}\r`)
    }
    await expect(vault).resolves.toBeDefined()
    expect(done.filter((what) => what.startsWith('echo'))).toEqual(['echo off', 'echo on'])
  })
})

describe('a passphrase in a file', () => {
  const words = 'ein längeres Wort'
  const file = (content: string | Buffer) => {
    const path = join(folder, `${random(4).join('-')}.txt`)
    writeFileSync(path, content)
    return path
  }
  const chosenBy = (passphraseFile: string) => chooseLock({ passphrase: true, passphraseFile }, 'NEXT')

  it('is the same with a byte order mark, and with any end of line', async () => {
    const { done } = terminal()
    const { lock } = await chosenBy(file(`\ufeff${words}\r\nand more`))
    expect(() => openLock(lock as Uint8Array, words)).not.toThrow()
    const home = lockedBy(words)
    for (const content of [words, `${words}\n`, `${words}\r`, `\ufeff${words}\r\n`])
      await expect(vaultFor(home, file(content))).resolves.toBeDefined()
    expect(done).toEqual([])
  })

  it('is refused in another encoding, with the command that makes it UTF-8', async () => {
    const [utf16, latin1] = [file(Buffer.from(`\ufeff${words}`, 'utf16le')), file(Buffer.from(words, 'latin1'))]
    await expect(chosenBy(utf16)).rejects.toMatchObject({
      message: `${utf16} is UTF-16, and has to be UTF-8`,
      hint: `iconv -f UTF-16 -t UTF-8 ${utf16} > ANOTHER`,
    })
    await expect(chosenBy(latin1)).rejects.toThrow(`${latin1} is not UTF-8`)
  })

  const earlier: [string, Buffer][] = [
    ['a byte order mark', Buffer.from(`\ufeff${words}\n`)],
    ['a carriage return behind it', Buffer.from(`${words}\r`)],
    ['letters that are not UTF-8', Buffer.from(words, 'latin1')],
    ['another encoding', Buffer.from(`\ufeff${words}`, 'utf16le')],
  ]
  it.each(few(earlier, 1))(
    'still opens what an earlier version had locked with %s, and says so',
    async (_how, content) => {
      const { done } = terminal()
      const [taken = ''] = content.toString('utf8').split(/\r?\n/)
      const path = file(content)
      await expect(vaultFor(lockedBy(taken), path)).resolves.toBeDefined()
      expect(done.join('')).toMatch(/^an earlier version .*\ntry: DOORMAT_PASSPHRASE_FILE=.* doormat passphrase .*\n$/)
      await expect(vaultFor(lockedBy('something else'), path)).rejects.toThrow()
    },
  )
})
