import { Session } from 'node:inspector/promises'
import { basename } from 'node:path'
import { openDatabase } from '../../server/sqlite.ts'

/** A share of the time, by the function in which it was spent. */
export interface Spent {
  readonly where: string
  readonly share: number
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
}

/** Samples the work, and says in which functions the time goes, those it calls not counted in. */
export async function profileOf(work: () => unknown, most = 8): Promise<readonly Spent[]> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const hits = new Map<string, number>()
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    const where = placeOf(callFrame)
    if (where !== null) hits.set(where, (hits.get(where) ?? 0) + hitCount)
  }
  const total = [...hits.values()].reduce((sum, count) => sum + count, 0)
  // over before the sampler looked once
  if (total === 0) return []
  return [...hits]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([where, count]) => ({ where, share: count / total }))
}

/** The sampler names native functions by guess: any of these is SQLite, with its waiting for the disk. */
const sqliteNames = namesOfSqlite()

function namesOfSqlite(): ReadonlySet<string> {
  const database = openDatabase(':memory:', [])
  const statement = database.prepare('SELECT 1')
  const names = [database, statement].flatMap((object) => [
    object.constructor.name,
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(object)),
  ])
  database.close()
  return new Set(names)
}

/** @returns null for time in which there was nothing to do */
function placeOf({ functionName, url }: CallFrame): string | null {
  if (functionName === '(idle)') return null
  if (functionName === '(garbage collector)') return 'garbage collector'
  if (functionName === '(program)') return "Node's native code"
  if (url === '' && sqliteNames.has(functionName)) return 'SQLite and the disk'
  if (url.startsWith('wasm')) return 'libsodium (WebAssembly)'
  if (url.includes('libsodium')) return "libsodium's wrapper"
  const file = basename(url.replace(/[?#].*$/, ''))
  return `${functionName || 'a function without a name'} (${file || 'JavaScript itself'})`
}
