import { builtinModules } from 'node:module'
import { defineConfig } from 'vite'
import about from './package.json' with { type: 'json' }

/** The program as one entry with its commands beside it; packages stay packages. */
export default defineConfig({
  build: {
    ssr: 'client/cli/main.ts',
    outDir: 'dist',
    target: 'node20',
    minify: false,
    rollupOptions: {
      external: [...Object.keys(about.dependencies), ...builtinModules, /^node:/],
      output: { entryFileNames: 'doormat.js', chunkFileNames: '[name].js' },
    },
  },
})
