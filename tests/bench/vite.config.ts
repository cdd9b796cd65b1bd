import { builtinModules } from 'node:module'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import about from '../../package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '../..')

/**
 * What is measured is built as vite.config.ts builds the program: few files, one build of libsodium. Run as TypeScript, the
 * same code is 4 to 10 % slower. The folder lies two levels down, as tests/bench does: from there the page is found.
 */
export default defineConfig({
  root,
  resolve: { alias: { 'libsodium-wrappers': 'libsodium-wrappers-sumo' } },
  build: {
    ssr: true,
    outDir: resolve(root, 'node_modules/.bench'),
    target: 'node20',
    minify: false,
    rollupOptions: {
      input: [
        'run',
        'run-messages',
        'run-peers',
        'native-host',
        'relay/relay-host',
        'relay/forwarder-host',
        'relay/load-host',
      ].map((name) => resolve(import.meta.dirname, `${name}.ts`)),
      external: [
        ...Object.keys(about.dependencies).filter((name) => name !== 'libsodium-wrappers'),
        ...builtinModules,
        /^node:/,
      ],
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-part.mjs' },
    },
  },
})
