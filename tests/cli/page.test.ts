import { readdirSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildProgram } from '../../client/cli/program.ts'
import { exitCodes } from '../../client/cli/exit.ts'
import { noticeKinds } from '../../client/device/history-kinds.ts'
import * as page from '../support/world-page.ts'

/** Every command that does something, with the path that leads to it. */
function leaves(command: Command, path: readonly string[] = []): { path: readonly string[]; command: Command }[] {
  const below = command.commands.flatMap((one) => leaves(one, [...path, one.name()]))
  const acts = path.length > 0 && (command.commands.length === 0 || command.options.length > 0)
  return acts ? [{ path, command }, ...below] : below
}

const argumentsOf = ({ registeredArguments }: Command) =>
  registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`))

const program = buildProgram()
const commands = leaves(program).map(({ path, command }) => ({
  usage: [...path, ...argumentsOf(command)].join(' '),
  command,
}))

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 200 })
  command.outputHelp()
  return help
}

describe('docs/cli.md', () => {
  it('has a section for every command, and for no other', () => {
    expect(page.commandSections.map(({ usage }) => usage)).toEqual(commands.map(({ usage }) => usage))
  })

  it.each(commands)('has every option of `doormat $usage`, and no other', ({ usage, command }) => {
    const section = page.commandSections.find((one) => one.usage === usage)
    expect(section?.options.toSorted()).toEqual(command.options.map(({ flags }) => flags).toSorted())
  })

  it.each(commands)('has the example of `doormat $usage --help`, and others that the program would take', (one) => {
    const section = page.commandSections.find(({ usage }) => usage === one.usage)
    const [, shown] = /Example:\n {2}\$ (.*)\n/.exec(helpOf(one.command)) ?? []
    const name = one.usage.replaceAll(/ [<[].*/g, '')
    expect(shown).toMatch(new RegExp(`^doormat ${name}( |$)`))
    expect(section?.examples.length).toBeGreaterThan(0)
    for (const example of section?.examples ?? []) expect(example).toContain(`doormat ${name}`)
    const flags = section?.examples.join(' ').match(/--[a-z-]+/g) ?? []
    expect(section?.options.map((option) => option.split(' ')[0])).toEqual(expect.arrayContaining(flags))
  })

  it('has every kind of notice and every exit code, and no other', () => {
    expect(page.notices().toSorted()).toEqual(noticeKinds.toSorted())
    expect(page.exitCodes()).toEqual([0, ...Object.values(exitCodes)])
  })

  it('names every variable of the environment that the program looks at, and no other', () => {
    const folder = new URL('../../client/', import.meta.url)
    const source = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    const used = source.flatMap((text) =>
      [...text.matchAll(/(?:process\.env\[|variable\(|wholePath\()'(\w+)'/g)].map(([, name]) => name),
    )
    expect(new Set(page.variables())).toEqual(new Set(used))
  })
})
