import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCodes } from '../../client/cli/exit.ts'
import { carriedOut } from '../support/here.ts'
import { commandsOfProgram, type Places, type Row, rows } from '../support/commands.ts'
import { bin, type Program, program, type ProgramOptions, scratch } from '../support/program.ts'
import { smallDisk } from '../support/small-disk.ts'
import { streamed, type Streamed, type Streams, withClosedPipe, withFullDisk } from '../support/streams.ts'
import { few, isLong } from '../support/long.ts'
import { missing } from '../support/missing.ts'

/*
 * Every command of the program by every fault of what is around it: where it prints, where it keeps things, and who ends or
 * stops it. Each ends with a documented exit code, in one line and perhaps the next command. Here each command meets one of
 * the faults, in turn; in `npm run test:long` all of them.
 */

const disk = await smallDisk()
const place = scratch()
const base = place.path('base')
const fullDisk = 'doormat: standard output cannot be written: the disk is full'

let relay: Program
let url = ''

/** Somebody whom the system does not know, without a home. */
const stranger = [
  'setpriv',
  '--reuid=54321',
  '--regid=54321',
  '--clear-groups',
  'env',
  '-u',
  'HOME',
  '-u',
  'XDG_DATA_HOME',
]
const looking = [...stranger.slice(1), process.execPath, '-e', 'fs.accessSync(process.argv[1])', bin]
const isStrangerHere = spawnSync('setpriv', looking).status === 0

beforeAll(async () => {
  chmodSync(place.path(''), 0o755)
  mkdirSync(base, { mode: 0o755 })
  const at = (name: string) => `${base}/${name}`
  relay = program(['relay', '--dir', place.path('relay'), '--port', '0', '--json', '--archive', at('passed.archive')])
  url = (JSON.parse(await relay.line('{"url"')) as { url: string }).url
  const operator = ['--relay', url, '--token-file', place.path('relay/operator.token')]
  for (const name of ['alice', 'bob'])
    await carriedOut(['register', name, '--no-passphrase', '--home', at(name), '--relay', url])
  await carriedOut(['authority', 'init', '--out', at('escrow.key')])
  await carriedOut(['access', 'on', 'message-key-escrow', '--authority-key', at('escrow.key.pub'), ...operator])
  await carriedOut(['send', 'bob', 'hello', '--home', at('alice')])
  await carriedOut([
    'authority',
    'order',
    'issuer',
    '--name',
    'a court',
    '--jurisdiction',
    'uk',
    '--out',
    at('court.key'),
  ])
  await carriedOut(['authority', 'order', 'desk', '--desk', at('desk'), '--jurisdiction', 'uk'])
  for (const name of ['operator.token', 'policy.key.pub']) copyFileSync(place.path(`relay/${name}`), at(name))
  if (!disk) return
  cpSync(base, disk.outside('base'), { recursive: true })
  disk.setReadOnly(true)
})
afterAll(async () => {
  await relay.kill()
  disk?.remove()
  place.remove()
})

/** How a command ended that met a fault, and what it said. */
interface End {
  readonly code: number | NodeJS.Signals
  readonly errors: readonly string[]
}

interface Fault {
  readonly meets: (name: string, row: Row) => Promise<End>
  /** where only one end is right */
  readonly right?: (row: Row) => { readonly code: number; readonly said: readonly string[] } | null
  /** a signal may end what does not listen to it */
  readonly signals?: readonly NodeJS.Signals[]
  readonly skipped?: string
}

const places = (): Places => ({ url, base })
const words = (name: string, row: Row, where = places()) => [...name.split(' '), ...row.args(where)]
/** For faults that do not end a command: one that would take long, or for ever, is given something to refuse. */
const short = (row: Row) => (row.heavy || row.does === 'stays' ? ['--nonsense'] : [])

async function endOf({ ended, errors }: Streamed): Promise<End> {
  return { code: await ended, errors }
}

/** One that stays is spoken to no more, so that it ends only for the fault's sake. */
const run = (args: readonly string[], streams: Streams, row: Row, options: ProgramOptions = {}): Streamed =>
  streamed(args, streams, { ...options, ...(row.does === 'stays' ? {} : { input: '' }) })

const withoutFolders = (args: readonly string[]) =>
  args.filter((word, i) => !folderOptions.has(word) && !folderOptions.has(args[i - 1] ?? ''))
const folderOptions = new Set(['--home', '--dir', '--token-file'])

/** Once it has begun, if it stays. */
async function begun(one: Streamed, row: Row): Promise<Streamed> {
  while (row.does === 'stays' && one.lines.length + one.errors.length === 0 && one.child.exitCode === null)
    await sleep(10)
  return one
}

async function stopped({ child }: Streamed): Promise<void> {
  child.kill('SIGSTOP')
  const state = () => /\) (\w)/.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1]
  while (child.exitCode === null && state() !== 'T' && state() !== 'Z') await sleep(5)
}

const faults: Readonly<Record<string, Fault>> = {
  'standard output on a full disk': {
    meets: (name, row) => endOf(withFullDisk((stdout) => run(words(name, row), { stdout }, row))),
    right: ({ does }) => (does === 'acts' ? null : { code: 3, said: [fullDisk] }),
  },
  'standard output closed early': {
    meets: (name, row) => endOf(withClosedPipe((stdout) => run(words(name, row), { stdout }, row))),
    right: ({ does }) => (does === 'acts' ? null : { code: 0, said: [] }),
  },
  'standard error on a full disk': {
    meets: (name, row) => endOf(withFullDisk((stderr) => run([...words(name, row), ...short(row)], { stderr }, row))),
    right: (row) => (row.does === 'prints' && !row.heavy ? { code: 0, said: [] } : null),
  },
  'standard error closed early': {
    meets: (name, row) => endOf(withClosedPipe((stderr) => run([...words(name, row), ...short(row)], { stderr }, row))),
    right: (row) => (row.does === 'prints' && !row.heavy ? { code: 0, said: [] } : null),
  },
  'folders on a disk that can only be read': {
    skipped: missing(disk !== null, 'this system lets nobody make a small disk with unshare and mount'),
    meets(name, row) {
      const where = { url, base: disk?.path('base') ?? '' }
      const args = [...words(name, row, where), ...(row.heavy ? ['--nonsense'] : [])]
      return endOf(run(args, {}, { ...row, does: 'acts' }, { under: disk?.under ?? [] }))
    },
  },
  'no home': {
    skipped: missing(isStrangerHere, 'this needs root and setpriv'),
    meets: (name, row) =>
      endOf(
        run([...withoutFolders(words(name, row)), ...(row.heavy ? ['--nonsense'] : [])], {}, row, { under: stranger }),
      ),
  },
  'folders of somebody else': {
    skipped: missing(isStrangerHere, 'this needs root and setpriv'),
    meets: (name, row) =>
      endOf(run([...words(name, row), ...(row.heavy ? ['--nonsense'] : [])], {}, row, { under: stranger })),
  },
  'a terminal that is closed, told twice': {
    signals: ['SIGHUP'],
    async meets(name, row) {
      const one = await begun(run(words(name, row), {}, row), row)
      one.child.kill('SIGHUP')
      one.child.kill('SIGHUP')
      return endOf(one)
    },
  },
  'a stop, and going on': {
    signals: ['SIGTERM'],
    async meets(name, row) {
      const one = await begun(run(words(name, row), {}, row), row)
      await stopped(one)
      one.child.kill('SIGCONT')
      if (row.does === 'stays' || row.heavy) one.child.kill('SIGTERM')
      return endOf(one)
    },
  },
}

const documented: readonly unknown[] = [0, ...Object.values(exitCodes)]

/** What is wrong with an end; nothing, if all is well. */
function complaints(fault: Fault, row: Row, { code, errors }: End): string[] {
  const said = errors.filter((line) => line.startsWith('doormat: '))
  const hints = errors.filter((line) => line.startsWith('try: '))
  const raw = errors.filter((line) => /^\s+at |node:|Error: |\b(ENOSPC|EPIPE|EROFS|EACCES|EPERM|EIO)\b/.test(line))
  const right = fault.right?.(row) ?? null
  return [
    ...([...documented, ...(fault.signals ?? [])].includes(code) && code !== exitCodes.unexpected
      ? []
      : [`code ${code}`]),
    ...(said.length > 1 || hints.length > 1 ? ['more than a line'] : []),
    ...raw.map((line) => `raw: ${line}`),
    ...(right && code !== right.code ? [`code ${code}, not ${right.code}`] : []),
    ...(right && said.join() !== right.said.join() ? [`said ${said.join() || 'nothing'}`] : []),
  ]
}

/** Two at a time. */
async function inPairs(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  const left = [...names]
  const one = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name)
  }
  await Promise.all([one(), one()])
}

const names = Object.keys(rows)
const faultNames = Object.keys(faults)
/** Who meets a fault: one command, another for each, and in the long run all. */
const whoMeets = (fault: string) => {
  const met = names.filter((_, i) => isLong || faultNames[i % faultNames.length] === fault)
  return few(met, 1)
}

describe('every command of the program', () => {
  it('has a row in the table of faults', () => {
    expect(commandsOfProgram().toSorted()).toEqual(names.toSorted())
  })

  for (const [title, fault] of Object.entries(faults))
    it.skipIf(fault.skipped)(`meets ${title}${fault.skipped ?? ''}`, async () => {
      const wrong: string[] = []
      await inPairs(whoMeets(title), async (name) => {
        const row = rows[name] as Row
        const end = await fault.meets(name, row)
        const found = complaints(fault, row, end)
        if (found.length > 0) wrong.push(`${name}: ${found.join('; ')} | ${end.errors.join(' / ')}`)
      })
      expect(wrong).toEqual([])
    })
})
