import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { comparable, tourIn } from '../docs/tour.ts'
import { freePort } from '../support/free-port.ts'
import { bin, program, type Program } from '../support/program.ts'

/*
 * README's tour, typed block by block in its order, in bash, as somebody would paste it. Three things are not as in the page: the
 * folder, the relay's port, so that two runs do not meet, and `doormat`, which is the program as it was built.
 */

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'doormat-tour-'))
const started: ChildProcess[] = []
afterAll(async () => {
  for (const child of started) {
    const ended = new Promise((done) => child.once('close', done))
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue
    process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
})

/** A block typed in a terminal of its own. @returns what it prints until it ends, or prints that many lines and goes on */
function typed(commands: readonly string[], cwd: string, rows: number | null): Promise<readonly string[]> {
  const shell = spawn('bash', ['-c', commands.join('\n')], {
    cwd,
    env: { ...process.env, BASH_ENV: join(folder, 'doormat.sh'), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  started.push(shell)
  let text = ''
  return new Promise((done) => {
    // the relay's log, which a terminal does not show
    const linesOf = () =>
      text
        .split('\n')
        .slice(0, -1)
        .filter((line) => !line.startsWith('{'))
    for (const stream of [shell.stdout, shell.stderr])
      stream.on('data', (piece) => {
        text += String(piece)
        if (rows !== null && linesOf().length >= rows) done(linesOf())
      })
    shell.once('close', () => done(linesOf()))
  })
}

it('prints what stands under each of its blocks, when it is pasted block by block', async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'doormat.sh'), `doormat() { '${process.execPath}' '${bin}' "$@"; }\n`)
  const here = (line: string) =>
    line
      .replaceAll('/tmp/mat', join(folder, 'mat'))
      .replace(/^doormat relay/, `doormat relay --port ${port}`)
      .replace(/^doormat (register|access)(.*)/, `doormat $1$2 --relay ${url}`)
  const there = (line: string) =>
    comparable(line.replaceAll(join(folder, 'mat'), '/tmp/mat').replaceAll(`${port}`, '4620'))
  const chats: Program[] = []
  const ends = [
    ['alice', 'bob'],
    ['bob', 'alice'],
  ] as const
  const say = async (from: 0 | 1, text: string) => {
    chats[from]?.child.stdin?.write(`${text}\n`)
    await chats[1 - from]?.line(text)
  }

  const [build, ...blocks] = tourIn(readFileSync(join(root, 'README.md'), 'utf8'))
  expect(build?.commands).toContain('alias doormat="node $PWD/dist/doormat.js"')
  const read = blocks
    .flatMap(({ printed }) => printed ?? [])
    .flatMap((line) => / {2}(\w+) -> \w+: (.*)$/.exec(line) ?? [])
  const shown = [
    [read[1], read[2]],
    [read[4], read[5]],
  ] as const
  expect(shown.map(([who]) => who)).toEqual(['alice', 'bob'])

  for (const { words, commands, printed } of blocks) {
    const told = words.replaceAll('\n', ' ')
    const all = commands.join('\n')
    if (told.includes('Type a line at each end')) {
      for (const [who, other] of ends) {
        expect(told).toContain(`doormat chat ${other} --home ${who}`)
        chats.push(program(['chat', other, '--home', who], { cwd: join(folder, 'mat') }))
      }
      for (const chat of chats) await chat.line('-- ')
      for (const from of [0, 1] as const) await say(from, `before ${from}`)
    }
    if (told.includes('Now write again')) for (const from of [0, 1] as const) await say(from, shown[from][1] ?? '')
    // the blocks after it are typed in the same terminal
    const place = all.startsWith('cd ') || all.startsWith('mkdir -p') ? folder : join(folder, 'mat')
    const goesOn = all.includes('doormat relay')
    const output = await typed(commands.map(here), place, goesOn ? (printed?.length ?? 0) : null)
    expect(output.map(there), all).toEqual((printed ?? []).map(comparable))
    const [switched] = /access (on|off)/.exec(all) ?? []
    if (switched) for (const chat of chats) await chat.line(switched === 'access on' ? '(epoch 2)' : '(epoch 3)')
    if (told.includes('write once more')) for (const from of [0, 1] as const) await say(from, `after ${from}`)
  }
  for (const chat of chats) await chat.kill('SIGTERM')
})
