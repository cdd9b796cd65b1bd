import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { base64url } from '../../crypto/bytes.ts'
import { privateFolder } from '../../server/disk/private.ts'
import { writeWhole } from '../../server/disk/whole-file.ts'
import { answerAsks } from '../node/asking.ts'
import { type Actor, enter, prepare } from './actor.ts'
import { castOf, scriptOf } from './cast.ts'
import { type Followed, type Played, type Spoken, type StageAsk, stageAskSchema, stories } from './words.ts'

/*
 * The people on stage, in a process of their own: whoever runs the relay and the authority has none of their keys.
 * Arguments: their folder, the relay's address, a file with the certificate that it shows (empty for plain http), the story, and `keep` where
 * the folder is to outlast this process.
 */

const [, , folder = '', relayUrl = '', caFile = '', named = '', keep = ''] = process.argv
const place = { relayUrl, relayCa: caFile === '' ? null : readFileSync(caFile, 'utf8') }
const story = stories.find((known) => known === named) ?? 'ordinary'
const script = scriptOf(story)
const pauseMs = 1_500
/** A relay that cannot be reached keeps nobody waiting for longer. */
const arrivesWithinMs = 60_000

privateFolder(folder)
const saidPath = join(folder, 'said')
/** which lines of the script */
const said = new Set<number>(existsSync(saidPath) ? (JSON.parse(readFileSync(saidPath, 'utf8')) as number[]) : [])
let attended: readonly string[] = []
/** stops the story that goes on by itself */
let playing: AbortController | null = null
let actors = new Map<string, Actor>()

function actor(name: string): Actor {
  const found = actors.get(name)
  if (!found) throw new Error(`${name} is not on stage`)
  return found
}

async function prepareAll(): Promise<Record<string, string>> {
  const accounts: Record<string, string> = {}
  // one after the other: making keys is work for this machine alone
  for (const name of castOf(story)) accounts[name] = await prepare(folder, name, place)
  return accounts
}

async function enterAll(): Promise<void> {
  if (actors.size > 0) return
  const entered: Actor[] = []
  for (const name of castOf(story)) entered.push(await enter(folder, name, place))
  actors = new Map(entered.map((one) => [one.name, one]))
}

/** @returns -1 after the last */
function nextPlace(): number {
  const isLeft = (i: number) => !said.has(i)
  const ofThem = script.findIndex(({ from, to }, i) => isLeft(i) && [from, to].some((name) => attended.includes(name)))
  return ofThem === -1 ? script.findIndex((_line, i) => isLeft(i)) : ofThem
}

/** It has arrived, or whoever wrote it has been given another key and keeps it back. */
function hasEnded(from: string, to: string, id: string): boolean {
  const { received, envelope, isHeldBack } = follow(from, to, id)
  return received !== null || (isHeldBack && envelope === null)
}

const hasLearnt = ({ device }: Actor, epoch: number) => (device.policies.head()?.policy.epoch ?? 0) >= epoch

async function learn(epoch: number): Promise<null> {
  const until = performance.now() + arrivesWithinMs
  for (const one of actors.values())
    while (!hasLearnt(one, epoch) && performance.now() < until) await Promise.race([one.online.changed(), sleep(200)])
  return null
}

async function say(): Promise<Spoken | null> {
  const place = nextPlace()
  const line = script[place]
  if (!line) return null
  const { from, to, text } = line
  const id = `stage-${place + 1}`
  actor(from).write(to, id, text)
  said.add(place)
  writeWhole(saidPath, JSON.stringify([...said]), 0o600)
  const until = performance.now() + arrivesWithinMs
  while (!hasEnded(from, to, id) && performance.now() < until)
    await Promise.race([actor(to).online.changed(), sleep(200)])
  return { from, to, id }
}

async function play(resting: AbortSignal): Promise<void> {
  while (!resting.aborted && said.size < script.length) {
    await say().catch(() => null)
    await sleep(pauseMs)
  }
  if (!resting.aborted) playing = null
}

function setPlaying(isWanted: boolean): void {
  if (isWanted === (playing !== null)) return
  playing?.abort()
  playing = isWanted ? new AbortController() : null
  if (playing) void play(playing.signal)
}

function follow(from: string, to: string, id: string): Followed {
  const { device, departures } = actor(from)
  const ours = device.history.outgoing(to, id)
  const left = ours && departures.of(ours.row)
  return {
    written: ours?.text ?? null,
    received: actor(to).received(from, id)?.text ?? null,
    envelope: left && base64url(left.envelope),
    isHeldBack: Boolean(device.contacts.all().find(({ user }) => user === to)?.changed),
  }
}

function answer(ask: StageAsk): Promise<unknown> | Played | Followed | number | null {
  switch (ask.do) {
    case 'prepare':
      return prepareAll()
    case 'enter':
      return enterAll()
    case 'attend':
      attended = ask.people
      return null
    case 'learn':
      return learn(ask.epoch)
    case 'say':
      return say()
    case 'play':
      setPlaying(ask.isPlaying)
      return null
    case 'look':
      return { said: said.size, of: script.length, isPlaying: playing !== null }
    case 'follow':
      return follow(ask.from, ask.to, ask.id)
    case 'forget':
      return [...actors.values()].reduce((sum, one) => sum + one.forget(), 0)
  }
}

async function leave(): Promise<void> {
  setPlaying(false)
  await Promise.all([...actors.values()].map((one) => one.stop()))
  if (keep !== 'keep') rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

answerAsks(stageAskSchema, answer, () => void leave())
