import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build, createLogger, type Rollup } from 'vite'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const filesIn = (folder: string) =>
  readdirSync(resolve(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => resolve(root, folder, name))

/** What a bundler puts in the place of something that a browser does not have, or leaves for it to find. */
const shims =
  /__vite-browser-external|__vite_browser_external|from\s*["']node:|\brequire\(["'](?:node:)?(?:fs|path|crypto|net|http|https|tls|os|worker_threads)["']\)/g

it("a device's code and words run in a browser as they are: nothing of them stands for what only Node has", async () => {
  const said: string[] = []
  const logger = createLogger('warn')
  logger.warn = (message) => void said.push(message)
  const built = (await build({
    root,
    configFile: false,
    customLogger: logger,
    build: {
      write: false,
      minify: false,
      target: 'chrome111',
      rollupOptions: {
        input: [...filesIn('client/device'), ...filesIn('client/words')],
        preserveEntrySignatures: 'strict',
        // the packages are the page's to choose: here it is about our own code
        external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.includes('/client/'),
      },
    },
  })) as Rollup.RollupOutput
  const chunks = built.output.filter((part) => part.type === 'chunk')
  expect(chunks.length).toBeGreaterThan(20)
  const imported = new Set(chunks.flatMap(({ imports }) => imports).filter((id) => !id.endsWith('.js')))
  expect([...imported].sort()).toEqual(['emoji-regex', 'libsodium-wrappers', 'zod'])
  expect(chunks.flatMap(({ code }) => code.match(shims) ?? [])).toEqual([])
  expect(said.filter((message) => message.includes('externalized'))).toEqual([])
})

it('the pages as they are built have no native code, and nothing that would look for any', () => {
  const scripts = readdirSync(resolve(root, 'dist/web'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(resolve(root, 'dist/web', name), 'utf8'))
  expect(scripts.some((script) => script.includes('_crypto_scalarmult_base'))).toBe(true)
  expect(scripts.filter((script) => /sodium-native|the native libsodium/.test(script))).toEqual([])
})
