import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { tryControl } from '../../client/lab/adversaries/control.ts'
import { type Adversary, type Hands, measure } from '../../client/lab/adversaries/exposure.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import type { Cell } from '../../client/lab/adversaries/cell.ts'
import type { World } from '../../client/lab/world/world.ts'
import { phases } from '../../client/lab/simulation/phase.ts'
import { at } from '../support/at.ts'
import { hour, say } from '../support/say.ts'

const person = (name: string) => ({ name, role: 'somebody' })

/** Ten hours before the switch, ten with it, three after, and then another state's; at the hour 15 things are stolen. */
const timetable = { on: 10 * hour, breach: 15 * hour, off: 20 * hour, again: 23 * hour, rotateEveryMs: null }
const world: World = {
  name: 'a small world',
  people: [
    person('ann'),
    person('ben'),
    person('cat'),
    person('dan'),
    person('eve'),
    person('fay'),
    person('gus'),
    person('hal'),
    person('ida'),
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
    say(24, 'ben', 'cat', 'again, from ben'),
    say(25, 'ann', 'cat', 'again, and they have never written before'),
  ],
  target: 'ann',
  shared: 'cat',
  listed: ['cat'],
  verified: [['ben', 'cat']],
  evading: [
    { between: ['dan', 'eve'], by: 'garbage stanzas' },
    { between: ['fay', 'gus'], by: 'encrypt first' },
    { between: ['hal', 'ida'], by: 'foreign client' },
  ],
  quotable: true,
}

const runs = new Map<string, Played>()
let tapped: Played
/** with a relay that answers as it likes */
let turned: Played
const run = (mode: string): Played => (mode === 'ghost-device' ? tapped : (runs.get(mode) as Played))
const cells = new Map<string, Cell>()
function cell(mode: string, id: string): Cell {
  const known = cells.get(`${mode} ${id}`) ?? measure(run(mode), adversaryCalled(id))
  cells.set(`${mode} ${id}`, known)
  return known
}
const read = (mode: string, id: string) => phases.map((phase) => cell(mode, id).messages[phase].read)

function adversaryCalled(id: string): Adversary {
  const adversary = adversaries.find((one) => one.id === id)
  if (!adversary) throw new Error(`there is no adversary ${id}`)
  return adversary
}

beforeAll(async () => {
  for (const id of ['none', 'message-key-escrow', 'session-key-escrow', 'split-escrow'])
    runs.set(id, await play(world, modeCalled(id), timetable, 'exposure', () => undefined))
  tapped = await play(world, modeCalled('ghost-device'), timetable, 'exposure', () => undefined)
  turned = await play(world, modeCalled('message-key-escrow'), timetable, 'exposure', () => undefined, 'as it likes')
})

describe('a world that is played', () => {
  it('delivers everything under every mode, and passes what was said through the relay as envelopes', () => {
    for (const { lost, archive, truth } of runs.values()) {
      expect(lost).toBe(0)
      expect(archive).toHaveLength(12)
      expect([...truth.values()].map(({ phase }) => phase).join(' ')).toBe(
        'before before during during during during during during during after after again again',
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
    const { breach } = run('message-key-escrow')
    expect(breach.passed).toBe(7)
    expect(breach.undelivered.map(({ fromUser, toUser }) => `${fromUser} ${toUser}`).sort()).toEqual([
      'ben ann',
      'fay gus',
    ])
  })
})

describe('the hands of an adversary', () => {
  function held(mode: string, id: string): Hands {
    const { hands, conduct } = adversaryCalled(id)
    const has = hands(conduct === 'as it likes' ? turned : run(mode))
    if (typeof has === 'string') throw new Error(has)
    return has
  }
  const names = ({ rings }: Hands) => rings.flatMap(({ secrets }) => secrets.map(({ name }) => name))
  const withoutSecrets = [
    'wire',
    'passive relay',
    'breach',
    'locked device',
    'unlocked device',
    'unlocked device and wire',
    'partner at home',
  ]

  it('hold no secret where the table says none, and are empty where the mode has none to hold', () => {
    for (const mode of runs.keys()) for (const id of withoutSecrets) expect(names(held(mode, id))).toEqual([])
    const rest = adversaries.filter(({ id }) => !withoutSecrets.includes(id) && id !== 'active relay')
    expect(rest).toHaveLength(10)
    for (const { hands } of rest) expect(hands(run('none'))).toBeTypeOf('string')
  })

  it('hold of the envelopes what the table says, and a device only where it says one', () => {
    const counts = adversaries.map(({ id }) => {
      const { envelopes, device } = held('split-escrow', id)
      return [id, device ? 'a device' : id === 'active relay' ? envelopes.length > 12 : envelopes.length]
    })
    expect(Object.fromEntries(counts)).toEqual({
      'wire': 12,
      'passive relay': 12,
      'active relay': true,
      'breach': 2,
      'order, as used': 4,
      'order, as possible': 12,
      'order, for everybody': 12,
      'insider': 12,
      'key thief': 0,
      'key thief and breach': 2,
      'key thief and archive': 7,
      'one secret and archive': 12,
      'one state': 12,
      'another state': 12,
      'locked device': 'a device',
      'unlocked device': 'a device',
      'unlocked device and wire': 'a device',
      'partner at home': 'a device',
    })
  })

  it('hold of the shares what the table says, and no state has enough of them', () => {
    expect(names(held('split-escrow', 'insider'))).toHaveLength(5)
    expect(names(held('split-escrow', 'one secret and archive'))).toHaveLength(1)
    const [ring] = held('split-escrow', 'one state').rings
    expect(ring?.secrets).toHaveLength(2)
    expect(new Set(ring?.secrets.map(({ jurisdiction }) => jurisdiction)).size).toBe(1)
  })

  it("hold another state's secrets apart from the authority's, and a relay's own apart from both", () => {
    const secretsOf = (id: string) =>
      held('message-key-escrow', id).rings.flatMap(({ secrets }) => secrets.map(({ bytes }) => bytes.join()))
    const all = ['insider', 'another state', 'active relay'].flatMap(secretsOf)
    expect(all).toHaveLength(3)
    expect(new Set(all).size).toBe(3)
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
        again: { read: 0, of: 2 },
      })
      expect([conversations, stillSealed]).toEqual([{ read: 2, of: 6 }, 1])
      expect(cell(mode, 'insider').asked).toEqual({ read: 2, of: 2 })
      expect(cell(mode, 'insider').complying).toEqual({
        messages: { read: 4, of: 4 },
        conversations: { read: 2, of: 2 },
      })
      expect(people).toEqual({
        target: { read: 1, of: 1 },
        partners: { read: 2, of: 2 },
        strangers: { read: 0, of: 6 },
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
        partners: { read: 1, of: 2 },
        strangers: { read: 0, of: 6 },
      })
    }
  })

  it('is by another state what was sent once its keys were in force, and nothing of before', () => {
    for (const mode of ['message-key-escrow', 'session-key-escrow', 'split-escrow'])
      expect(read(mode, 'another state')).toEqual([0, 0, 0, 2])
  })

  it('is by the order no more than it names, and possible is what the insider reads', () => {
    expect(read('message-key-escrow', 'order, as used')).toEqual([0, 2, 0, 0])
    expect(read('message-key-escrow', 'order, as possible')).toEqual(read('message-key-escrow', 'insider'))
  })

  it('is by a relay that answers as it likes everything between those who have not compared', () => {
    const { messages, lit, forged } = measure(turned, adversaryCalled('active relay'))
    expect(phases.map((phase) => messages[phase].read)).toEqual([2, 3, 1, 1])
    expect(lit).toEqual(['ann ben', 'ann cat', 'dan eve'])
    expect(forged).toBe(true)
    expect(measure(turned, adversaryCalled('active relay')).complying).toEqual({
      messages: { read: 2, of: 4 },
      conversations: { read: 1, of: 2 },
    })
    const { detections } = turned
    expect(detections.find(({ id }) => id === 'compared first')?.noticed).toEqual({ read: 2, of: 9 })
  })

  it('is on a device what stands in its history, and behind a passphrase nothing', () => {
    for (const mode of runs.keys()) {
      expect(read(mode, 'locked device')).toEqual([0, 0, 0, 0])
      expect(read(mode, 'unlocked device')).toEqual([2, 1, 0, 0])
      expect(read(mode, 'partner at home')).toEqual([0, 1, 0, 0])
    }
  })

  it('can be passed off as written by another where chain keys were sealed, and not where one message was', () => {
    expect(cell('session-key-escrow', 'insider').forged).toBe(true)
    for (const mode of ['message-key-escrow', 'split-escrow']) expect(cell(mode, 'insider').forged).toBe(false)
    expect(cell('none', 'wire').forged).toBe(null)
  })

  it('makes the measurement void when it is not what was sent', () => {
    const played = run('message-key-escrow')
    const [id, said] = at([...played.truth], 2)
    const truth = new Map(played.truth).set(id, { ...said, sent: 'something else' })
    expect(() => measure({ ...played, truth }, adversaryCalled('insider'))).toThrow('a reading that nobody sent')
  })
})

describe('somebody who evades with one person and complies with another', () => {
  it('is read where they comply, and loses nothing where they do not', async () => {
    const both: World = {
      ...world,
      people: ['ann', 'ben', 'cat'].map(person),
      messages: [
        say(11, 'ann', 'ben', 'garbage beside this'),
        say(12, 'ann', 'cat', 'to cat'),
        say(13, 'ben', 'ann', 'x'),
      ],
      verified: [],
      evading: [{ between: ['ann', 'ben'], by: 'garbage stanzas' }],
    }
    const played = await play(both, modeCalled('message-key-escrow'), timetable, 'both', () => undefined)
    expect(played.lost).toBe(0)
    expect(measure(played, adversaryCalled('insider')).lit).toEqual(['ann cat'])
    // garbage that nobody had collected when the last word was said: the client that takes it opens it
    expect(played.lastStates).toEqual({ readBefore: 0, stillToCome: { read: 2, of: 2 } })
  })
})

describe('the last state of every device', () => {
  it('opens nothing that had been read, and everything that was still to come', () => {
    for (const { lastStates } of [...runs.values(), tapped])
      expect(lastStates).toEqual({ readBefore: 0, stillToCome: { read: 1, of: 1 } })
  })
})

describe('the positive control', () => {
  it('opens its own message and no other, under every mode', () => {
    for (const played of runs.values()) expect(tryControl(played)).toBe(1)
  })

  it('fails when it opens what it was not kept for', () => {
    const played = run('none')
    const { control } = played
    if (!control) throw new Error('no key was kept')
    expect(() => tryControl({ ...played, control: { ...control, id: 'm5' } })).toThrow('was not kept for')
  })
})
