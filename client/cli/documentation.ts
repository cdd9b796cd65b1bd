import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The program lies in dist/, and in client/cli/ before it is built. */
const folders = ['../docs', '../../docs'].map((path) => resolve(import.meta.dirname, path))

/** Where a page of the documentation lies on this machine; it is installed with the program. */
export const documentation = (page: string): string =>
  folders.map((folder) => join(folder, page)).find((path) => existsSync(path)) ?? `docs/${page}`
