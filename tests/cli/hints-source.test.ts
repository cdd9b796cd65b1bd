import { readdirSync, readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../client/cli/program.ts'

/*
 * Every command that the program tells anybody to type, as it stands in the source: the program's own parser takes it. What
 * is filled in when it is printed is filled in here with something of its kind.
 */

const root = new URL('../../', import.meta.url)
/** what others write is theirs to hold: the lab, the exercises and the demo have texts of their own */
const left = /^client\/(lab|cli\/(exercise|demo))\/|^client\/cli\/running\.ts$/

const files = ['client', 'server'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => name.endsWith('.ts') && !left.test(name)),
)

/** what stands in the place of `${…}` by what is written there */
const filled: readonly (readonly [RegExp, string])[] = [
  [/from$/, '2026-03-01'],
  [/\bto$/, '2026-03-02'],
  [/\bport\b/, '4620'],
  [/url|host/i, 'https://relay.example'],
  [/next\}?$/, 'desk'],
  [/verb/, 'open'],
  [/shown/, 'accept alice'],
  [/^command$/, 'lab report'],
  [/people/, '300'],
  [/^args\.join/, 'authority open --archive passed.archive'],
  [/\bseed\b/, 'a'],
  [/\bexpires\b/, '2027-01-01'],
  [/option$/, '--archive'],
  [/id === undefined/, ''],
]
const fill = (expression: string) => filled.find(([pattern]) => pattern.test(expression))?.[1] ?? 'alice'

/** String literals that begin with the program's name, and commands within a sentence: behind a colon, or in backticks. */
function commandsIn(source: string): string[] {
  const code = source.replaceAll(/^\s*(\/\*\*|\*|\/\/).*$/gm, '')
  const literals = [...code.matchAll(/(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)].map(([, , text = '']) =>
    text.replaceAll(/\$\{([^{}]*)\}/g, (_all, expression: string) => fill(expression)),
  )
  return literals
    .filter((text) => !/^doormat device \d$/.test(text))
    .flatMap((text) => [...text.matchAll(/(?:^|: |\(|`)(doormat [a-z][^`)]*)/g)].map(([, line = '']) => line))
}

/** As a shell cuts it; what follows a full stop, or a comma, is a sentence again. */
const wordsOf = (line: string): string[] =>
  (line.replace(/[.,;]\s.*$|\.$/s, '').match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replaceAll("'", ''))

/** @returns null where the parser takes it, else what it says */
async function complaint(line: string): Promise<string | null> {
  const program = buildProgram()
  class Taken extends Error {}
  const silent = { writeOut: () => undefined, writeErr: () => undefined }
  const quiet = (command: typeof program): void => {
    command.configureOutput(silent)
    command.commands.forEach(quiet)
  }
  quiet(program)
  program.hook('preAction', () => {
    throw new Taken()
  })
  try {
    await program.parseAsync(wordsOf(line), { from: 'user' })
    return 'it does nothing'
  } catch (error) {
    if (error instanceof Taken) return null
    if (error instanceof CommanderError) return error.code === 'commander.helpDisplayed' ? null : error.message
    throw error
  }
}

const found = files.flatMap((file) =>
  commandsIn(readFileSync(new URL(file, root), 'utf8')).map((line) => ({ file, line })),
)

describe('a command that a message tells somebody to type', () => {
  it('is found in the source', () => expect(found.length).toBeGreaterThan(60))

  it.each(found)('is one: $line ($file)', async ({ line }) => {
    expect([line, await complaint(line)]).toEqual([line, null])
  })
})

describe('what stands behind "try:"', () => {
  it('is a command alone, without a word of prose', () => {
    const prose = found.filter(({ line }) => /,| or /.test(line.replaceAll(/'[^']*'/g, '')))
    expect(prose.filter(({ line }) => !/[.;] /.test(line))).toEqual([])
  })
})
