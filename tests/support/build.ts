import { resolve } from 'node:path'
import { build } from 'vite'
import { openLedger } from './processor.ts'

/** Before any test: the program as it is shipped, for the tests that run it in processes of its own, and the pages that it serves. */
export default async function setup(): Promise<() => void> {
  const root = resolve(import.meta.dirname, '../..')
  for (const config of ['vite.config.ts', 'vite.web.config.ts'])
    await build({ root, configFile: resolve(root, config), logLevel: 'warn' })
  return openLedger()
}
