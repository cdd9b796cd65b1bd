import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exercises } from '../../client/cli/exercise/exercise.ts'
import { answers, filesOf } from '../support/exercise-answers.ts'
import { here } from '../support/here.ts'
import { missing } from '../support/missing.ts'
import { patternOf, planCalled, type PlanRow } from '../support/plan.ts'
import { bin, scratch } from '../support/program.ts'

const { path, remove } = scratch()
afterAll(remove)

const plans = { 'plan-20': 20, 'plan-50': 50, 'plan-lab': 150 } as const

describe.each(Object.entries(plans))('%s', (name, minutes) => {
  const rows = planCalled(name)
  const page = readFileSync(new URL(`../../docs/workshop/${name}.md`, import.meta.url), 'utf8')

  it('goes from minute to minute, and ends in time', () => {
    const times = rows.map(({ minute }) => minute)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    expect(times[0]).toBe(0)
    expect(times.at(-1)).toBeLessThan(minutes)
  })

  it('says what to see wherever somebody does something on a screen', () => {
    expect(rows.filter(({ who, seen }) => who !== 'room' && seen.length === 0)).toEqual([])
    expect(
      rows.filter(({ who, does }) => who === 'room' && does.some((deed) => !('words' in deed) && !('press' in deed))),
    ).toEqual([])
  })

  it('has a part for all that a host has to know', () => {
    for (const part of ['**Aim.**', '**Audience.**', '**Materials.**', '**The day before.**'])
      expect(page).toContain(part)
    expect(page.match(/^## .*/gm)).toEqual(
      expect.arrayContaining(['## Minute by minute', '## What goes wrong', '## How to close', '## Where to go next']),
    )
  })
})

const noShell = missing(spawnSync('sh', ['-c', 'command -v grep']).status === 0, 'no shell')

describe.skipIf(noShell)(`the terminal of plan-lab${noShell}`, () => {
  const rows = planCalled('plan-lab').filter(({ who }) => who === 'terminal')
  const home = path('home')
  const runs = join(home, 'doormat', 'exercises')
  /** where the terminal is, and what it showed last of a task */
  let [folder, task] = [home, '']

  beforeAll(() => {
    mkdirSync(join(home, 'handed-in'), { recursive: true })
    writeFileSync(join(home, 'doormat.sh'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    mkdirSync(path('programs'))
    copyFileSync(join(home, 'doormat.sh'), path('programs/doormat'))
    chmodSync(path('programs/doormat'), 0o755)
  })

  /** A line that only the program reads is typed here, and only what needs one in a shell. */
  async function run(line: string): Promise<string> {
    const env = { XDG_DATA_HOME: home, NO_COLOR: '1' }
    const isPlain = /^doormat(?: (?:'[^']*'|[\w./:,-]+))+$/.test(line)
    const words = (line.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replaceAll("'", ''))
    const { stdout, stderr } = isPlain
      ? await here(words, { cwd: folder, env })
      : spawnSync('sh', ['-c', line], {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, PATH: `${path('programs')}:${process.env['PATH']}`, ...env },
        })
    return stdout + stderr
  }

  /** The commands of a task, whole, but for those that answer it and go to its folder. */
  const commandsOf = (text: string) =>
    text
      .replaceAll(/ \\\n\s+/g, ' ')
      .split('\n')
      .filter((line) => line.startsWith('     '))
      .map((line) => line.trim())

  /** Words in capitals are filled in with what whoever plays the run finds. */
  async function filledIn(line: string): Promise<string> {
    const [, id = ''] = /exercise check ([a-z]+) [A-Z]/.exec(line) ?? []
    if (!exercises.some((exercise) => exercise.id === id)) return line
    const found = answers[id]?.(await filesOf(id, join(runs, `${id}-1`)))
    return line.replace(/(?<=check [a-z]+ )[A-Z -]+/, found?.right ?? '')
  }

  const known: Record<string, () => string | Promise<string>> = {
    'goes to the folder'() {
      folder = commandsOf(task).at(-1)?.replace(/^cd /, '').replaceAll("'", '') ?? ''
      return ''
    },
    async 'pastes the commands of the task'() {
      const shown = []
      for (const line of commandsOf(task)) if (!/^cd |exercise check/.test(line)) shown.push(await run(line))
      return shown.join('\n')
    },
    'hands in the receipts'() {
      folder = home
      const receipts = readdirSync(runs, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.receipt.json'),
      )
      for (const file of receipts) copyFileSync(join(runs, file), join(home, 'handed-in', file.split('/').at(-1) ?? ''))
      return ''
    },
  }

  async function walk({ does }: PlanRow): Promise<string> {
    let shown = ''
    for (const deed of does) {
      if ('type' in deed) {
        const output = await run(await filledIn(deed.type))
        if (deed.type.includes('exercise start')) task = output
        shown += output
      } else if ('words' in deed) {
        const act = known[deed.words]
        if (!act) throw new Error(`nobody knows how to do this: ${deed.words}`)
        shown += await act()
      } else throw new Error(`there is no button in a terminal: ${deed.press}`)
    }
    return shown
  }

  it.each(rows)('shows at minute $minute what the page says', async (row) => {
    const shown = await walk(row)
    for (const { text } of row.seen) expect(shown).toMatch(patternOf(text))
  })
})
