import { readFileSync } from 'node:fs'
import { defineConfig, type Plugin } from 'vite'

/** SQLite's own worker and its file system are named in the library, and never asked for here: they are no part of the pages. */
const unused = /new URL\("sqlite3-(?:opfs-async-proxy\.js|worker1\.mjs)", import\.meta\.url\)/g
const withoutUnused: Plugin = {
  name: 'without-unused',
  enforce: 'pre',
  transform: (code, id) => (id.includes('sqlite-wasm') ? code.replaceAll(unused, '"unused"') : null),
}

/** The same of what an Opus library asks for where it runs in Node, behind a question that a browser answers with no. */
const ofNode =
  /const\{createRequire\}=await import\("node:module"\);var require=createRequire\(import\.meta\.url\)|require\("node:\w+"\)/g
const withoutNode: Plugin = {
  name: 'without-node',
  enforce: 'pre',
  transform: (code, id) =>
    id.includes('libopus') ? code.replaceAll(ofNode, (found) => (found.startsWith('const') ? '' : 'null')) : null,
}

/** The package has its own license in it, and not that of the library in WebAssembly. */
const withLicense: Plugin = {
  name: 'with-license',
  generateBundle() {
    const source = readFileSync('client/web/libopus-license.txt')
    this.emitFile({ type: 'asset', fileName: 'libopus-license.txt', source })
  },
}

/** The pages: of the room, of the host, and of the wall. Every file is asked for by name, and none is put inside another. */
export default defineConfig({
  // beside the larger build of libsodium, which the access modes need, a browser need not load the smaller one
  resolve: { alias: { 'libsodium-wrappers': 'libsodium-wrappers-sumo' } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [withoutUnused, withoutNode, withLicense],
  worker: { format: 'es', plugins: () => [withoutUnused, withoutNode] },
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
