import { afterEach, beforeEach, expect } from 'vitest'
import { freePort } from './free-port.ts'
import { carriedOut } from './here.ts'
import { type Entry, historyOf } from './history.ts'
import { command, type Program, type ProgramOptions, program, scratch } from './program.ts'

/**
 * A relay and people around it, with a folder that is new for every test. The relay, and whoever listens, is a process; so is
 * whoever registers or sends, where something is said of that process.
 */
export function town() {
  const { path, remove } = scratch()
  const running: Program[] = []
  let url = ''

  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.kill()))
    remove()
  })

  /** A process that is ended with the test. */
  function start(args: readonly string[], options: ProgramOptions = {}): Program {
    const one = program(args, options)
    running.push(one)
    return one
  }

  /** @param folder where it keeps its store. A relay that comes back comes back to its port. */
  async function startRelay(folder = path('relay'), options: ProgramOptions = {}): Promise<Program> {
    const port = url === '' ? String(await freePort()) : new URL(url).port
    const relay = start(['relay', '--dir', folder, '--port', port, '--json'], options)
    url = (JSON.parse(await relay.line('{"url"')) as { url: string }).url
    return relay
  }

  beforeEach(() => {
    url = ''
  })

  return {
    path,
    start,
    startRelay,
    register: (name: string, home = path(name), options?: Parameters<typeof command>[1]) =>
      typed(['register', name, '--no-passphrase', '--home', home, '--relay', url], options),
    /** @param id also the text, unless that is given */
    send: (home: string, to: string, id: string, options?: Parameters<typeof command>[1], text = id) =>
      typed(['send', to, text, '--id', id, '--home', home], options),
    /** Reads what has come for somebody until the last of these has, and checks that it is just these, in this order. */
    async receives(home: string, ids: readonly string[], options?: ProgramOptions): Promise<readonly Entry[]> {
      const listener = start(['listen', '--json', '--since', '0', '--home', home], options)
      await listener.line(`"id":"${ids.at(-1)}"`)
      await listener.kill('SIGTERM')
      const entries = await historyOf(home, options)
      expect(incoming(entries)).toEqual(ids)
      return entries
    },
  }
}

async function typed(args: readonly string[], options?: Parameters<typeof command>[1]) {
  if (options) return command(args, options)
  const { code, stderr } = await carriedOut(args)
  return { ended: Promise.resolve(code ?? 0), errors: stderr.split('\n').filter((line) => line !== '') }
}

export const incoming = (entries: readonly Entry[]) =>
  entries.filter(({ kind, direction }) => kind === 'message' && direction === 'in').map(({ id }) => id)

/** That a command said what is wrong in one line, perhaps the next command in a second, and nothing else. */
export function expectOneLine({ errors }: Pick<Program, 'errors'>, part: string): void {
  expect(errors[0]).toMatch(/^doormat: [a-z/].*[^.]$/)
  expect(errors[0]).toContain(part)
  expect(errors.slice(1).filter((line) => !line.startsWith('try: '))).toEqual([])
  expect(errors.length).toBeLessThanOrEqual(2)
}
