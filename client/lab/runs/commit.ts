import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Put in its place by the build (vite.config.ts): empty where that was no clone. */
declare const __DOORMAT_COMMIT__: string | undefined

/**
 * The commit of the source that this program was built from, or that it runs from: abbreviated, with `-dirty` behind it
 * where files had been changed since. Null where nobody can say.
 */
export function commit(): string | null {
  if (typeof __DOORMAT_COMMIT__ === 'string') return __DOORMAT_COMMIT__ || null
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const told = execFileSync('git', describing, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return told.trim() || null
  } catch {
    return null
  }
}

/** Of the commit alone: a tag in the neighbourhood says nothing of it. */
export const describing = ['describe', '--always', '--dirty', '--abbrev=10', '--exclude=*']
