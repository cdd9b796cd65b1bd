import { resolve } from 'node:path'
import { build } from 'vite'
import { openLedger } from './processor.ts'

/** Before any test: the program as it is shipped, for the tests that run it in processes of its own. */
export default async function setup(): Promise<() => void> {
  const root = resolve(import.meta.dirname, '../..')
  await build({ root, configFile: resolve(root, 'vite.config.ts'), logLevel: 'warn' })
  return openLedger()
}
