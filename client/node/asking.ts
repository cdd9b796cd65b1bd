import { type ChildProcess, fork } from 'node:child_process'
import { z } from 'zod'
import { loadNative } from '../../server/native.ts'

/*
 * Two processes of this program, of which one asks and the other answers: by Node's own channel, checked on both sides. Whoever is asked
 * lives no longer than whoever asks.
 */

const envelopeSchema = z.object({ ref: z.number(), ask: z.unknown() })
const answerSchema = z.union([
  z.object({ ref: z.number(), value: z.unknown() }),
  z.object({ ref: z.number(), fault: z.string() }),
])

/** The other process could not do what it was asked, or is gone. */
export class NoHelp extends Error {
  override readonly name = 'NoHelp'
}

export interface Helper<Ask> {
  /** @throws NoHelp; ZodError for an answer of another shape */
  ask<S extends z.ZodType>(ask: Ask, schema: S): Promise<z.output<S>>
  /** Lets it go, and waits until it has ended. */
  stop(): Promise<void>
}

/** @param program a file of this program that calls `answerAsks` @param who it is, for errors */
export function startHelper<Ask>(program: URL, args: readonly string[], who: string): Helper<Ask> {
  const child: ChildProcess = fork(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let last = 0
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const gone = () => new NoHelp(`${who} has ended`)
  void ended.then(() => waiting.forEach(({ reject }) => reject(gone())))
  child.on('error', () => undefined)
  child.on('message', (message) => {
    const answer = answerSchema.parse(message)
    const asked = waiting.get(answer.ref)
    waiting.delete(answer.ref)
    if ('fault' in answer) asked?.reject(new NoHelp(`${who}: ${answer.fault}`))
    else asked?.resolve(answer.value)
  })
  return {
    async ask(ask, schema) {
      if (!child.connected) throw gone()
      last += 1
      const ref = last
      const value = await new Promise((resolve, reject) => {
        waiting.set(ref, { resolve, reject })
        child.send({ ref, ask })
      })
      return schema.parse(value)
    },
    async stop() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

/**
 * The other end: answers each ask that is of this shape, in the order in which they come.
 * @param answer throws what is told as a fault
 * @param left is called once nobody is there to ask any more
 */
export function answerAsks<S extends z.ZodType>(
  schema: S,
  answer: (ask: z.output<S>) => unknown,
  left: () => void,
): void {
  let before: Promise<unknown> = loadNative()
  async function serve(ref: number, ask: z.output<S>): Promise<void> {
    // whoever asked may have gone meanwhile: `disconnect` says so
    const tell = (said: object) => process.send?.({ ref, ...said }, undefined, undefined, () => undefined)
    try {
      tell({ value: (await answer(ask)) ?? null })
    } catch (error) {
      tell({ fault: error instanceof Error ? error.message : String(error) })
    }
  }
  // Ctrl-C is for the process that asks, which ends this one in its own time
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  process.on('disconnect', left)
  process.on('message', (message) => {
    const { ref, ask } = envelopeSchema.parse(message)
    const known = schema.safeParse(ask)
    if (known.success) before = before.then(() => serve(ref, known.data))
  })
}
