import { resolve } from 'node:path'

const isBuilt = import.meta.filename.endsWith('.mjs')

/** This folder, where the peers are installed; the built bench lies two levels below the project. */
export const home = isBuilt ? resolve(import.meta.dirname, '../../tests/bench/peers') : import.meta.dirname
