import { beforeAll, describe, expect, it } from 'vitest'
import { modeCalled } from '../../crypto/access/index.ts'
import { decodeEnvelope, encodeEnvelope } from '../../crypto/envelope.ts'
import { adversaries } from '../../client/lab/adversaries/adversaries.ts'
import { tryPlainKeys } from '../../client/lab/adversaries/control.ts'
import { type Adversary, measure } from '../../client/lab/adversaries/exposure.ts'
import type { Conduct } from '../../client/lab/simulation/operator.ts'
import { phases } from '../../client/lab/simulation/phase.ts'
import { play } from '../../client/lab/simulation/play.ts'
import type { Played } from '../../client/lab/simulation/played.ts'
import type { Cell } from '../../client/lab/adversaries/cell.ts'
import { isLong } from '../support/long.ts'
import { datasetWorld } from '../../client/lab/world/dataset.ts'
import type { World } from '../../client/lab/world/world.ts'
import { at } from '../support/at.ts'
import { hour, say } from '../support/say.ts'

const timetable = { on: 10 * hour, breach: 20 * hour, off: 30 * hour, again: 40 * hour, rotateEveryMs: null }
const world: World = {
  name: 'six people',
  people: ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'].map((name) => ({ name, role: 'somebody' })),
  messages: [
    say(1, 'ann', 'ben', 'one, before anything'),
    say(2, 'ben', 'ann', 'two, before anything'),
    say(3, 'dan', 'eve', 'three, of two others'),
    say(12, 'ann', 'ben', 'four, under the mode'),
    say(13, 'dan', 'eve', 'five, of two others under the mode'),
    say(19, 'ben', 'ann', 'six, not collected at the breach'),
    say(25, 'ben', 'ann', 'seven, after the breach'),
    say(26, 'cat', 'fay', 'eight, of two who have never met'),
    say(41, 'cat', 'fay', 'nine, with the keys of another state'),
    say(42, 'fay', 'cat', 'ten, as well'),
    say(43, 'cat', 'fay', 'eleven, to be forged'),
  ],
  target: 'ann',
  shared: 'fay',
  listed: ['cat'],
  verified: [],
  evading: [],
  quotable: true,
}

const played = new Map<string, Played>()
const run = (mode: string, conduct: Conduct = 'within the order') => played.get(`${mode} ${conduct}`) as Played
const called = (id: string) => adversaries.find((one) => one.id === id) as Adversary
const cell = (mode: string, id: string): Cell => measure(run(mode, called(id).conduct), called(id))
const read = ({ messages }: Cell) => phases.map((phase) => messages[phase].read)
const noticed = (mode: string, conduct: Conduct = 'within the order') =>
  Object.fromEntries(
    run(mode, conduct)
      .detections.filter(({ noticed: { read: count } }) => count > 0)
      .map(({ id, noticed: { read: count } }) => [id, count]),
  )

beforeAll(async () => {
  const wanted: readonly (readonly [string, Conduct])[] = [
    ['none', 'within the order'],
    ['none', 'as it likes'],
    ['session-key-escrow', 'within the order'],
    ['ghost-device', 'within the order'],
    ['ghost-device', 'for everybody'],
    ['key-substitution', 'within the order'],
  ]
  for (const [mode, conduct] of wanted)
    played.set(`${mode} ${conduct}`, await play(world, modeCalled(mode), timetable, 'six', () => undefined, conduct))
})

describe('an operator with a part in the mode', () => {
  it('reads as well where the secret itself is handed over, and nobody else on the way does', () => {
    expect(read(cell('key-substitution', 'passive relay')).slice(0, 3)).toEqual([0, 3, 0])
    expect(read(cell('key-substitution', 'insider'))).toEqual([0, 3, 0, 0])
    expect(read(cell('key-substitution', 'wire'))).toEqual([0, 0, 0, 0])
    expect(read(cell('ghost-device', 'passive relay'))).toEqual([0, 0, 0, 0])
  })

  it('exposes everybody with the same key, when asked for everybody', () => {
    expect(cell('ghost-device', 'order, as possible').lit).toEqual(['ann ben'])
    expect(cell('ghost-device', 'order, for everybody').lit).toEqual(['ann ben', 'cat fay', 'dan eve'])
  })
})

describe('what can be noticed', () => {
  it('is nothing under none, with an honest relay', () => {
    expect(noticed('none')).toEqual({})
  })

  it('is the announcement alone where a key is sealed, by all who have looked in since', () => {
    expect(noticed('session-key-escrow')).toEqual({ announcement: 5 })
  })

  it('is of a ghost its unsigned list and one ciphertext too many, by those who write to or are its target', () => {
    expect(noticed('ghost-device')).toEqual({ 'announcement': 5, 'unsigned list': 2, 'one ciphertext too many': 2 })
  })

  it('is of a substitution the changed key and the number, and no ciphertext too many', () => {
    expect(noticed('key-substitution')).toEqual({ 'announcement': 5, 'changed key': 2, 'safety number': 2 })
  })

  it('is of a relay that lies the number, once somebody compares', () => {
    expect(noticed('none', 'as it likes')).toEqual({ 'safety number': 6 })
  })
})

describe('a copied device', () => {
  it('shows what it holds, and fed with the mail it opens what its owner had not collected', () => {
    expect(read(cell('none', 'unlocked device'))).toEqual([2, 1, 0, 0])
    expect(read(cell('none', 'unlocked device and wire'))).toEqual([2, 3, 0, 0])
  })

  it('is not said to show what other people have said in the same words', async () => {
    const ring = Array.from({ length: 24 }, (_, i) => ({ from: i % 6, to: (i + 1) % 6, atSeconds: (i + 1) * 3600 }))
    const texts = ['the same words as all others', 'and these are the others']
    const echoing = datasetWorld(ring, texts, 'echoes')
    const times = { on: 5 * hour, breach: 12 * hour, off: 18 * hour, again: null, rotateEveryMs: null }
    const echoes = await play(echoing, modeCalled('none'), times, 'echoes', () => undefined)
    for (const id of ['unlocked device', 'locked device']) {
      const { lit } = measure(echoes, called(id))
      expect(lit.every((names) => names.split(' ').includes(echoing.target))).toBe(true)
      expect(lit).toHaveLength(id === 'unlocked device' ? 2 : 0)
    }
  })
})

describe('another state', () => {
  it('can forge with its own keys where the mode lets whoever holds them', () => {
    expect(cell('session-key-escrow', 'another state').forged).toBe(true)
    expect(cell('ghost-device', 'another state').forged).not.toBe(true)
  })
})

describe('the trial of those who hold nothing', () => {
  it('opens no envelope with bytes that stand in it', () => {
    for (const one of played.values())
      expect(tryPlainKeys(one)).toEqual({ read: 0, of: Math.min(24, one.archive.length) })
  })

  it('sees a key that stands in its envelope', () => {
    const one = run('none')
    const { control } = one
    if (!control) throw new Error('no key was kept')
    const archive = one.archive.map((recorded, i) => {
      const envelope = decodeEnvelope(recorded.bytes)
      const stanzas = [{ modeId: 'leak', payload: new Uint8Array([7, ...control.encryptionKey, 7]) }]
      return i === 0 ? { ...recorded, bytes: encodeEnvelope({ ...envelope, stanzas }) } : recorded
    })
    expect(tryPlainKeys({ ...one, archive }).read).toBe(1)
  })
})

describe('a world with ten years of silence', () => {
  it.skipIf(!isLong)('(in test:long) comes to its end', async () => {
    const late = { ...at(world.messages, 10), at: Date.UTC(1980, 11, 31) }
    const patient = { ...world, messages: [...world.messages.slice(0, 10), late] }
    const { lost } = await play(patient, modeCalled('none'), timetable, 'late', () => undefined)
    expect(lost).toBe(0)
  })
})
