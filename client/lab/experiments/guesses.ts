import type { MetadataLine } from '../../authority/order/execute.ts'
import { groupedBy } from '../../authority/grouped.ts'
import { pair } from '../world/pair.ts'

/*
 * What can be guessed from envelopes alone. Each rule is as simple as it is said: nothing here sees a text, and nothing but
 * its arguments.
 */

/** Both ways on so many different days: two people are close. */
export const closeDays = 4
/** So many envelopes of one sender are enough to speak of a habit. */
export const habitEnvelopes = 5
/** The part of all pairs whose envelopes count as large. */
export const largePart = 0.1

const dayMs = 86_400_000
const hourMs = 3_600_000

type Way = Pick<MetadataLine, 'from' | 'to'>

/** Everybody else who exchanged an envelope with that account. */
export const contactsOf = (lines: readonly Way[], known: string): ReadonlySet<string> =>
  new Set(
    lines
      .flatMap(({ from, to }) => (from === known ? [to] : to === known ? [from] : []))
      .filter((name) => name !== known),
  )

/** Those of the contacts who write with nobody else. */
export const onlyWith = (lines: readonly MetadataLine[], known: string): ReadonlySet<string> =>
  new Set([...contactsOf(lines, known)].filter((name) => contactsOf(lines, name).size === 1))

/** Those close to the known member, and those close to two of these. */
export function groupAround(lines: readonly MetadataLine[], known: string): ReadonlySet<string> {
  const close = closeness(lines)
  const inner = close.get(known) ?? new Set()
  const outer = [...close].filter(([, theirs]) => [...theirs].filter((one) => inner.has(one)).length >= 2)
  const all = new Set([...inner, ...outer.map(([name]) => name)])
  all.delete(known)
  return all
}

function closeness(lines: readonly MetadataLine[]): ReadonlyMap<string, ReadonlySet<string>> {
  const days = new Map<string, Set<number>>()
  for (const { from, to, time } of lines) {
    const way = `${from} ${to}`
    days.set(way, (days.get(way) ?? new Set()).add(Math.floor(time / dayMs)))
  }
  const close = new Map<string, Set<string>>()
  for (const { from, to } of lines) {
    const both = [...(days.get(`${from} ${to}`) ?? [])].filter((day) => days.get(`${to} ${from}`)?.has(day))
    if (both.length >= closeDays) close.set(from, (close.get(from) ?? new Set()).add(to))
  }
  return close
}

/** Senders with a habit of Monday to Friday, from 8 to 18 o'clock (UTC), and no envelope at another time. */
export function officeHours(lines: readonly MetadataLine[]): ReadonlySet<string> {
  const sent = groupedBy(lines, ({ from }) => from)
  const hasHabit = (those: readonly MetadataLine[]) =>
    those.length >= habitEnvelopes && those.every(({ time }) => isAtWork(time))
  return new Set([...sent].filter(([, those]) => hasHabit(those)).map(([name]) => name))
}

function isAtWork(time: number): boolean {
  const weekday = new Date(time).getUTCDay()
  const hour = Math.floor((time % dayMs) / hourMs)
  return weekday >= 1 && weekday <= 5 && hour >= 8 && hour < 18
}

/** The tenth of the pairs whose middle envelope is the largest: long letters. Each as its two names, in order. */
export function longLetters(lines: readonly MetadataLine[]): ReadonlySet<string> {
  const ranked = [...groupedBy(lines, ({ from, to }) => pair(from, to))]
    .map(([names, those]) => [names, middle(those.map(({ sizeBytes }) => sizeBytes))] as const)
    .sort((a, b) => b[1] - a[1])
  return new Set(ranked.slice(0, Math.ceil(ranked.length * largePart)).map(([names]) => names))
}

const middle = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
