import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../crypto/keys.ts'
import { createMailroom, mailboxMaximumMessages, type MailTables, type Share } from '../../server/store/mailroom.ts'
import type { DeviceAddress } from '../../server/api.ts'
import { nothingElse, posting } from '../support/stored.ts'

/** People with one device each, by number; tables that remember what they were asked. */
function office(most: number, shares: readonly Share[] = []) {
  const asked: string[] = []
  const lookedUp: string[] = []
  const sent = new Map<string, number>()
  const last = new Map<number, number>()
  const tables: MailTables = {
    rowOf({ user }) {
      lookedUp.push(user)
      return Number(user.slice(1))
    },
    mailbox(device) {
      asked.push(`mailbox ${device}`)
      return { lastSequence: last.get(device) ?? 0, shares }
    },
    sent(sender, recipient) {
      asked.push(`sent ${sender} ${recipient}`)
      const counter = sent.get(`${sender} ${recipient}`)
      return counter === undefined ? null : { counter, digest: new Uint8Array(32) as never }
    },
    removeMail: () => [{ sender: 1, messages: 1, bytes: 1 }],
    dropMail: () => undefined,
    addMail: () => undefined,
    setLastSequence: (device, sequence) => void last.set(device, sequence),
    setSent: (sender, recipient, { counter }) => void sent.set(`${sender} ${recipient}`, counter),
  }
  const mailroom = createMailroom(most)
  const person = (n: number): DeviceAddress => ({ user: `p${n}`, device: new Uint8Array(32).fill(n) as DeviceId })
  const counters = new Map<string, number>()
  /** One message from each of these to this one, in a commit. @returns what the tables were asked */
  function hand(senders: readonly number[], to: number, acknowledgements = nothingElse.acknowledgements) {
    asked.length = 0
    lookedUp.length = 0
    const postings = senders.map((from) => {
      const counter = (counters.get(`${from} ${to}`) ?? 0) + 1
      counters.set(`${from} ${to}`, counter)
      return posting({ from: person(from), to: person(to), counter, envelope: new Uint8Array(1) })
    })
    const outcomes = mailroom.process({ ...nothingElse, acknowledgements, postings }, tables)
    return { asked: [...asked], lookedUp: [...lookedUp], kinds: outcomes.map(({ kind }) => kind) }
  }
  return { mailroom, hand }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('a mailroom', () => {
  it('asks for what it remembers no second time', () => {
    const { hand } = office(100)
    expect(hand([1, 2], 9).asked).toEqual(['sent 1 9', 'mailbox 9', 'sent 2 9'])
    expect(hand([1, 2], 9).asked).toEqual([])
  })

  // of each sender: its row, its share of the mailbox, and how far it has sent
  it.each([
    ['what senders have of a mailbox counts', 31, 0],
    ['with more room it is remembered', 33, 11],
  ])('remembers so many entries and no more: %s', (_what, most, remembered) => {
    const { hand } = office(most)
    hand(upTo(10), 99)
    // 10 rows and one, one mailbox with 10 shares, 10 counters: 32
    const { asked } = hand(upTo(10), 99)
    expect(11 - asked.length).toBe(remembered)
  })

  it('counts anew when it has forgotten', () => {
    const { hand } = office(32)
    hand(upTo(10), 99)
    hand(upTo(11), 99)
    const reads = upTo(20).map(() => hand([1], 99).asked.length)
    expect(reads.filter((count) => count > 0).length).toBeLessThanOrEqual(1)
  })

  it('keeps no share of a sender of whom nothing is left', () => {
    const { mailroom, hand } = office(35)
    hand(upTo(10), 99)
    mailroom.expired(upTo(10).map((sender) => ({ device: 99, sender, messages: 1, bytes: 1 })))
    // Once it is too much it keeps what is not written yet: two counters, a mailbox, and in that two shares. With ten more
    // it would be too much again.
    expect(hand(upTo(21).slice(10), 99).lookedUp).toContain('p99')
    expect(hand([13], 99).lookedUp).toEqual([])
  })

  it('counts off what has expired of each sender, and reads nothing for that', () => {
    const half = mailboxMaximumMessages / 2
    const { mailroom, hand } = office(1000, [
      { sender: 1, messages: half, bytes: half },
      { sender: 2, messages: half - 1, bytes: half },
    ])
    expect(hand([1, 2, 2], 9).kinds).toEqual(['share-full', 'accepted', 'mailbox-full'])
    mailroom.expired([
      { device: 9, sender: 1, messages: half, bytes: half },
      { device: 8, sender: 2, messages: half, bytes: half },
    ])
    expect(hand([3], 9).asked).toEqual(['sent 3 9'])
    expect(hand([3, 3], 9).kinds).toEqual(['accepted', 'accepted'])
  })
})
