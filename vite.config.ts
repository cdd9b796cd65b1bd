import { builtinModules } from 'node:module'
import { defineConfig } from 'vite'
import about from './package.json' with { type: 'json' }

/** The program and its threads as entries with the commands beside them; packages stay packages. */
export default defineConfig({
  ssr: { noExternal: ['zod'] },
  build: {
    ssr: true,
    outDir: 'dist',
    target: 'node20',
    minify: false,
    rollupOptions: {
      input: {
        'doormat': 'client/cli/main.ts',
        'replay-worker': 'client/lab/runs/replay-worker.ts',
        'matrix-worker': 'client/lab/runs/matrix-worker.ts',
      },
      external: [...Object.keys(about.dependencies).filter((name) => name !== 'zod'), ...builtinModules, /^node:/],
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
})
