import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { emptyTally, openEvidence } from '../../client/authority/reading.ts'
import { archiveEvidence, storeEvidence } from '../../client/authority/evidence.ts'
import { AuthorityError } from '../../client/authority/errors.ts'
import { metadataWithin } from '../../client/authority/order/execute.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { hex } from '../../crypto/bytes.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { openDatabase } from '../../server/sqlite.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { at } from '../support/at.ts'
import { archiveOf, recordedTalk } from '../support/recorded.ts'
import { scratch } from '../support/program.ts'
import { acknowledge, enroll, post } from '../support/stored.ts'

const { path, remove } = scratch()
afterAll(remove)

const texts = ['one', 'two', 'three', 'four']
const { recorded, key } = recordedTalk(texts, 'evidence')
const archive = archiveOf(recorded)

function open(bytes: Uint8Array) {
  writeFileSync(path('archive'), bytes)
  const tally = emptyTally()
  const opened = [...openEvidence(archiveEvidence(path('archive')), [key], tally)].map(({ content }) => content.text)
  return { opened, tally }
}

describe('an archive', () => {
  it('is read from front to end', () => {
    expect(open(archive)).toEqual({
      opened: texts,
      tally: {
        envelopes: 4,
        opened: 4,
        withoutStanza: 0,
        underOtherModes: 0,
        notOurs: 0,
        cutOffBytes: 0,
        otherModes: new Set(),
      },
    })
  })

  it('is read as far as it goes, wherever it was cut off', () => {
    const ends = [archiveOf([]).length, ...texts.map((_, i) => archiveOf(recorded.slice(0, i + 1)).length)]
    for (let size = ends[0] ?? 0; size <= archive.length; size += 97) {
      const whole = ends.filter((end) => end <= size).length - 1
      const { opened, tally } = open(archive.subarray(0, size))
      expect(opened).toEqual(texts.slice(0, whole))
      expect(tally.cutOffBytes).toBe(size - (ends[whole] ?? 0))
    }
  })

  it('counts an envelope once that a failed commit wrote down twice', () => {
    const [first, ...rest] = recorded
    if (!first) throw new Error('nothing recorded')
    expect(open(archiveOf([first, first, ...rest])).opened).toEqual(texts)
  })

  it('has a record of each two ends, whoever else has handed the same envelope in before', () => {
    const other = new Uint8Array(32).fill(7) as DeviceId
    const genuine = at(recorded, 0)
    const strangers = [
      { ...genuine, fromUser: 'mallory', fromDevice: other, toUser: 'mallory', toDevice: other },
      { ...genuine, fromUser: 'mallory' },
      { ...genuine, fromDevice: other },
      { ...genuine, toUser: 'mallory' },
      { ...genuine, toDevice: other },
    ]
    for (const stranger of strangers) {
      writeFileSync(path('archive'), archiveOf([stranger, genuine, stranger, genuine]))
      const readings = [...openEvidence(archiveEvidence(path('archive')), [key], emptyTally())]
      const endsOf = ({ fromUser, fromDevice, toUser, toDevice }: RecordedEnvelope) => [
        fromUser,
        hex(fromDevice),
        toUser,
        hex(toDevice),
      ]
      expect(readings.map((reading) => endsOf(reading.recorded))).toEqual([stranger, genuine].map(endsOf))
    }
  })

  it('has its line in the metadata of a person, though somebody handed the same envelope in to themselves first', () => {
    const stranger = new Uint8Array(32).fill(7) as DeviceId
    const ends = { fromUser: 'mallory', fromDevice: stranger, toUser: 'mallory', toDevice: stranger }
    writeFileSync(path('archive'), archiveOf(recorded.flatMap((genuine) => [{ ...genuine, ...ends }, genuine])))
    const scope = { person: 'alice', window: { from: 0, to: Number.MAX_SAFE_INTEGER } }
    expect(metadataWithin(scope, archiveEvidence(path('archive')))).toHaveLength(texts.length)
  })

  it('is not believed when a length in it is impossible', () => {
    const damaged = archive.slice()
    damaged.set([255, 255, 255, 255], archiveOf(recorded.slice(0, 2)).length)
    expect(() => open(damaged)).toThrow(`is damaged at byte ${archiveOf(recorded.slice(0, 2)).length};`)
  })

  it('is not anything else', () => {
    expect(() => open(new TextEncoder().encode('doormat archive 2\nxxxx'))).toThrow('is not an archive of doormat')
  })

  it('goes on after an envelope with one bit altered, which does not open', () => {
    const [first, second, ...rest] = recorded
    if (!first || !second) throw new Error('nothing recorded')
    const altered = { ...second, bytes: second.bytes.with(-1, (second.bytes.at(-1) ?? 0) ^ 1) }
    const { opened, tally } = open(archiveOf([first, altered, ...rest]))
    expect(opened).toEqual(['one', 'three', 'four'])
    expect(tally.notOurs).toBe(1)
  })
})

describe("a copy of a relay's store", () => {
  it('gives the mail that has not been collected', async () => {
    const store = openSqliteStore(path('relay.db'))
    const [first] = recorded
    if (!first) throw new Error('nothing recorded')
    const [from, to] = [
      { user: first.fromUser, device: first.fromDevice },
      { user: first.toUser, device: first.toDevice },
    ]
    for (const { user, device } of [from, to]) await enroll(store, user, [device])
    for (const { time, bytes } of recorded) await post(store, from, to, [bytes], time)
    await acknowledge(store, (await store.device(to))?.row ?? 0, 1)
    store.close()
    const tally = emptyTally()
    const readings = [...openEvidence(storeEvidence(path('relay.db')), [key], tally)]
    expect(readings.map(({ content, recorded: { fromUser, toUser } }) => [fromUser, toUser, content.text])).toEqual(
      texts.slice(1).map((text) => ['alice', 'bob', text]),
    )
  })

  it('is not believed where it has numbers or text in the place of bytes, or ids of another size', () => {
    const id = 'zeroblob(32)'
    const schema = `CREATE TABLE device (row INTEGER, user TEXT, id); CREATE TABLE mail (device, sender, time, envelope);`
    const rows = (sender: string, recipient: string, envelope: string) =>
      `INSERT INTO device VALUES (1, 'alice', ${sender}), (2, 'bob', ${recipient}); INSERT INTO mail VALUES (2, 1, 1, ${envelope})`
    const copies = {
      sound: rows(id, id, 'zeroblob(9)'),
      counted: rows(id, id, '1073741824'),
      written: rows(id, id, "'text'"),
      missing: rows(id, id, 'NULL'),
      short: rows('zeroblob(31)', id, 'zeroblob(9)'),
      numbered: rows(id, '32', 'zeroblob(9)'),
    }
    const said = Object.entries(copies).map(([name, sql]) => {
      openDatabase(path(`${name}.db`), [`${schema} ${sql}`]).close()
      try {
        return [name, [...storeEvidence(path(`${name}.db`))].length]
      } catch (error) {
        return [name, error instanceof AuthorityError ? error.code : error]
      }
    })
    const refused = ['counted', 'written', 'missing', 'short', 'numbered'].map((name) => [name, 'bad-evidence'])
    expect(said).toEqual([['sound', 1], ...refused])
  })

  it('is not anything else', () => {
    writeFileSync(path('other.db'), 'not a database')
    expect(() => [...storeEvidence(path('other.db'))]).toThrow('is not the store of a doormat relay')
    expect(() => [...storeEvidence(path('none.db'))]).toThrow('there is no')
  })
})
