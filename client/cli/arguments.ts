import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { Stop } from './exit.ts'

/** What Node puts in the place of bytes that are not UTF-8; but somebody may have written it. */
const replacement = '\ufffd'

/** @throws Stop for an argument that would not be used as it was given */
export function checkArguments(given: readonly string[]): void {
  const bytes = bytesOf(given.length)
  const broken = given.find((argument, i) => {
    const original = bytes?.[i]
    return argument.includes(replacement) && (original === undefined || !isUtf8(original))
  })
  if (broken !== undefined) throw new Stop('user', `an argument is not UTF-8: ${broken}`)
}

/** The last arguments of this process byte by byte; null on systems that do not tell. */
function bytesOf(count: number): readonly Buffer[] | null {
  let line: Buffer
  try {
    line = readFileSync('/proc/self/cmdline')
  } catch {
    return null
  }
  const ends = [...line.entries()].flatMap(([at, byte]) => (byte === 0 ? [at] : []))
  return ends.map((end, i) => line.subarray(i === 0 ? 0 : (ends[i - 1] ?? 0) + 1, end)).slice(-count)
}
