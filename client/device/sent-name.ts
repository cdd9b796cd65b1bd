import { fileNameMaximumBytes } from '../../crypto/attachment.ts'

/** A file's name in so many bytes of UTF-8 at most. Its end stays, for that says what it is. */
export function shortenedName(name: string, maximumBytes: number): string {
  const dot = name.lastIndexOf('.')
  const end = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : ''
  const letters = Array.from(end === '' ? name : name.slice(0, dot))
  while (new TextEncoder().encode(letters.join('') + end).length > maximumBytes) letters.pop()
  return letters.join('') + end
}

/** A file's name as a message can carry it: some systems have longer names, and names that are no Unicode. */
export const sentName = (name: string): string => shortenedName(name.toWellFormed(), fileNameMaximumBytes)
