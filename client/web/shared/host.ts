import { signal } from '@preact/signals'
import { z } from 'zod'
import { type HostView, hostSchema } from '../../workshop/api.ts'
import { askRoom, NoAnswer } from './ask.ts'

/*
 * What the host's two pages know, and what they can do. The token comes behind the `#` of the link, which no server is sent, and stays in
 * this tab.
 */

export const host = signal<HostView | null>(null)
/** why nothing newer is shown */
export const trouble = signal<string | null>(null)

const lookEveryMs = 700
const goneAfterLooks = 4
const tokenKey = 'doormat:host'

export function token(): string {
  const given = location.hash.slice(1)
  if (given !== '') {
    sessionStorage.setItem(tokenKey, given)
    // a wall is projected, its address too
    history.replaceState(null, '', location.pathname)
  }
  return sessionStorage.getItem(tokenKey) ?? ''
}

/** From now on, looks again and again. @param path what the wall shows is not always what there is now */
export async function watchHost(path: '/host' | '/host/wall'): Promise<void> {
  let failed = 0
  for (;;) {
    try {
      host.value = await askRoom(hostSchema, path, undefined, token())
      trouble.value = null
      failed = 0
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      failed += 1
      // what a workshop showed that has ended is not shown on
      if (failed >= goneAfterLooks) host.value = null
      trouble.value =
        error.code === 'unreachable'
          ? 'The workshop has ended, or does not answer. Is `doormat workshop` still running?'
          : error.message
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

/** As long as it takes: who hears that nobody answers asks again, and it is done twice. @throws NoAnswer */
export const act = (path: string, body: object = {}): Promise<unknown> =>
  askRoom(z.object({}), path, body, token(), null)
