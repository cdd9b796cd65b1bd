import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { base64url } from '../../../crypto/bytes.ts'
import { readHanded } from '../../../server/disk/handed.ts'
import { folded } from '../../words/folded.ts'
import { Stop } from '../exit.ts'
import { isSameReceipt, openReceipt, type Receipt, receiptMaximumBytes } from './receipt.ts'

/** Why a receipt is not taken; docs/errors.md has a line for each. */
export const refusals = ['not-a-receipt', 'altered', 'foreign', 'impossible-time', 'doubled', 'wrong-answer'] as const

export interface Refused {
  readonly code: (typeof refusals)[number]
  /** a sentence about this file, without its end; what others wrote in it is as they wrote it */
  readonly why: string
}

/** A file that somebody has handed in as a receipt. */
export interface HandedIn {
  /** from the folder on */
  readonly file: string
  /** as far as it could be read and is signed */
  readonly receipt: Receipt | null
  readonly refused: Refused | null
}

export interface Handed {
  readonly files: readonly HandedIn[]
  /** how many files are no receipt, and do not say that they are */
  readonly others: number
}

/** A clock may be this much ahead of the teacher's. */
const clockMs = 10 * 60_000

/**
 * Every file below the folder that is a receipt or calls itself one, in the order of their names; links are not followed.
 * @throws Stop where there is no such folder
 */
export function receiptsIn(folder: string): Handed {
  let entries: Dirent[]
  try {
    if (!statSync(folder).isDirectory()) throw new Stop('user', `${folder} is no folder`)
    entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Stop('user', `there is no folder ${folder}`)
    throw error
  }
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = paths.sort().flatMap((path) => {
    const file = relative(folder, path)
    const taken = take(path)
    return taken || /receipt/i.test(file) ? [{ file, ...(taken ?? notOne('is not a receipt of doormat')) }] : []
  })
  return { files, others: paths.length - files.length }
}

const refuse = (code: Refused['code'], why: string) => ({ receipt: null, refused: { code, why } })
const notOne = (why: string) => refuse('not-a-receipt', why)

/** @returns null for a file that is no receipt */
function take(path: string): Omit<HandedIn, 'file'> | null {
  if (statSync(path).size > receiptMaximumBytes) return null
  let text: string
  try {
    text = readHanded(path, (message) => new Stop('user', message))
  } catch (error) {
    if (error instanceof Stop) return null
    throw error
  }
  const receipt = openReceipt(text)
  if (receipt === 'altered') return refuse('altered', 'was altered: the key of the run has not signed what it says now')
  return receipt && { receipt, refused: null }
}

/** @param seed of the class: runs are made from it, or from it with a space and the student's id behind it */
export function isOfSeed({ seed: own, student }: Receipt, seed: string): boolean {
  return own !== null && [folded(seed), folded(`${seed} ${student}`)].includes(folded(own))
}

/** Why the times in a receipt cannot be; null where they can. */
export function timeFault({ started, solved }: Receipt, now: number): Refused | null {
  const fault = (why: string): Refused => ({ code: 'impossible-time', why })
  if (solved < started) return fault('says that the run was solved before it was made')
  return solved > now + clockMs
    ? fault(`is dated ${new Date(solved).toISOString().slice(0, 16)}Z, which is to come`)
    : null
}

/**
 * Refuses whatever came of one run and says two things: who did it cannot be told. A receipt that was handed in twice as
 * it is counts once.
 */
export function withoutDoubles(files: readonly HandedIn[]): readonly HandedIn[] {
  const byRun = new Map<string, HandedIn[]>()
  for (const one of files) {
    if (!one.receipt || one.refused) continue
    const key = base64url(one.receipt.key)
    byRun.set(key, [...(byRun.get(key) ?? []), one])
  }
  return files.map((one) => {
    const { receipt } = one
    if (!receipt || one.refused) return one
    const others = (byRun.get(base64url(receipt.key)) ?? []).filter((other) => other !== one)
    const another = others.find((other) => other.receipt && !isSameReceipt(other.receipt, receipt))
    const first = others.find((other) => other.file < one.file)
    const why = another ? doubleWith(receipt, another) : first ? `is the same as ${first.file}, which counts` : null
    return why === null ? one : { ...one, refused: { code: 'doubled', why } }
  })
}

function doubleWith({ student }: Receipt, { file, receipt }: HandedIn): string {
  const whose =
    receipt && folded(receipt.student) !== folded(student) ? `by ${receipt.student}` : 'and says another thing'
  return `is of the same run as ${file}, which was handed in ${whose}`
}
