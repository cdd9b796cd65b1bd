const units = ['kB', 'MB', 'GB'] as const

/** As people say it: `999 bytes`, `4.2 kB`, `70 kB`, `64 MB`. A kB is 1,000 bytes. */
export function fileSize(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} ${sizeBytes === 1 ? 'byte' : 'bytes'}`
  let value = sizeBytes
  let unit = -1
  // what would be rounded to 1,000 of a unit is 1 of the next
  do {
    value /= 1000
    unit += 1
  } while (value >= 999.5 && unit < units.length - 1)
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}
