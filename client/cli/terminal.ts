import { styleText } from 'node:util'

/** Colour only where a person looks, and never the only signal. */
export const hasColour = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'

type Style = Parameters<typeof styleText>[0]

export const paint = (style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  hasColour(stream) ? styleText(style, text, { validateStream: false }) : text

/** Read by somebody it was not meant for, or about to be: red, and the only thing that is. */
export const exposed = (text: string): string => paint(['bold', 'red'], text)

/** 09:05 on the same day, else 2026-03-01 09:05; local time. Somebody else may have said a time that no calendar has. */
export function clockTime(ms: number, now: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return '(no time)'
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (date.toDateString() === new Date(now).toDateString()) return time
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`
}
