import { rmSync } from 'node:fs'
import type { Reader } from '../../../crypto/access/mode.ts'
import { privateFolder } from '../../../server/disk/private.ts'
import { isAbout } from '../../authority/filter.ts'
import { readerOf } from '../../authority/reading.ts'
import { answerAsks } from '../../node/asking.ts'
import type { Executed, LookedUp } from '../api.ts'
import { keysIn } from './keys.ts'
import { openingOf } from './ledger.ts'
import { ordersIn } from './orders.ts'
import { summarise } from './summary.ts'
import { type AuthorityAsk, authorityAskSchema, type Ledger } from './words.ts'

/*
 * The authority of a workshop, in a process of its own: it makes the keys, and they stay in its folder. It is given the archive to read, as
 * an authority would be, and says how much opens; texts leave it only for those who have agreed to that.
 * Arguments: its folder, the archive, and `keep` where the folder is to outlast it.
 */

const [, , folder = '', archivePath = '', keep = ''] = process.argv

privateFolder(folder)
const keys = keysIn(folder)
const readers = new Map<string, Reader>()
/** folders that keys were copied to */
const copies = new Set<string>()
const soFar = openingOf(archivePath, readers)
const orders = ordersIn(folder, archivePath, (mode) => keys.of(mode))

const beginReading = (mode: string) => void readers.set(mode, readerOf(keys.of(mode)))

function keyFor(mode: string): string {
  const parameters = keys.make(mode)
  if (!readers.has(mode)) beginReading(mode)
  return parameters
}

/** what was told last, and of what: a quiet room is not counted again every moment */
let told: { readonly of: string; readonly ledger: Ledger } | null = null

function read(mayShow: readonly string[], cast: readonly string[]): Ledger {
  soFar.more()
  const { lines, opened } = soFar
  const sum = [...opened.values()].reduce((all, count) => all + count, 0)
  const of = JSON.stringify([lines.length, sum, mayShow, cast])
  if (told?.of !== of) told = { of, ledger: ledgerOf(mayShow, cast) }
  return told.ledger
}

function ledgerOf(mayShow: readonly string[], cast: readonly string[]): Ledger {
  const { lines, opened } = soFar
  const ofRoom = lines.filter((line) => ![line.from, line.to].every((name) => cast.includes(name)))
  return {
    read: summarise(lines, new Set(mayShow)),
    ofRoom: summarise(ofRoom, new Set()),
    opened: [...opened],
  }
}

function find(from: string, id: string): string | null {
  soFar.more()
  return soFar.lines.find((line) => line.from === from && line.id === id)?.text ?? null
}

async function carryOut(mode: string, person: string, since: number, mayShow: readonly string[]): Promise<Executed> {
  soFar.more()
  const { lines, ...done } = await orders.carryOut(mode, person, since)
  return {
    ...done,
    read: summarise(lines, new Set(mayShow)),
    // the key of the same mode, on all that it opens
    possible: soFar.peopleUnder(mode),
  }
}

function lookUp(person: string, mayShow: readonly string[]): LookedUp {
  const logBefore = orders.log()
  soFar.more()
  const theirs = soFar.lines.filter((line) => isAbout(line, person))
  return { person, read: summarise(theirs, new Set(mayShow)), logBefore, log: orders.log() }
}

function answer(ask: AuthorityAsk): unknown {
  switch (ask.do) {
    case 'key':
      return keyFor(ask.mode)
    case 'instrument':
      return keys.instrument(ask.mode, ask.people)
    case 'read':
      return read(ask.mayShow, ask.onStage)
    case 'find':
      return find(ask.from, ask.id)
    case 'copy':
      copies.add(ask.into)
      return keys.copy(ask.into, archivePath)
    case 'order':
      return carryOut(ask.mode, ask.person, ask.since, ask.mayShow)
    case 'look up':
      return lookUp(ask.person, ask.mayShow)
  }
}

/** Whoever asked is gone: nothing is left to do, and no key is left behind, nor a copy of one. */
function leave(): void {
  if (keep !== 'keep') for (const place of [folder, ...copies]) rmSync(place, { recursive: true, force: true })
  process.exit(0)
}

keys.modes().forEach(beginReading)
answerAsks(authorityAskSchema, answer, leave)
