import { type ChildProcess, fork } from 'node:child_process'
import { fromBase64url } from '../../crypto/bytes.ts'
import type { ReadByKey } from './api.ts'
import { type Answer, answerSchema, type Ask } from './desk-words.ts'
import { WorkshopError } from './errors.ts'

/** The authority, as the workshop sees it: another process, which holds the keys. */
export interface AuthorityProcess {
  /** A mode's public half, from a key that is made when it is first needed. */
  key(mode: string): Promise<Uint8Array>
  read(mayShow: readonly string[]): Promise<ReadByKey>
  /** @returns the names of the files that lie in the folder now */
  copy(into: string): Promise<readonly string[]>
  /** Ends it. What it held goes with it, unless it is to be kept. */
  stop(): Promise<void>
}

type Without<T> = T extends unknown ? Omit<T, 'ref'> : never

/** @param folder for its keys; @param keep whether they outlast it */
export function startAuthority(folder: string, archive: string, keep: boolean): AuthorityProcess {
  // as it is built it stands beside this file, under a name of its own
  const name = import.meta.url.endsWith('.ts') ? './authority-process.ts' : './workshop-authority.js'
  const child: ChildProcess = fork(new URL(name, import.meta.url), [folder, archive, keep ? 'keep' : 'remove'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  let last = 0
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const gone = () => new WorkshopError("the authority's process has ended", 'doormat workshop')
  void ended.then(() => waiting.forEach(({ reject }) => reject(gone())))
  child.on('error', () => undefined)
  child.on('message', (message) => {
    const answer = answerSchema.parse(message)
    waiting.get(answer.ref)?.resolve(answer)
    waiting.delete(answer.ref)
  })

  function ask(question: Without<Ask>): Promise<Answer> {
    if (!child.connected) return Promise.reject(gone())
    last += 1
    const ref = last
    return new Promise<Answer>((resolve, reject) => {
      waiting.set(ref, { resolve, reject })
      child.send({ ...question, ref } satisfies Ask)
    }).then((answer) => {
      if ('fault' in answer) throw new WorkshopError(`the authority: ${answer.fault}`)
      return answer
    })
  }

  async function part<K extends string>(question: Without<Ask>, name: K): Promise<Extract<Answer, Record<K, unknown>>> {
    const answer = await ask(question)
    if (!(name in answer)) throw new WorkshopError('the authority answered something else')
    return answer as Extract<Answer, Record<K, unknown>>
  }

  return {
    key: async (mode) => fromBase64url((await part({ do: 'key', mode }, 'parameters')).parameters),
    read: async (mayShow) => (await part({ do: 'read', mayShow: [...mayShow] }, 'read')).read,
    copy: async (into) => (await part({ do: 'copy', into }, 'files')).files,
    async stop() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
