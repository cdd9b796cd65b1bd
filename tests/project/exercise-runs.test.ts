import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceipt } from '../../client/cli/exercise/receipt.ts'
import type { Run } from '../../client/cli/exercise/runs.ts'
import { answers, wireIn } from '../support/exercise-answers.ts'
import { here } from '../support/here.ts'
import { few } from '../support/long.ts'
import { missing } from '../support/missing.ts'
import { bin, command, scratch } from '../support/program.ts'
import { differences } from '../support/world-page.ts'

const linesIn = (text: string) => text.split('\n').slice(0, -1)

const { path, remove } = scratch()
afterAll(remove)

describe('a run of an exercise', () => {
  const dir = path("Ann's runs")
  async function exercise(words: readonly string[], code = 0) {
    const finished = await here(['exercise', ...words, '--dir', dir])
    expect(finished.code, finished.stderr).toBe(code)
    return { lines: linesIn(finished.stdout), errors: linesIn(finished.stderr) }
  }
  const filesIn = (name: string) =>
    readdirSync(join(dir, name)).map((file) => [file, readFileSync(join(dir, name, file), 'utf8')])
  let answer = ''

  beforeAll(async () => {
    await exercise(['start', 'toggle', '--seed', 'class 7'])
    answer = answers['toggle']?.(() => wireIn(join(dir, 'toggle-1', 'passed.archive'))).right ?? ''
  })

  it('is kept when the exercise is started again, which shows its task once more', async () => {
    writeFileSync(join(dir, 'toggle-1', 'notes.txt'), 'mine')
    const before = filesIn('toggle-1')
    const { lines } = await exercise(['start', 'toggle'])
    expect(lines.join(' ')).toContain('You have started toggle already. Your run is kept')
    expect(lines).toContain('     doormat exercise start toggle --again \\')
    expect(lines).toContain('toggle-1: Find the moment the key went under the mat')
    expect(filesIn('toggle-1')).toEqual(before)
    expect(readdirSync(dir)).toEqual(['toggle-1'])
  })

  it('is another beside it where that is asked for, and the same where the seed is', async () => {
    await exercise(['start', 'toggle', '--again', '--seed', 'class 7'])
    await exercise(['start', 'toggle', '--again'])
    const archives = ['toggle-1', 'toggle-2', 'toggle-3'].map((name) => readFileSync(join(dir, name, 'passed.archive')))
    expect(archives[1]).toEqual(archives[0])
    const ofSeed = (name: string) =>
      filesIn(name).filter(([file = '']) => !/^(task|notes)\.txt$|^run\.json$/.test(file))
    expect(ofSeed('toggle-2')).toEqual(ofSeed('toggle-1'))
    expect(archives[2]).not.toEqual(archives[0])
    const { errors } = await exercise(['start', 'toggle', '--seed', 'class 8'], 1)
    expect(errors[0]).toBe('doormat: toggle-3 was not made from this seed, and is kept')
  })

  it('is the newest, unless one is named; an answer needs no quotes, and any dash will do', async () => {
    const wrong = await exercise(['check', 'toggle', '1-2'], 1)
    expect(wrong.errors[0]).toMatch(
      /^doormat: not right, for toggle-3 \(your newest run; for another name it, such as `exercise check toggle-2 …`\)\. [A-Z]/,
    )
    expect(wrong.errors[0]).toMatch(/ The task is in .*\/toggle-3\/task\.txt$/)
    expect(wrong.errors).toHaveLength(1)
    expect(
      (await exercise(['check', 'toggle-2', ...answer.split('-'), '--json'])).lines.map(
        (line) => JSON.parse(line) as object,
      ),
    ).toMatchObject([{ exercise: 'toggle', run: 'toggle-2', seed: 'class 7', right: true, hint: null }])
    const { lines } = await exercise(['check', 'toggle-1', answer.replace('-', '\u2013')])
    const said = lines.join(' ')
    expect(said).toMatch(/^Right, for toggle-1\. Envelopes \d+ to \d+ carry a stanza/)
    expect(said).toContain('To talk about: This mode is announced')
    expect(said).toContain("Next:       doormat exercise start thief --seed 'class 7' ")
    const refused = await exercise(['check', 'toggle', '1-2', '--json'], 1)
    const result = JSON.parse(refused.lines[0] ?? '') as Record<string, unknown>
    expect(differences(result, 'exercise result')).toEqual([])
    expect(result).toMatchObject({ run: 'toggle-3', right: false, done: null })
  })

  it('of a version without receipts goes on, and can be handed in once it is answered', async () => {
    const record = join(dir, 'toggle-2', 'run.json')
    const {
      key: _key,
      student: _student,
      tries: _tries,
      ...old
    } = JSON.parse(readFileSync(record, 'utf8')) as Run['record']
    writeFileSync(record, JSON.stringify(old))
    await exercise(['check', 'toggle-2', ...answer.split('-'), '--student', '4711'])
    const name = readdirSync(join(dir, 'toggle-2')).find((file) => file.endsWith('.receipt.json')) ?? ''
    const receipt = openReceipt(readFileSync(join(dir, 'toggle-2', name), 'utf8'))
    expect(receipt).toMatchObject({ run: 'toggle-2', student: '4711', tries: 1, seed: 'class 7' })
  })

  it('shows in the list as done, started or not begun', async () => {
    await exercise(['start', 'thief'])
    const { lines } = await exercise(['list'])
    expect(lines.slice(1, 4).map((line) => line.replaceAll(/ {2,}/g, '|'))).toEqual([
      'wire|Read the wire: what it hides, and what it shows|15|not begun',
      'toggle|Find the moment the key went under the mat|15|✓ done',
      "thief|Open a stranger's conversation with a stolen key|15|started",
    ])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80 + dir.length)
  })

  it('that nobody has begun, or of which nobody knows what it is, is no run', async () => {
    expect((await exercise(['check', 'wire', '1'], 1)).errors[0]).toBe('doormat: you have not started wire')
    expect((await exercise(['check', 'toggle-9', '1'], 1)).errors[0]).toBe(
      'doormat: there is no run toggle-9; there is toggle-1, toggle-2, toggle-3',
    )
    writeFileSync(join(dir, 'thief-1', 'run.json'), '{}')
    expect((await exercise(['check', 'thief', '1'], 1)).errors[0]).toContain('was changed, and nobody can tell')
    rmSync(join(dir, 'thief-1'), { recursive: true })
  })
})

/** Those with the most commands come first. */
const played = ['order', 'wire', 'thief', 'ghost', 'toggle', 'safety']

const noShell = missing(spawnSync('sh', ['-c', 'command -v grep cat']).status === 0, 'no shell')

describe('the commands in a task', () => {
  const dir = path("runs with 'quotes' and $HOME")
  const programs = path('programs')

  beforeAll(() => {
    mkdirSync(programs)
    writeFileSync(join(programs, 'doormat'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    chmodSync(join(programs, 'doormat'), 0o755)
  })

  // shares are asked for one by one and in pairs, and what does not open is the point of it
  it.skipIf(noShell).each(few(played, 1))(
    `of %s run as they stand, up to the answer, which is wrong${noShell}`,
    async (id) => {
      const { lines } = await command(['exercise', 'start', id, '--dir', dir])
      expect(lines.filter((line) => line.length > 80 && !line.startsWith('     '))).toEqual([])
      const rows = lines.filter((line) => line.startsWith('     '))
      const last = rows.findIndex((line) => line.startsWith('     cd '))
      expect(rows.slice(last + 1).filter((line) => line.startsWith('     d'))).toEqual([])
      const typed = [...rows.slice(last), ...rows.slice(0, last)]
      const { status, stderr, stdout } = spawnSync('sh', ['-e', '-c', typed.join('\n')], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${programs}:${process.env['PATH']}`, NO_COLOR: '1' },
      })
      expect(stderr).toContain(`doormat: not right, for ${id}-1. `)
      expect(status).toBe(1)
      if (id === 'wire') expect(stdout).toMatch(/\npassed\.archive:0\nsaid\.txt:[1-9]\d*\n/)
    },
  )
})
