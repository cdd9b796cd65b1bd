import { shortenedName } from '../device/sent-name.ts'
import { visible } from './visible.ts'

/** What every file system takes, with room for a number before it. */
const nameMaximumBytes = 120
/** What Windows keeps for devices: with or without an ending, with spaces before it, and with the digits ¹, ² and ³. */
const reserved = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])\s*(?:\.|$)/i
/** What a path or a file system takes for something else, and what a shell acts upon even between double quotes; the signs for controls. */
const meaningful = /[<>:"|?*$%`!\u2400-\u2421]/g

/**
 * The name that somebody else has given a file, as a name to write under: it has no folder in it, nothing that a terminal obeys or that
 * nobody sees, nothing that a file system takes for something else or that a shell expands between double quotes; it does not hide
 * itself, is nobody's home, and is not called as doormat calls a file that is not whole yet.
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const plain = visible(last)
    .replaceAll(meaningful, '_')
    .replaceAll('.unfinished-', '_unfinished-')
    .replace(/^[.\s-]+/, '')
    .replace(/^~/, '_')
  // what is shortened may end with a space or a dot again
  const kept = shortenedName(trimmed(plain), nameMaximumBytes)
  const safe = trimmed(kept)
  if (safe === '') return 'file'
  return reserved.test(safe) ? `_${safe}` : safe
}

const trimmed = (name: string): string => name.replace(/[.\s]+$/, '')

/** So that a program opens it as what it is: with the first of these, where it ends with none of them. */
export function withEnding(name: string, endings: readonly string[]): string {
  const has = endings.some((ending) => name.toLowerCase().endsWith(ending))
  return has ? name : `${name}${endings[0] ?? ''}`
}
