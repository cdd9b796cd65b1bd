import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'
import { cpuMs, memory } from './itself.ts'

/** A process of its own, which answers questions one at a time. */
export interface Peer {
  ask<T>(question: string, values?: unknown): Promise<T>
  stop(): Promise<void>
}

interface Question {
  readonly question: string
  readonly values: unknown
}

type Answer = { readonly value: unknown } | { readonly fault: string }

const isBuilt = import.meta.filename.endsWith('.mjs')

/**
 * Runs a file, built or from its source as this one is; resolves when it says that it is ready.
 * @param name of a file of this folder without its ending, or its whole path
 */
export async function startPeer(name: string, args: readonly string[], flags: readonly string[] = []): Promise<Peer> {
  const file = `${name}.${isBuilt ? 'mjs' : 'ts'}`
  const child = fork(resolve(import.meta.dirname, file), args, {
    execArgv: [...(isBuilt ? [] : ['--import', 'tsx']), ...flags],
  })
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`))),
  )
  // whoever waits for an answer hears of it; nobody else need
  ended.catch(() => undefined)
  const heard = () => Promise.race([nextAnswer(child), ended])
  await heard()
  return {
    async ask<T>(question: string, values: unknown = null) {
      child.send({ question, values } satisfies Question)
      return (await heard()) as T
    },
    async stop() {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
    },
  }
}

const nextAnswer = (child: ChildProcess) =>
  new Promise<unknown>((resolve, reject) =>
    child.once('message', (answer: Answer) =>
      'fault' in answer ? reject(new Error(answer.fault)) : resolve(answer.value),
    ),
  )

/** What every process can tell. */
const ofItself: Answers = { memory, cpuMs }

type Answers = Readonly<Record<string, (values: never) => unknown>>

/** The other side: says that it is ready, then answers. */
export function answerParent(answers: Answers): void {
  const tell = (answer: Answer) => void process.send?.(answer)
  async function onQuestion({ question, values }: Question): Promise<void> {
    try {
      const answer = { ...ofItself, ...answers }[question]
      tell({ value: (await answer?.(values as never)) ?? null })
    } catch (error) {
      tell({ fault: String(error) })
    }
  }
  process.on('message', (asked: Question) => void onQuestion(asked))
  process.once('disconnect', () => process.exit())
  tell({ value: null })
}
