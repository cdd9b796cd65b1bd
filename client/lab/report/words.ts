import { grouped } from '../../words/counted.ts'
import type { Cell } from '../adversaries/cell.ts'
import type { ModeResult } from '../runs/result.ts'
import { phases } from '../simulation/phase.ts'
import type { Share } from '../simulation/share.ts'

export const shareOf = ({ read, of }: Share): number => (of === 0 ? 0 : read / of)

/** Never 0 % for something, nor 100 % for less than all. */
export function percent(share: Share): string {
  const part = shareOf(share)
  if (share.of === 0) return 'none there'
  if (share.read === 0) return '0'
  if (part < 0.01) return '< 1 %'
  if (part > 0.99 && part < 1) return '> 99 %'
  return `${Math.round(part * 100)} %`
}

export const outOf = ({ read, of }: Share): string => `${grouped(read)} of ${grouped(of)}`

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const added = (shares: readonly Share[]): Share => ({
  read: sum(shares.map(({ read }) => read)),
  of: sum(shares.map(({ of }) => of)),
})

export const messagesOf = ({ messages }: Cell): Share => added(phases.map((phase) => messages[phase]))

/** People who are no target: those who talk with it, and everybody else. */
export const othersOf = ({ people: { partners, strangers } }: Pick<Cell, 'people'>): Share =>
  added([partners, strangers])

/** A day of the world as people count: the first is 1. */
export const dayNumber = (days: number): number => Math.floor(days) + 1

/** A mode in the middle of a sentence: `split escrow`. */
export const nameOf = ({ id, title }: Pick<ModeResult, 'id' | 'title'>): string =>
  id === 'none' ? 'no access mode' : title.slice(0, 1).toLowerCase() + title.slice(1)

/** As a verdict may have at most 25 of them. */
export const wordsIn = (sentence: string): number => sentence.split(/\s+/).filter((word) => word !== '').length

/** 30 November 2026, of an ISO time; as it stands where that is none. */
export function dateOf(iso: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime())
    ? iso
    : `${at.getUTCDate()} ${months[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}`
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
