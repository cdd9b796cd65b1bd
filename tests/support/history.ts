import { setTimeout as sleep } from 'node:timers/promises'
import { hangMs } from './hang.ts'
import { carriedOut } from './here.ts'
import { command, type ProgramOptions } from './program.ts'
import { objects } from './world-cli.ts'

/** An entry of a history as docs/cli.md describes it. */
export interface Entry {
  readonly sequence: number
  readonly kind: string
  readonly peer: string | null
  readonly direction?: 'in' | 'out'
  readonly id?: string
  readonly text: string
  readonly state?: string
  readonly number: number | null
  readonly epoch: number | null
}

/** What the program prints of a device's history: here, or in a process of its own where one is described. */
export async function historyOf(home: string, options?: ProgramOptions): Promise<readonly Entry[]> {
  const args = ['history', '--home', home, '--json']
  if (options) return (await command(args, options)).lines.map((line) => JSON.parse(line) as Entry)
  return objects(await carriedOut(args)) as unknown as readonly Entry[]
}

/** Looks again until it is so. @throws Error that shows the last entries */
export async function untilHistory(
  home: string,
  reached: (entries: readonly Entry[]) => boolean,
  options?: ProgramOptions,
): Promise<readonly Entry[]> {
  for (const end = performance.now() + hangMs; ;) {
    const entries = await historyOf(home, options)
    if (reached(entries)) return entries
    if (performance.now() > end)
      throw new Error(`waited in vain for the history of ${home}: ${JSON.stringify(entries.slice(-5))}`)
    await sleep(200)
  }
}
