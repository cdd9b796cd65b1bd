import { describe, expect, it } from 'vitest'
import { hex, utf8 } from '../../crypto/bytes.ts'
import { generateSigningPair } from '../../crypto/keys.ts'
import { type AuditEntry, type AuditFacts, nextEntry, readAuditLog } from '../../client/authority/order/audit.ts'
import { publicCounts, standings } from '../../client/authority/order/counts.ts'
import { draftOrder } from '../../client/authority/order/order.ts'
import { at } from '../support/at.ts'
import { crown, day, now, refusal, request } from '../support/orders.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('an audit log')
const [desk, another] = [generateSigningPair(random), generateSigningPair(random)]

const orders = ['1', '2', '3'].map((serial) => draftOrder(request({ serial }), crown))

const ofOrder = (what: AuditFacts['what'], i: number, more: Partial<AuditFacts> = {}): AuditFacts => {
  const { digest, order } = at(orders, i)
  const { path, kind, from, to } = order
  return {
    time: now,
    what,
    jurisdiction: 'uk',
    order: { digest, path, kind, from, to },
    messages: 0,
    people: 0,
    note: '',
    ...more,
  }
}

const history: readonly AuditFacts[] = [
  { ...ofOrder('opened', 0), order: null, jurisdiction: 'us' },
  ofOrder('received', 0),
  ofOrder('accepted', 0),
  ofOrder('executed', 0, { messages: 4, people: 3 }),
  ofOrder('received', 1),
  ofOrder('refused', 1, { note: 'window, “too broad” \u2028 \u202e' }),
  ofOrder('received', 2),
]

/** Lines as a desk with this key writes them, from this entry on. */
function written(facts: readonly AuditFacts[], head: AuditEntry | null = null, { secret } = desk): string[] {
  let last = head
  return facts.map((one) => {
    const { entry, line } = nextEntry(last, one, secret)
    last = entry
    return line
  })
}

const lines = written(history)
const textOf = (all: readonly string[]) => utf8(all.map((line) => `${line}\n`).join(''))
const read = (all: readonly string[]) => readAuditLog(textOf(all), desk.public, 'audit.log')
const refused = (all: readonly string[]) => refusal(() => read(all))
const changed = (i: number, find: string, replace: string) => lines.with(i, at(lines, i).replace(find, replace))

describe('an audit log', () => {
  it('is read as it was written', () => {
    const { entries, unfinishedBytes } = read(lines)
    expect(entries).toMatchObject(history)
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(unfinishedBytes).toBe(0)
    expect(read([]).entries).toEqual([])
  })

  it('names nobody that an order is about, and plays no tricks on a terminal', () => {
    expect(lines.join('')).not.toContain('alice')
    expect(lines.join('')).toMatch(/^[\u0020-\u007e]+$/)
  })

  it('shows the line that was altered', () => {
    expect(refused(changed(3, '"people":3', '"people":2'))).toBe(
      "bad-audit-log: audit.log, line 4: the order desk's signature does not match: the entry was changed, or somebody else wrote it",
    )
    for (const [find, replace] of [
      ['refused', 'accepted'],
      ['window', 'nothing'],
      ['"uk"', '"us"'],
    ] as const)
      expect(refused(changed(5, find, replace))).toMatch(/line 6: the order desk's signature does not match/)
  })

  it('shows the line that is none, or that is written in another way', () => {
    const none = /^bad-audit-log: audit.log, line 3: it is not an entry that an order desk writes$/
    for (const line of ['', '{}', 'null', '[1]', ` ${at(lines, 2)}`, at(lines, 2).replace(',', ', ')])
      expect(refused(lines.with(2, line))).toMatch(none)
    expect(refused(changed(2, '{"sequence":3', '{"sequence":9,"sequence":3'))).toMatch(none)
    expect(refused(changed(2, '"path":"direct"', '"path":null'))).toMatch(none)
  })

  it('shows where an entry was taken out, put in twice, or moved', () => {
    const said = (line: number, found: number) =>
      `bad-audit-log: audit.log, line ${line}: entry ${found} stands where entry ${line} belongs: an entry was removed, inserted or moved`
    expect(refused(lines.toSpliced(3, 1))).toBe(said(4, 5))
    expect(refused(lines.toSpliced(0, 1))).toBe(said(1, 2))
    expect(refused(lines.toSpliced(3, 0, at(lines, 2)))).toBe(said(4, 3))
    expect(refused(lines.with(3, at(lines, 4)).with(4, at(lines, 3)))).toBe(said(4, 5))
  })

  it('shows where whoever has the key has written one entry anew', () => {
    const { entries } = read(lines)
    const [anew = ''] = written([ofOrder('executed', 0, { messages: 1, people: 2 })], entries[2])
    expect(refused(lines.with(3, anew))).toMatch(/line 5: it does not follow line 4: one of the two was changed/)
  })

  it('shows that somebody else has written it', () => {
    expect(refused(written(history, null, another))).toMatch(/line 1: the order desk's signature does not match/)
  })

  it('cannot show by itself that it was cut off: only a head that was published does', () => {
    const whole = read(lines)
    const cut = read(lines.slice(0, 4))
    const head = hex(at(whole.entries, 6).digest)
    const has = (log: typeof whole) => log.entries.some(({ digest }) => hex(digest) === head)
    expect([has(whole), has(cut)]).toEqual([true, false])
  })

  it('cannot show by itself that whoever has the key has written all of it anew', () => {
    const head = hex(at(read(lines).entries, -1).digest)
    const anew = read(written(history.with(3, ofOrder('executed', 0, { messages: 1, people: 2 }))))
    expect(anew.entries).toHaveLength(history.length)
    expect(anew.entries.some(({ digest }) => hex(digest) === head)).toBe(false)
  })

  it('counts what a desk that was stopped left unfinished, wherever it was stopped', () => {
    const bytes = textOf(lines)
    const before = textOf(lines.slice(0, 5)).length
    const end = textOf(lines.slice(0, 6)).length
    for (let size = before; size < end; size += 7) {
      const log = readAuditLog(bytes.subarray(0, size), desk.public, 'audit.log')
      expect([log.entries.length, log.unfinishedBytes]).toEqual([5, size - before])
    }
  })
})

describe('the public counts', () => {
  it('are of orders by their last word, and of what was handed over', () => {
    const row = { jurisdiction: 'uk', path: 'direct', kind: 'content', orders: 1, executed: 0, messages: 0, people: 0 }
    expect(publicCounts(read(lines).entries)).toEqual([
      { ...row, outcome: 'accepted', executed: 1, messages: 4, people: 3 },
      { ...row, outcome: 'refused' },
      { ...row, outcome: 'received' },
    ])
  })

  it('add up, each execution for itself, and go by what was said last', () => {
    const again = written([
      ...history,
      ofOrder('executed', 0, { messages: 2, people: 2 }),
      ofOrder('narrowed', 1),
      ofOrder('accepted', 2),
      ofOrder('refused', 2),
      ofOrder('accepted', 2),
    ])
    expect(publicCounts(read(again).entries)).toMatchObject([
      { outcome: 'accepted', orders: 2, executed: 1, messages: 6, people: 5 },
      { outcome: 'narrowed', orders: 1 },
    ])
  })

  it('tell states and paths apart', () => {
    const other = draftOrder(request({ serial: '9', path: 'government', from: day('2026-03-02') }), crown).order
    const { from, to, path, kind } = other
    const facts = ofOrder('received', 1, { jurisdiction: 'xa' })
    const log = written([ofOrder('received', 0), { ...facts, order: { ...at(orders, 1), path, kind, from, to } }])
    expect(publicCounts(read(log).entries).map(({ jurisdiction, path }) => `${jurisdiction} ${path}`)).toEqual([
      'uk direct',
      'xa government',
    ])
  })
})

describe('where an order stands', () => {
  it('is the last word on it, or nowhere', () => {
    const { entries } = read(lines)
    const stands = (i: number) => standings(entries).get(hex(at(orders, i).digest))?.standing
    expect([stands(0), stands(1), stands(2)]).toEqual(['accepted', 'refused', 'received'])
    expect(standings(entries).size).toBe(orders.length)
  })
})
