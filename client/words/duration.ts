const units = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const

/** A year: what is to stay longer may as well stay. */
const longestSeconds = 366 * 86_400

/** 90 s, 5 min, 12 h, 7 d: in the largest unit that it is a whole number of. */
export function duration(seconds: number): string {
  const [size, unit] = units.find(([length]) => seconds % length === 0) ?? [1, 's']
  return `${seconds / size} ${unit}`
}

/** @returns seconds, 0 for `off`; null for what is no time, or none between a second and a year */
export function parseDuration(text: string): number | null {
  if (text === 'off') return 0
  const [, count, unit] = /^([1-9]\d{0,8}) ?(s|min|h|d)$/.exec(text) ?? []
  const size = units.find(([, name]) => name === unit)?.[0]
  const seconds = size === undefined ? 0 : Number(count) * size
  return seconds > 0 && seconds <= longestSeconds ? seconds : null
}
