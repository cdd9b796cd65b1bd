import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import type { TranscriptLine } from '../../client/authority/transcript.ts'
import { nothingRead } from '../../client/workshop/authority/summary.ts'
import { createExercises } from '../../client/workshop/exercises/exercises.ts'
import { lockedIn } from '../../client/workshop/exercises/locked.ts'
import { lockText, newOwnLock } from '../../crypto/own-lock.ts'
import { answerChallenge, createAccount, openDeviceList } from '../../crypto/identity.ts'
import { base64url } from '../../crypto/bytes.ts'
import { generatePolicyPair } from '../../crypto/keys.ts'
import { blobFilesInMemory } from '../../server/disk/blob-files.ts'
import { openArchive } from '../../server/archive.ts'
import { openRelay } from '../../server/relay.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('exercises')
const folder = mkdtempSync(join(tmpdir(), 'doormat-exercises-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A real relay with these people registered, and what it answers when one asks about another. */
async function room(names: readonly string[], acquainted: readonly string[] = []) {
  const store = openSqliteStore(':memory:')
  const archivePath = join(folder, `${base64url(random(6))}.archive`)
  const archive = openArchive(archivePath)
  const policyPair = generatePolicyPair(random)
  const relay = await openRelay({
    store,
    blobFiles: blobFilesInMemory(),
    policyPair,
    operatorToken: 'token',
    archive,
    random,
    clock: Date.now,
    steady: () => performance.now(),
  })
  const accounts = new Map(names.map((name) => [name, createAccount(name, random)]))
  for (const { signedList } of accounts.values()) await relay.register(signedList)
  let mode = 'none'
  const exercises = createExercises({
    install: (make) => relay.install(make),
    hangUp: () => undefined,
    steady: () => 0,
    archivePath,
    people: () => names,
    passed: () => new Set(acquainted),
    read: () => nothingRead,
    mode: () => mode,
  })
  async function isFalse(asker: string, about: string): Promise<boolean> {
    const { device } = accounts.get(asker) ?? createAccount(asker, random)
    const listener = { ready: () => {}, deliver: () => {}, policy: () => {}, closed: () => {} }
    const connection = await relay.connect(
      (policyKey, challenge) => answerChallenge(device, policyKey, challenge),
      listener,
    )
    const list = await connection.devices(about)
    const isOther = Buffer.compare(list, accounts.get(about)?.signedList ?? new Uint8Array()) !== 0
    // whoever is given a false list can write to the device in it
    const [impostor] = openDeviceList(list).devices
    if (isOther && impostor) await connection.bundle({ user: about, device: impostor.id })
    connection.close()
    return isOther
  }
  return { exercises, isFalse, setMode: (id: string) => void (mode = id) }
}

describe('the exercise about somebody between', () => {
  it('knows who is lied to by what the server answered, and takes one word for nothing', async () => {
    const { exercises, isFalse } = await room(['anna', 'ben', 'carl', 'dora'])
    exercises.set('between', false)
    expect(() => exercises.noteCompared('anna', 'ben', 'same')).toThrow('Write to ben first')
    const truth = new Map<string, boolean>()
    for (const [one, other] of [
      ['anna', 'ben'],
      ['carl', 'ben'],
      ['anna', 'dora'],
      ['dora', 'carl'],
    ] as const)
      truth.set(`${one} ${other}`, await isFalse(one, other))
    expect(new Set(truth.values()).size).toBe(2)
    for (const [pair, differ] of truth) {
      const [one = '', other = ''] = pair.split(' ')
      exercises.noteCompared(one, other, differ ? 'different' : 'same')
      expect(exercises.standing(one).says.at(-1)).toBe(
        `What you said of you and ${other} counts when ${other} has said it too.`,
      )
      exercises.noteCompared(other, one, differ ? 'same' : 'different')
      expect(exercises.standing(one).says.at(-1)).toContain('not yet')
      exercises.noteCompared(one, other, differ ? 'same' : 'different')
      expect(exercises.standing(one).says.at(-1)).toContain('not yet')
      expect(exercises.standing(one).says.at(-1)).not.toMatch(/server|nobody|right|found it/)
    }
    expect(exercises.view()?.people.filter(({ isDone }) => isDone)).toEqual([])
    for (const [pair, differ] of truth) {
      const [one = '', other = ''] = pair.split(' ')
      for (const [name, partner] of [
        [one, other],
        [other, one],
      ] as const)
        exercises.noteCompared(name, partner, differ ? 'different' : 'same')
    }
    const lied = [...truth.values()].filter(Boolean).length
    expect(exercises.view()?.lines.map(({ text }) => text)).toEqual([
      '4 new conversations, 4 compared',
      `${lied} of ${lied} with somebody between found`,
      'The server has read 0 messages, and no key was under the mat',
    ])
    expect(exercises.view()?.people.every(({ isDone }) => isDone)).toBe(true)
    exercises.close()
  })

  it('ends with the truth: each list is the person’s own again, and nothing more is counted', async () => {
    const { exercises, isFalse } = await room(['anna', 'ben', 'carl'])
    exercises.set('between', false)
    const asked = [['anna', 'ben'] as const, ['ben', 'carl'] as const, ['carl', 'anna'] as const]
    const before = await Promise.all(asked.map(([one, other]) => isFalse(one, other)))
    expect(before.filter(Boolean)).toHaveLength(2)
    exercises.set('between', true)
    expect(await Promise.all(asked.map(([one, other]) => isFalse(one, other)))).toEqual([false, false, false])
    expect(exercises.view()).toMatchObject({ isOver: true })
    expect(() => exercises.noteCompared('anna', 'ben', 'same')).toThrow('This exercise is over.')
    expect(exercises.view()?.lines[0]?.text).toBe('3 new conversations, 0 compared')
    exercises.set(null, false)
    expect(exercises.view()).toBeNull()
  })

  it('leaves alone whoever has written to each other, and does not begin where all have', async () => {
    const { exercises } = await room(['anna', 'ben'], ['anna ben'])
    expect(() => exercises.set('between', false)).toThrow('There are no two people here')
    const other = await room(['anna', 'ben', 'carl'], ['anna ben'])
    other.exercises.set('between', false)
    expect(() => other.exercises.noteCompared('ben', 'anna', 'different')).toThrow('before this began')
    other.exercises.close()
  })

  it('is for a time without a mode, and evading for a time with one', async () => {
    const { exercises, setMode } = await room(['anna', 'ben'])
    expect(() => exercises.set('evade', false)).toThrow('nobody to evade')
    setMode('message-key-escrow')
    expect(() => exercises.set('between', false)).toThrow('Take the key away first')
    expect(exercises.view()).toBeNull()
  })

  it('is no time for a switch while phones may write to a false key, which would take their messages with it', async () => {
    const { exercises, isFalse } = await room(['anna', 'ben', 'carl'])
    exercises.checkSwitch()
    exercises.set('between', false)
    expect(() => exercises.checkSwitch()).toThrow('Press “Stop lying” first')
    const asked = [['anna', 'ben'] as const, ['ben', 'carl'] as const, ['carl', 'anna'] as const]
    for (const [one, other] of asked) await isFalse(one, other)
    exercises.set('between', true)
    expect(exercises.inRoom()).toEqual({ id: 'between', isOver: true })
    expect(() => exercises.checkSwitch()).toThrow('Some messages are still on their way to false keys.')
    exercises.set(null, false)
    expect(() => exercises.checkSwitch()).toThrow('Some messages are still on their way to false keys.')
    expect(() => exercises.set('between', false)).toThrow('Some messages are still on their way to false keys.')
    // who has asked again knows better
    for (const [one, other] of asked) expect(await isFalse(one, other)).toBe(false)
    exercises.checkSwitch()
    exercises.set('between', false)
    exercises.close()
  })
})

const lock = newOwnLock('garden gate', random)
let ids = 0
const line = (from: string, to: string, text: string, id = String((ids += 1))): TranscriptLine => ({
  time: ids,
  from,
  fromDevice: 'aa',
  to,
  toDevice: 'bb',
  saysSentTo: null,
  group: null,
  sentAt: ids,
  id,
  epoch: 2,
  text,
  attachment: null,
  mode: 'message-key-escrow',
})
const locked = () => lockText(lock, 'meet at nine', random)

describe('what the authority finds locked', () => {
  it('is counted where somebody has begun to lock, and from then on', () => {
    const all = [
      line('anna', 'ben', 'before'),
      line('anna', 'carl', 'never locked'),
      line('anna', 'ben', locked()),
      line('ben', 'anna', 'in the open'),
      line('anna', 'ben', locked()),
      // one message to everybody, which reaches ben too
      line('anna', 'ben', 'to all', 'everybody-1'),
      line('anna', 'carl', 'to all', 'everybody-1'),
    ]
    expect(lockedIn(all)).toEqual([
      [
        { name: 'anna', locked: 2, open: 1 },
        { name: 'ben', locked: 0, open: 1 },
      ],
    ])
  })

  it('is nothing while nobody locks anything, and whatever looks nearly like it is in the open', () => {
    const near = [line('anna', 'ben', locked().slice(1)), line('anna', 'ben', `> ${locked()}`)]
    expect(lockedIn(near)).toEqual([])
  })
})
