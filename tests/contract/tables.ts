import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { alone, storeOn } from '../../client/device/store.ts'
import { dumpOf, fillWith, type Tables } from '../../client/device/tables/tables.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { utf8 } from '../../crypto/bytes.ts'
import { below, seededRandom } from '../support/random.ts'
import { type Move, movesFrom } from '../support/table-moves.ts'

const device = new Uint8Array(32).fill(7) as DeviceId
const text = (bytes: Uint8Array | null | undefined) => bytes && new TextDecoder().decode(bytes)

const message = (id: string, peer = 'bob') => ({
  kind: 'message' as const,
  peer,
  direction: 'out' as const,
  author: null,
  device: null,
  id,
  sequence: null,
  sentAt: 1,
  recordedAt: 2,
  state: 'waiting' as const,
  epoch: null,
  lifetimeSeconds: 0,
  attachment: null,
  confirmed: null,
  about: null,
  goesAt: null,
  text: utf8(`the text of ${id}`),
})

const envelope = (name: string, to = 'bob') => ({
  user: to,
  device,
  message: null,
  content: null,
  sequence: 1,
  epoch: 1,
  envelope: utf8(name),
  place: new Uint8Array(),
  abandoned: new Uint8Array(),
})

const broken = (tables: Tables, work: () => void) =>
  expect(() =>
    tables.transaction(() => {
      work()
      throw new Error('too late')
    }),
  ).toThrow('too late')

/** What all tables of a device owe it, whoever made them. @param open tables in which nothing stands */
export function tablesSuite(maker: string, open: () => Tables): void {
  const opened = () => {
    const tables = open()
    onTestFinished(() => tables.close())
    return tables
  }

  describe(`tables ${maker}`, () => {
    it('give back what was put into them, and keep bytes of their own', () => {
      const { meta, outbox, sessions } = opened()
      const value = utf8('one')
      meta.set('a', value)
      value.fill(0)
      expect(text(meta.get('a'))).toBe('one')
      meta.get('a')?.fill(0)
      expect(text(meta.get('a'))).toBe('one')
      expect([meta.get('b'), sessions.with('bob', device), outbox.addresses()]).toEqual([null, [], []])
    })

    it('keep bytes of every value and every length, and texts with anything in them', () => {
      const { history, meta } = opened()
      for (const length of [0, 1, 255, 4096, 4097, 70_000]) {
        const bytes = Uint8Array.from({ length }, (_, i) => i % 256)
        const row = history.add({ ...message(`m${length}`), text: bytes })
        expect(history.get(row ?? 0)?.text).toEqual(bytes)
        meta.set('bytes', bytes)
        expect(meta.get('bytes')).toEqual(bytes)
      }
      history.add(message('id ☂ \u202e'))
      expect(history.outgoing('bob', 'id ☂ \u202e')?.id).toBe('id ☂ \u202e')
    })

    it('let nobody wipe what is stored by wiping what they have been given', () => {
      const tables = opened()
      const random = seededRandom('wiping')
      const next = movesFrom(random)
      for (let i = 0; i < 600; i++) attempt(tables, next().on)
      const before = structuredClone(dumpOf(tables))
      wipeAll(dumpOf(tables))
      for (let i = 0; i < 300; i++) {
        const { what, on } = next()
        if (/\.(add|set|put|change|remove|erase|forget|retire|keep|drop|take|release|wait)|clear/.test(what)) continue
        wipeAll(attempt(tables, on))
      }
      expect(dumpOf(tables)).toEqual(before)
    })

    it('are as they were before a transaction that fails, whatever it did, and whatever it had read', () => {
      const tables = opened()
      const random = seededRandom('failing')
      const next = movesFrom(random)
      for (let i = 0; i < 60; i++) {
        for (let j = 0; j < 10; j++) attempt(tables, next().on)
        const before = dumpOf(tables)
        broken(tables, () => {
          for (let j = 0; j < 30; j++) attempt(tables, next().on)
        })
        expect(dumpOf(tables)).toEqual(before)
      }
    })

    it('make one transaction of those within another', () => {
      const tables = opened()
      broken(tables, () => {
        tables.transaction(() => tables.meta.set('inner', utf8('1')))
        expect(text(tables.meta.get('inner'))).toBe('1')
      })
      expect(tables.meta.get('inner')).toBeNull()
      // what fails within, and is caught there, undoes nothing of the outer one
      tables.transaction(() => {
        tables.meta.set('outer', utf8('2'))
        broken(tables, () => tables.meta.set('both', utf8('3')))
      })
      expect([text(tables.meta.get('outer')), text(tables.meta.get('both'))]).toEqual(['2', '3'])
      expect(tables.transaction(() => 'what it gives')).toBe('what it gives')
    })

    it('refuse a row that is there already, and go on', () => {
      const { prekeys, policies, sessions, ledger } = opened()
      const row = { user: 'bob', device, ephemeral: device as never, retired: false, bytes: utf8('x') }
      const adding = [
        () => prekeys.add({ id: 3, kind: 'signed', expires: 1, made: 1, bytes: utf8('x') }),
        () => policies.add({ epoch: 1, link: utf8('x') }),
        () => sessions.add(row),
        () => ledger.add({ ephemeral: row.ephemeral, expires: 1 }),
      ]
      for (const add of adding) add()
      for (const add of adding) expect(add).toThrow()
      expect([prekeys.all(), policies.all(), sessions.all(), ledger.all()].map(({ length }) => length)).toEqual([
        1, 1, 1, 1,
      ])
    })

    it('never give a number twice, even of rows that are gone, but for those of a transaction that fails', () => {
      const tables = opened()
      const { history, outbox, prekeys } = tables
      expect([history.last(), outbox.last(), prekeys.last()]).toEqual([0, 0, 0])
      history.add(message('a'))
      history.clear()
      expect([history.add(message('b')), history.lastRow(), history.last()]).toEqual([2, 2, 2])
      outbox.add(envelope('a'))
      outbox.remove(1)
      broken(tables, () => outbox.add(envelope('b')))
      outbox.add(envelope('c'))
      expect(outbox.all().map(({ row }) => row)).toEqual([2])
      prekeys.add({ id: 9, kind: 'signed', expires: 1, made: 1, bytes: utf8('x') })
      prekeys.remove(9)
      expect(prekeys.last()).toBe(9)
    })

    it('know a message by its person and id when it was sent, and by its device too when it was received', () => {
      const { history } = opened()
      const received = { ...message('a'), direction: 'in' as const, state: 'received' as const, device }
      const other = new Uint8Array(32).fill(8) as DeviceId
      const added = [
        message('a'),
        message('a'),
        message('a', 'carol'),
        received,
        received,
        { ...received, device: other },
      ].map((row) => history.add(row))
      expect(added.map((row) => row !== null)).toEqual([true, false, true, true, false, true])
      expect(history.forget('bob', 'a', 10)).toBe(3)
      expect([history.add(message('a')), history.add(received)]).toEqual([null, null])
    })

    it('say whom messages wait for, the one who has waited longest first', () => {
      const { history } = opened()
      for (const [id, peer] of Object.entries({ a: 'zoe', b: 'bob', c: 'zoe', d: 'amy' }))
        history.add(message(id, peer))
      expect(history.waitingPeople()).toEqual(['zoe', 'bob', 'amy'])
      expect(history.waiting('zoe', 1).map(({ id }) => id)).toEqual(['a'])
      history.change(1, { state: 'sealed', epoch: 1, goesAt: null })
      expect(history.waitingPeople()).toEqual(['bob', 'zoe', 'amy'])
      expect(history.unsentByPerson()).toEqual([
        ['zoe', 2],
        ['bob', 1],
        ['amy', 1],
      ])
      history.forget('bob', null, 10)
      expect([history.waitingPeople(), history.waitingRows('bob')]).toEqual([['zoe', 'amy'], [2]])
    })

    it('forget on time: first the text, then that there was a message', () => {
      const { history } = opened()
      history.add({ ...message('a'), goesAt: 50 })
      expect([history.isDue(49), history.isDue(50)]).toEqual([false, true])
      expect(history.forgetDue(50, 90)).toBe(1)
      expect(history.get(1)).toMatchObject({ kind: 'forgotten', id: 'a', goesAt: 90, text: new Uint8Array() })
      expect([history.isDue(89), history.after(0, null, 10)]).toEqual([false, []])
      history.removeForgotten(90)
      expect([history.get(1), history.add(message('a'))]).toEqual([null, 2])
    })

    it('show a person their own conversation, and what concerns everybody', () => {
      const { history } = opened()
      const notice = { ...message('x'), kind: 'access' as const, direction: null, id: null, state: null, sentAt: null }
      for (const row of [message('a'), message('b', 'carol'), { ...notice, peer: null }, message('c')]) history.add(row)
      const rows = (entries: readonly { readonly row: number }[]) => entries.map(({ row }) => row)
      expect(rows(history.after(0, 'bob', 10))).toEqual([1, 3, 4])
      expect(rows(history.after(1, null, 2))).toEqual([2, 3])
      expect(rows(history.before(4, 'bob', 1))).toEqual([3])
      expect(rows(history.before(5, 'carol', 10))).toEqual([2, 3])
    })

    it('are copied whole, with the numbers that they have given, and what was deleted is not in the copy', () => {
      const [tables, copy] = [opened(), opened()]
      const next = movesFrom(seededRandom('copying'))
      for (let i = 0; i < 1500; i++) attempt(tables, next().on)
      tables.meta.set('secret', utf8('overwritten'))
      tables.meta.set('secret', utf8('kept'))
      // the last of each is gone, and its number is not to be given again
      tables.outbox.add(envelope('gone'))
      tables.outbox.remove(tables.outbox.last())
      tables.prekeys.add({ id: tables.prekeys.last() + 1, kind: 'signed', expires: 1, made: 1, bytes: utf8('gone') })
      tables.prekeys.remove(tables.prekeys.last())
      tables.history.add({ ...message('gone'), kind: 'forgotten', goesAt: 1 })
      tables.history.removeForgotten(1)
      const dump = dumpOf(tables)
      fillWith(copy, dump)
      expect(dumpOf(copy)).toEqual(dump)
      const found = (word: string) => Buffer.concat(bytesIn(dump).map((bytes) => Buffer.from(bytes))).includes(word)
      expect([found('kept'), found('overwritten')]).toEqual([true, false])
      tables.meta.set('secret', utf8('later'))
      expect([dump, dumpOf(copy)].map(({ meta }) => text(meta.find(({ key }) => key === 'secret')?.value))).toEqual([
        'kept',
        'kept',
      ])
    })

    it('carry a store', () => {
      const store = storeOn(opened(), alone)
      store.setMeta('a', utf8('one'))
      store.lastLook.save({ runningMs: 1, clockMs: 2 })
      expect([text(store.meta('a')), store.lastLook.load()]).toEqual(['one', { runningMs: 1, clockMs: 2 }])
      store.dropMeta('a')
      expect(store.meta('a')).toBeNull()
    })
  })
}

/**
 * Two makers of tables that are asked the same, move by move, some of them in transactions of which some fail.
 * @returns how many moves were refused
 */
export function sameTables(seed: number, steps: number, makers: readonly Tables[]): number {
  const random = seededRandom(`tables ${seed}`)
  const next = movesFrom(random)
  let refused = 0

  function all(moves: readonly Move[], tables: Tables): unknown[] {
    const answers = moves.map(({ on }) => attempt(tables, on))
    refused += answers.filter((answer) => answer === refusal).length
    return answers
  }

  /** The one answer of all makers. */
  function compare(moves: readonly Move[], ask: (tables: Tables) => unknown): void {
    const [answer, ...others] = makers.map(ask)
    for (const other of others)
      if (!isDeepStrictEqual(other, answer))
        expect(other, `seed ${seed}, at ${moves.map(({ what }) => what).join(', ')}`).toEqual(answer)
  }

  for (let step = 0; step < steps; step++) {
    const isTogether = below(4, random) === 0
    const fails = below(2, random) === 0
    const moves = Array.from({ length: isTogether ? 1 + below(12, random) : 1 }, next)
    const together = (tables: Tables) => {
      let answers: unknown[] = []
      const ending = attempt(tables, () =>
        tables.transaction(() => {
          answers = all(moves, tables)
          if (fails) throw new Error('fails')
        }),
      )
      return [answers, ending]
    }
    compare(moves, isTogether ? together : (tables) => all(moves, tables))
    compare(moves, dumpOf)
  }
  return refused
}

const refusal = 'refused'

/** What comes of a move: a row that is there already is refused, in whatever words. */
function attempt(tables: Tables, on: (tables: Tables) => unknown): unknown {
  try {
    return on(tables)
  } catch {
    return refusal
  }
}

function bytesIn(value: unknown): readonly Uint8Array[] {
  if (value instanceof Uint8Array) return [value]
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(bytesIn)
}

const wipeAll = (value: unknown) => bytesIn(value).forEach((bytes) => bytes.fill(0))
