#!/usr/bin/env node
import { CommanderError } from 'commander'
import { buildProgram } from './program.ts'

/** Commands are loaded when they are asked for, so that help is there at once. */
async function main(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    // the terminal is gone: whoever writes to it ends
    if (error.code !== 'EIO') throw error
  })
  try {
    const given = process.argv.slice(2)
    if (given.some((argument) => argument.includes('\ufffd'))) (await import('./arguments.ts')).checkArguments(given)
    await buildProgram().parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1
    else process.exitCode = (await import('./exit.ts')).explain(error)
  }
}

await main()
