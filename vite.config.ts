import { execFileSync } from 'node:child_process'
import { builtinModules } from 'node:module'
import { defineConfig } from 'vite'
import { describing } from './client/lab/runs/commit.ts'

/**
 * The program loads one build of libsodium, as the pages do: the larger one, which access modes need, has all that is in the
 * smaller one, and to compile that too takes 40 ms of every start.
 */
const [smaller, larger] = ['libsodium-wrappers', 'libsodium-wrappers-sumo']

/**
 * Those with native or WebAssembly parts. All others are part of the program as it is built, so that Node need not find and
 * read their many files at each start: a third of the time that a command takes, and that a relay takes until it is there.
 */
const packages = [larger, '@photostructure/sqlite', 'libopus-wasm']

/**
 * What nearly every command needs is one file: Node takes longer to find, open and link thirty small ones than to read it.
 * What only some need stays beside it, as the lock does, and whatever a relay serves with.
 */
const needed =
  /\/crypto\/(?!lock\.ts)|\/client\/(device|node|words)\/|\/server\/(api|private|sqlite|sqlite-copy|storage)\.ts|\/node_modules\/zod\//

const serving = /\/node_modules\/(?!commander|emoji-regex|get-east-asian-width|uqr|ws|zod)/

/** For the provenance of a report; empty where this is no clone. */
function commitHere(): string {
  try {
    return execFileSync('git', describing, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

/** The program and its threads as entries with the commands beside them. */
export default defineConfig({
  define: { __DOORMAT_COMMIT__: JSON.stringify(commitHere()) },
  resolve: { alias: { [smaller]: larger } },
  ssr: { noExternal: true, external: packages },
  build: {
    ssr: true,
    outDir: 'dist',
    target: 'node20',
    minify: false,
    // whoever is given the packages inside is given their licenses
    license: { fileName: 'licenses.md' },
    rollupOptions: {
      input: {
        'doormat': 'client/cli/main.ts',
        'replay-worker': 'client/lab/runs/replay-worker.ts',
        'matrix-worker': 'client/lab/runs/matrix-worker.ts',
        'curves-worker': 'client/lab/runs/curves-worker.ts',
        'workshop-authority': 'client/workshop/authority/process.ts',
        'workshop-stage': 'client/stage/process.ts',
      },
      external: [...packages, ...builtinModules, /^node:/],
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        codeSplitting: {
          groups: [
            { name: 'device', test: needed },
            { name: 'serving', test: serving },
          ],
        },
      },
    },
  },
})
