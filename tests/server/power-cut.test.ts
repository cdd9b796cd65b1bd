import fs, { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { archiveMagic, splitRecords } from '../../crypto/access/archive.ts'
import { concat, u32 } from '../../crypto/bytes.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { type Archive, openArchive } from '../../server/archive.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import type { Store } from '../../server/store/store.ts'
import { few, isLong } from '../support/long.ts'
import { seededRandom } from '../support/random.ts'
import { folder } from '../support/relay-folder.ts'
import { enroll, post, posting } from '../support/stored.ts'

/*
 * The power goes, and of the write-ahead log some beginning is on the disk, at least as much as had been synced when the
 * last commit was answered; behind it nothing, or whatever stood there before.
 */

const random = seededRandom('power cut')
const alice = { user: 'alice', device: random(32) as DeviceId }
const bob = { user: 'bob', device: random(32) as DeviceId }
const messagesOf = (commit: number) => (commit % 3) + 1
const commits = 12
const frameBytes = 24 + 4096

/** What an envelope says: in which commit it came, and which of its messages it was. */
const letter = (commit: number, i: number) => concat(u32(commit), u32(i), random(1500))

interface Answered {
  /** how much of the log was on the disk when this many messages had been answered */
  readonly logBytes: number
  readonly messages: number
  readonly acknowledged: number
}

interface History {
  readonly answered: readonly Answered[]
  /** how much of the archive was on the disk when something was first written into the log at this length */
  readonly synced: readonly { readonly logBytes: number; readonly archiveBytes: number }[]
}

/** An archive of which it is known how much was on the disk at any time. */
function watched(path: string) {
  const state = { syncedBytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 }
  const archive = openArchive(path)
  const { fdatasyncSync } = fs
  const put = (call: typeof fdatasyncSync) => {
    fs.fdatasyncSync = call
    syncBuiltinESMExports()
  }
  put((file) => {
    fdatasyncSync(file)
    state.syncedBytes = statSync(path).size
  })
  return { archive, state, restore: () => put(fdatasyncSync) }
}

function archived(archive: Archive, envelopes: readonly Uint8Array[]): void {
  const between = { time: 0, fromUser: 'alice', fromDevice: alice.device, toUser: 'bob', toDevice: bob.device }
  for (const bytes of envelopes) archive.append({ ...between, bytes })
  archive.flush()
}

/** A relay's store without a checkpoint, and what had been promised by when. */
async function history(place: string): Promise<History> {
  const path = join(place, 'relay.db')
  const store = openSqliteStore(path)
  const { archive, state, restore } = watched(join(place, 'passed.archive'))
  const synced: { logBytes: number; archiveBytes: number }[] = []
  for (const { user, device } of [alice, bob]) await enroll(store, user, [device])
  const row = (await store.device(bob))?.row ?? 0
  const answered: Answered[] = []
  let [messages, acknowledged] = [0, 0]
  const note = () => answered.push({ logBytes: statSync(`${path}-wal`).size, messages, acknowledged })
  note()
  for (let commit = 0; commit < commits; commit++) {
    const envelopes = Array.from({ length: messagesOf(commit) }, (_, i) => letter(commit, i))
    if (commit % 4 === 3) acknowledged = messages - 1
    const postings = envelopes.map((envelope, i) =>
      posting({ from: alice, to: bob, counter: messages + i + 1, envelope }),
    )
    const acknowledgements = new Map(commit % 4 === 3 ? [[row, acknowledged]] : [])
    const beforeDisk = () => {
      archived(archive, envelopes)
      synced.push({ logBytes: statSync(`${path}-wal`).size, archiveBytes: state.syncedBytes })
    }
    const outcomes = await store.commit({ acknowledgements, postings, beforeDisk })
    expect(outcomes.map(({ kind }) => kind)).toEqual(envelopes.map(() => 'accepted'))
    messages += envelopes.length
    note()
  }
  for (const name of ['relay.db', 'relay.db-wal']) copyFileSync(join(place, name), join(place, `kept-${name}`))
  store.close()
  archive.close()
  restore()
  return { answered, synced }
}

/** What a store still has, and whether it goes on from there. */
async function stateOf(store: Store) {
  const [sender, recipient] = [(await store.device(alice))?.row ?? 0, (await store.device(bob))?.row ?? 0]
  const mail = await store.mailAfter(recipient, 0, 1000)
  const sent = await store.sentTo(sender, recipient)
  const [next] = await post(store, alice, bob, [random(10)])
  return { sent, waiting: mail.map(({ sequence }) => sequence), next }
}

const stateAt = ({ messages, acknowledged }: Answered): Awaited<ReturnType<typeof stateOf>> => ({
  sent: messages,
  waiting: Array.from({ length: messages - acknowledged }, (_, n) => acknowledged + n + 1),
  next: { kind: 'accepted', device: 2, sequence: messages + 1 },
})

describe('a power cut', () => {
  const tails = [
    ['nothing', () => new Uint8Array()],
    ['zeros', () => new Uint8Array(3 * frameBytes)],
    ['rubbish', () => random(3 * frameBytes)],
    ['an older log', (log: Uint8Array) => log.slice(32, 32 + 3 * frameBytes)],
  ] as const

  it.each(few(tails, 2))(
    'leaves everything that was answered, and of what was not all of a commit or nothing; behind it %s',
    async (_what, tail) => {
      const place = folder()
      const { answered, synced } = await history(place)
      const archive = readFileSync(join(place, 'passed.archive'))
      const log = readFileSync(join(place, 'kept-relay.db-wal'))
      const first = answered[0]?.logBytes ?? 0
      const frames = Math.ceil((log.length - first) / frameBytes)
      // at every frame, a little before and behind it, and in its middle
      const cuts = Array.from({ length: frames }, (_, i) => first + i * frameBytes)
        .flatMap((at) => [at, at + 1, at + 24, at + 2000, at + frameBytes - 1])
        .filter((at) => at <= log.length)
      expect(cuts.length).toBeGreaterThan(100)
      for (const [i, cut] of [...cuts.filter((_, i) => isLong || i % 4 === 0), log.length].entries()) {
        const copy = join(place, `${i}`)
        mkdirSync(copy)
        copyFileSync(join(place, 'kept-relay.db'), join(copy, 'relay.db'))
        writeFileSync(join(copy, 'relay.db-wal'), concat(log.subarray(0, cut), tail(log)))
        const store = openSqliteStore(join(copy, 'relay.db'))
        const state = await stateOf(store)
        store.close()
        // all that the store has accepted is in what was on the disk of the archive
        const kept = synced.findLast(({ logBytes }) => logBytes < cut)?.archiveBytes ?? archiveMagic.length
        const { records } = splitRecords(archive.subarray(archiveMagic.length, kept))
        expect(records.length, `the archive, cut after ${cut} bytes`).toBeGreaterThanOrEqual(state.sent)
        // what lies behind may by chance be what was cut off: then more is there, but never a part of a commit
        const promised = answered.findLastIndex(({ logBytes }) => logBytes <= cut)
        expect(answered.slice(promised).map(stateAt), `cut after ${cut} bytes`).toContainEqual(state)
      }
    },
  )
})
