import { CommanderError } from 'commander'
import { explain } from '../../client/cli/exit.ts'
import { buildProgram } from '../../client/cli/program.ts'
import { listening } from './listening.ts'
import { type Finished, untilNotBusy } from './world-cli.ts'

let last: Promise<unknown> = Promise.resolve()

/**
 * Runs a command to its end in this process, one after the other: the same as `doormat`, at a tenth of the cost, for tests
 * that are not about what a process is, gets or prints. Nobody is there to type anything.
 */
export function here(args: readonly string[], place: Place = {}): Promise<Finished> {
  const finished = last.then(() => untilNotBusy(args, (given) => typedHere(given, place)))
  last = finished.catch(() => undefined)
  return finished
}

/** The same, for what has to succeed. @throws Error unless it ends with 0 */
export async function carriedOut(args: readonly string[]): Promise<Finished> {
  const finished = await here(args)
  if (finished.code !== 0) throw new Error(`doormat ${args.join(' ')} ended with ${finished.code}: ${finished.stderr}`)
  return finished
}

/** The same line by line, for what has to end with that code. @throws Error unless it does */
export async function linesHere(
  args: readonly string[],
  code = 0,
): Promise<{ readonly lines: readonly string[]; readonly errors: readonly string[] }> {
  const finished = await here(args)
  if (finished.code !== code)
    throw new Error(`doormat ${args.join(' ')} ended with ${finished.code}: ${finished.stderr}`)
  return { lines: linesIn(finished.stdout), errors: linesIn(finished.stderr) }
}

const linesIn = (text: string) => text.split('\n').slice(0, -1)

interface Place {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

async function typedHere(args: readonly string[], { cwd, env }: Place): Promise<Finished> {
  const [folder, environment] = [process.cwd(), process.env]
  const heard = listening()
  let code = 0
  if (cwd !== undefined) process.chdir(cwd)
  process.env = { ...environment, ...env }
  try {
    await buildProgram().parseAsync([...args], { from: 'user' })
  } catch (error) {
    code = error instanceof CommanderError ? Math.min(error.exitCode, 1) : explain(error)
  } finally {
    heard.stop()
    process.env = environment
    process.chdir(folder)
  }
  return { code, stdout: heard.stdout, stderr: heard.stderr }
}
