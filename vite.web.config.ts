import { defineConfig, type Plugin } from 'vite'

/** SQLite's own worker and its file system are named in the library, and never asked for here: they are no part of the pages. */
const unused = /new URL\("sqlite3-(?:opfs-async-proxy\.js|worker1\.mjs)", import\.meta\.url\)/g
const withoutUnused: Plugin = {
  name: 'without-unused',
  enforce: 'pre',
  transform: (code, id) => (id.includes('sqlite-wasm') ? code.replaceAll(unused, '"unused"') : null),
}

/** The pages: of the room, of the host, and of the wall. Every file is asked for by name, and none is put inside another. */
export default defineConfig({
  // beside the larger build of libsodium, which the access modes need, a browser need not load the smaller one
  resolve: { alias: { 'libsodium-wrappers': 'libsodium-wrappers-sumo' } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [withoutUnused],
  worker: { format: 'es', plugins: () => [withoutUnused] },
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    // the first of each that knows sets of characters in regular expressions, modules in workers, and all else that is used
    target: ['chrome112', 'safari17', 'firefox119'],
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    modulePreload: { polyfill: false },
    rollupOptions: {
      checks: { pluginTimings: false },
      input: ['chat', 'host', 'wall'].map((page) => `client/web/${page}/index.html`),
    },
  },
})
