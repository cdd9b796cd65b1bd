import type { Confirmed } from '../device/groups/confirmed.ts'

/** To how many a message to a group has come, and how many have read it; empty while nobody has said so. */
export function confirmedWords({ waiting, delivered, read }: Confirmed): string {
  const all = waiting.length + delivered.length + read.length
  const come = delivered.length + read.length
  if (come === 0) return ''
  if (read.length === 0) return `${come} of ${all}`
  return come === read.length ? `read by ${read.length} of ${all}` : `${come} of ${all}, read by ${read.length}`
}
