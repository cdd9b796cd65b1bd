import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { home } from './home.ts'

interface FromHere {
  load(specifier: string): Promise<unknown>
}

/** Loads a package of this folder. Its types are not here, for it is not installed with the rest: the caller says what it uses. */
export async function loadPeer<T>(specifier: string): Promise<T> {
  const { load } = (await import(/* @vite-ignore */ pathToFileURL(join(home, 'from-here.mjs')).href)) as FromHere
  const module = (await load(specifier)) as { default?: T } & T
  return module.default ?? module
}

export function bytesOf(wire: Uint8Array | string): Uint8Array {
  if (typeof wire === 'string') throw new Error('this library speaks in bytes')
  return wire
}
