import { Stop } from './exit.ts'

/** @returns milliseconds since 1970; null for what is no day `2026-03-01`, and no time `2026-03-01T09:30Z` of one */
export function parseInstant(text: string): number | null {
  const [, day, time = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{3})?)?)Z)?$/.exec(text) ?? []
  const ms = Date.parse(`${day}T${time}Z`)
  // a thirtieth of February would be taken for a day in March, and 24:00 for the next
  return Number.isNaN(ms) || ms < 0 || !new Date(ms).toISOString().startsWith(`${day}T${time}`) ? null : ms
}

/** The time that an option was given. @throws Stop for what is none */
export function timeIn(option: string, text: string): number {
  const time = parseInstant(text)
  if (time === null)
    throw new Stop(
      'user',
      `--${option} takes a day, 2026-03-01, or a time in UTC, 2026-03-01T09:30Z; ${text} is neither`,
    )
  return time
}
