#!/usr/bin/env node
import { CommanderError } from 'commander'
import { ModesWanted } from './mode-help.ts'
import { guardOutput, leaveSoon, printed } from './output.ts'
import { buildProgram } from './program.ts'

/** Commands are loaded when they are asked for, so that help is there at once. */
async function main(): Promise<void> {
  guardOutput()
  process.exitCode = await codeOf(run)
  leaveSoon()
  if (process.exitCode === 0) process.exitCode = await codeOf(printed)
}

async function run(): Promise<void> {
  const given = process.argv.slice(2)
  if (given.some((argument) => argument.includes('\ufffd'))) (await import('./arguments.ts')).checkArguments(given)
  await buildProgram().parseAsync()
}

async function codeOf(work: () => Promise<unknown>): Promise<number> {
  try {
    await work()
    return 0
  } catch (error) {
    if (error instanceof ModesWanted) {
      const { modesBelowHelp } = await import('./commands/modes.ts')
      modesBelowHelp()
      return 0
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1
    return (await import('./exit.ts')).explain(error)
  }
}

await main()
