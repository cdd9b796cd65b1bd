import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { adversaries } from '../../client/lab/adversaries.ts'
import { type Adversary, type Hands, measure, tryControl } from '../../client/lab/exposure.ts'
import { play, type Played } from '../../client/lab/play.ts'
import type { Evasion, Utterance, World } from '../../client/lab/world/world.ts'
import { at } from '../support/at.ts'

const hour = 3600 * 1000
const person = (name: string, evades: Evasion | null = null) => ({ name, role: 'somebody', evades })
const say = (hours: number, from: string, to: string, text: string): Utterance => ({ at: hours * hour, from, to, text })

/** Ten hours before the switch, ten with it, ten after; at the hour 15 the relay is broken into. */
const timetable = { on: 10 * hour, breach: 15 * hour, off: 20 * hour }
const world: World = {
  name: 'a small world',
  people: [
    person('ann'),
    person('ben'),
    person('cat'),
    person('dan', 'garbage stanzas'),
    person('eve', 'garbage stanzas'),
    person('fay', 'encrypt first'),
    person('gus', 'encrypt first'),
    person('hal', 'foreign client'),
    person('ida', 'foreign client'),
  ],
  messages: [
    say(1, 'ann', 'ben', 'before, from ann'),
    say(2, 'ben', 'ann', 'before, from ben'),
    say(11, 'ann', 'ben', 'during, from ann'),
    say(11.1, 'ben', 'cat', 'during, to cat'),
    say(12, 'dan', 'eve', 'garbage beside this'),
    say(13, 'fay', 'gus', 'encrypted first'),
    say(14, 'hal', 'ida', 'over another service'),
    say(14.9, 'ben', 'ann', 'during, not yet collected'),
    say(16, 'cat', 'ben', 'during, after the breach'),
    say(21, 'ann', 'ben', 'after, from ann'),
    say(22, 'cat', 'ben', 'after, and ben has not answered since'),
  ],
  target: 'ann',
  verified: [],
  quotable: true,
}

const runs = new Map<string, Played>()
let tapped: Played
const run = (mode: string): Played => (mode === 'ghost-device' ? tapped : (runs.get(mode) as Played))
const cell = (mode: string, id: string) => measure(run(mode), adversaryCalled(id))

function adversaryCalled(id: string): Adversary {
  const adversary = adversaries.find((one) => one.id === id)
  if (!adversary) throw new Error(`there is no adversary ${id}`)
  return adversary
}

beforeAll(async () => {
  for (const id of ['none', 'message-key-escrow', 'session-key-escrow', 'split-escrow'])
    runs.set(id, await play(world, modeCalled(id), timetable, 'exposure', () => undefined))
  tapped = await play(world, modeCalled('ghost-device'), timetable, 'exposure', () => undefined)
})

describe('a world that is played', () => {
  it('delivers everything under every mode, and passes what was said through the relay as envelopes', () => {
    for (const { lost, archive, truth } of runs.values()) {
      expect(lost).toBe(0)
      expect(archive).toHaveLength(10)
      expect([...truth.values()].map(({ phase }) => phase).join(' ')).toBe(
        'before before during during during during during during during after after',
      )
      expect([...truth.values()].filter(({ sent }) => sent === null).map(({ said }) => said)).toEqual([
        'over another service',
      ])
    }
  })

  it('repeats from its seed, byte for byte', async () => {
    const again = await play(world, modeCalled('message-key-escrow'), timetable, 'exposure', () => undefined)
    expect(again.archive).toEqual(run('message-key-escrow').archive)
    const other = await play(world, modeCalled('message-key-escrow'), timetable, 'another', () => undefined)
    expect(other.archive).not.toEqual(again.archive)
  })

  it('has in the mailboxes of the breach just what nobody had collected', () => {
    const { breached } = run('message-key-escrow')
    expect(breached.passed).toBe(7)
    expect(breached.undelivered.map(({ fromUser, toUser }) => `${fromUser} ${toUser}`).sort()).toEqual([
      'ben ann',
      'fay gus',
    ])
  })
})

describe('the hands of an adversary', () => {
  const held = (mode: string, id: string) => adversaryCalled(id).hands(run(mode))
  const names = (hands: Hands | null) => hands?.secrets.map(({ name }) => name)

  it('hold no secret where the table says none, and nothing at all under the mode none', () => {
    for (const mode of runs.keys()) for (const id of ['wire', 'breach']) expect(names(held(mode, id))).toEqual([])
    const rest = adversaries.filter(({ id }) => id !== 'wire' && id !== 'breach')
    expect(rest).toHaveLength(6)
    for (const { id } of rest) expect(held('none', id)).toBeNull()
  })

  it('hold of the envelopes what the table says', () => {
    const counts = adversaries.map(({ id }) => [id, held('split-escrow', id)?.envelopes.length])
    expect(Object.fromEntries(counts)).toEqual({
      'wire': 10,
      'breach': 2,
      'key thief': 0,
      'key thief and breach': 2,
      'key thief and archive': 7,
      'one secret and archive': 10,
      'one state': 10,
      'insider': 10,
    })
  })

  it('hold of the shares what the table says, and no state has enough of them', () => {
    expect(names(held('split-escrow', 'insider'))).toHaveLength(5)
    expect(names(held('split-escrow', 'one secret and archive'))).toHaveLength(1)
    expect(names(held('split-escrow', 'one state'))).toHaveLength(2)
    expect(new Set(held('split-escrow', 'one state')?.secrets.map(({ jurisdiction }) => jurisdiction)).size).toBe(1)
  })
})

describe('what is read', () => {
  it('is nothing without a secret, or without an envelope', () => {
    for (const mode of runs.keys())
      for (const id of ['wire', 'breach', 'key thief']) expect(cell(mode, id).conversations.read).toBe(0)
  })

  it('is what was sent while the mode was on, but for garbage, ciphertext and another service', () => {
    for (const mode of ['message-key-escrow', 'split-escrow']) {
      const { messages, conversations, people, stillSealed } = cell(mode, 'insider')
      expect(messages).toEqual({
        before: { read: 0, of: 2 },
        during: { read: 4, of: 7 },
        after: { read: 0, of: 2 },
      })
      expect([conversations, stillSealed]).toEqual([{ read: 2, of: 5 }, 1])
      expect(people).toEqual({
        target: { read: 1, of: 1 },
        partners: { read: 1, of: 1 },
        strangers: { read: 1, of: 7 },
      })
    }
  })

  it('goes on after the switch where chain keys were sealed, until the other side answers', () => {
    expect(cell('session-key-escrow', 'insider').messages.after).toEqual({ read: 1, of: 2 })
    expect(cell('session-key-escrow', 'insider').messages.during).toEqual({ read: 4, of: 7 })
  })

  it('is for a thief with an archive what had passed until then, and of undelivered mail what lay there', () => {
    expect(cell('message-key-escrow', 'key thief and archive').messages.during.read).toBe(3)
    expect(cell('message-key-escrow', 'key thief and breach').messages.during.read).toBe(1)
  })

  it('is nothing with too few shares', () => {
    for (const id of ['one secret and archive', 'one state'])
      expect(cell('split-escrow', id).messages.during.read).toBe(0)
    expect(cell('message-key-escrow', 'one state').messages.during.read).toBe(4)
  })

  it('is, by a ghost, the mail of the one person it was made for, also what waits for it in its mailbox', () => {
    for (const id of ['insider', 'key thief and archive', 'key thief and breach']) {
      const { messages, people } = cell('ghost-device', id)
      expect(messages).toMatchObject({ before: { read: 0, of: 2 }, after: { read: 0, of: 2 } })
      expect(messages.during).toEqual({ read: 2, of: 7 })
      expect(people).toEqual({
        target: { read: 1, of: 1 },
        partners: { read: 1, of: 1 },
        strangers: { read: 0, of: 7 },
      })
    }
  })

  it('makes the measurement void when it is not what was sent', () => {
    const played = run('message-key-escrow')
    const [id, said] = at([...played.truth], 2)
    const truth = new Map(played.truth).set(id, { ...said, sent: 'something else' })
    expect(() => measure({ ...played, truth }, adversaryCalled('insider'))).toThrow('a reading that nobody sent')
  })
})

describe('the positive control', () => {
  it('opens its own message and no other, under every mode', () => {
    for (const played of runs.values()) expect(tryControl(played)).toBe(1)
  })

  it('fails when it opens what it was not kept for', () => {
    const played = run('none')
    expect(() => tryControl({ ...played, control: { ...played.control, id: 'm5' } })).toThrow('was not kept for')
  })
})
