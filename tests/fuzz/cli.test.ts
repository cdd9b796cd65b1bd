import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, CommanderError } from 'commander'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { history, listen } from '../../client/cli/commands/listen.ts'
import { register } from '../../client/cli/commands/register.ts'
import { runRelay } from '../../client/cli/commands/relay.ts'
import { explain, exitCodes, Stop } from '../../client/cli/exit.ts'
import { buildProgram } from '../../client/cli/program.ts'
import { openDevice } from '../../client/device/device.ts'
import { ClientError } from '../../client/device/errors.ts'
import { createSelf, storeSelf } from '../../client/device/self.ts'
import { openStore } from '../../client/node/store.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { cryptoErrorCodes, CryptoError } from '../../crypto/errors.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { RelayError } from '../../server/api.ts'
import { counting, parameters, patience } from '../support/fuzz.ts'
import { dangersIn, hostileText } from '../support/hostile.ts'
import { seededRandom } from '../support/random.ts'

const count = counting()
const folder = mkdtempSync(join(tmpdir(), 'doormat-fuzz-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Every command of the program, and those under it. */
const commandsOf = (command: Command): Command[] => [command, ...command.commands.flatMap(commandsOf)]

/** Commands that do nothing but hold others. */
const groups = new Set(['doormat', 'access', 'authority', 'order', 'exercise'])

/** The program as it parses, and nothing that it would do. */
function parser(onRun: () => void): Command {
  const program = buildProgram()
  for (const command of commandsOf(program)) {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    if (!groups.has(command.name())) command.action(onRun)
  }
  return program
}

const words = commandsOf(buildProgram()).flatMap((command) => [
  command.name(),
  ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? '']),
])

/** How each command is called, without its arguments. */
const beginnings = commandsOf(buildProgram()).map((command) =>
  [command.parent?.name(), command.name()].filter((name) => name !== undefined && name !== 'doormat').map(String),
)

const failure = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
    return null
  } catch (error) {
    return error
  }
}

describe('what is typed after the name of the program', () => {
  const word = fc.oneof(
    fc.constantFrom(...words),
    hostileText,
    fc.constantFrom('--', '-', '--=', '--json=', '__proto__'),
  )

  it('is a command, or is refused in words', { timeout: patience(10) }, async () => {
    const counted = count('arguments')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...beginnings), fc.array(word, { maxLength: 4 }), async (beginning, rest) => {
        const args = [...beginning, ...rest]
        let runs = 0
        const error = await failure(() => parser(() => (runs += 1)).parseAsync(args, { from: 'user' }))
        counted(runs > 0)
        if (error !== null && !(error instanceof CommanderError)) throw error
        expect(error === null ? runs : 1).toBe(1)
      }),
      parameters(10),
    )
  })

  const number = fc.oneof(
    hostileText,
    fc.integer().map(String),
    fc.double().map(String),
    fc.constantFrom('', ' 1', '1e3', '0x10'),
  )

  it('is a number where one belongs', { timeout: patience(10) }, async () => {
    const counted = count('--since and --port')
    const home = join(folder, 'nobody')
    await fc.assert(
      fc.asyncProperty(number, async (text) => {
        const isSequence = /^\d{1,15}$/.test(text)
        counted(isSequence)
        const [listening, reading] = [
          await failure(() => listen({ home, since: text })),
          await failure(() => history('bob', { home, since: text })),
        ]
        expect(listening).toBeInstanceOf(isSequence ? ClientError : Stop)
        expect(reading).toBeInstanceOf(isSequence ? ClientError : Stop)
        // where nobody could listen, so that a port that is one is not listened on
        const relaying = await failure(() => runRelay({ dir: home, host: '203.0.113.1', port: text }))
        expect(relaying).toBeInstanceOf(Stop)
      }),
      parameters(10),
    )
  })

  it('is a name and an address where they belong', { timeout: patience(10) }, async () => {
    const counted = count('names and addresses to register with')
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, async (name, relay) => {
        counted(false)
        // one of the two is always no such thing
        const home = join(folder, 'never')
        const flags = { home, receipts: true, passphrase: false }
        const nowhere = 'http://127.0.0.1:1'
        expect(await failure(() => register(`${name} `, { ...flags, relay: nowhere }))).toBeInstanceOf(Stop)
        expect(await failure(() => register('alice', { ...flags, relay: `x${relay}` }))).toBeInstanceOf(Stop)
      }),
      parameters(10),
    )
  })
})

const someRelay = {
  relayUrl: 'http://127.0.0.1:1',
  relayCa: null,
  choices: { refusesAccess: false, receipts: true },
}

describe('what a person writes', () => {
  it('is kept as it is, or refused', { timeout: patience(5) }, () => {
    const counted = count('texts and ids written down')
    const random = seededRandom('writing')
    const store = openStore(join(folder, 'alice'))
    storeSelf(store, createSelf('alice', { ...someRelay, policyKey: generatePolicyPair(random).public }, random))
    const device = openDevice(store, { joinMode, random, clock: () => 1 })
    const written = new Map<string, string>()
    fc.assert(
      fc.property(
        hostileText,
        fc.option(hostileText),
        fc.constantFrom('bob', 'bob', 'Bob', 'alice', ''),
        (text, id, name) => {
          let row: number
          try {
            ;({ row } = device.write(name, text, id ?? undefined))
          } catch (error) {
            if (!(error instanceof ClientError)) throw error
            return counted(false)
          }
          counted(true)
          // an id that was there before stays with what it was given for
          if (id !== null) written.set(id, written.get(id) ?? text)
          expect(device.history.message(row)?.text).toBe(id === null ? text : written.get(id))
        },
      ),
      parameters(5),
    )
    store.close()
  })
})

describe('what a program says at its end', () => {
  it('is one line without dangers, and a code of its own, whatever went wrong', { timeout: patience(2) }, () => {
    const counted = count('errors explained')
    const written: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
    const known = new Set<number>(Object.values(exitCodes))
    const error = fc.tuple(fc.nat(4), hostileText).map(([kind, words]) => {
      if (kind === 0) return new RelayError('bad-request', words)
      if (kind === 1) return new CryptoError(cryptoErrorCodes[0], words)
      if (kind === 2) return new ClientError('bad-text', words)
      return kind === 3 ? new Stop('user', words) : words
    })
    try {
      fc.assert(
        fc.property(error, (error) => {
          counted(true)
          expect(known).toContain(explain(error))
          const lines = written.splice(0)
          expect(lines).toHaveLength(1)
          for (const line of lines) expect(dangersIn(line.slice(0, -1))).toEqual([])
        }),
        parameters(2),
      )
    } finally {
      stderr.mockRestore()
    }
  })
})
