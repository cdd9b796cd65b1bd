import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { relayAt } from '../../client/node/relay.ts'
import { at } from './at.ts'
import { openLine } from './campaign-line.ts'
import { createLives } from './campaign-lives.ts'
import { frameKinds, openMiddle } from './campaign-middle.ts'
import { freePort } from './free-port.ts'
import { type Entry, historyOf } from './history.ts'
import { command, preload, type Program, program } from './program.ts'
import { below, seededRandom } from './random.ts'
import { hangMs } from './hang.ts'

export interface CampaignOptions {
  readonly seed: number
  readonly kills: number
  /** whether whole envelopes are doubled, held back, reordered and dropped; else connections are cut, delayed and stalled */
  readonly hostile: boolean
  /** where a file of this name is */
  readonly path: (name: string) => string
}

const people = ['alice', 'bob', 'carol'] as const
/** who writes to whom */
const correspondences = [
  ['alice', 'bob'],
  ['bob', 'alice'],
  ['carol', 'bob'],
] as const

/** So many frames of one kind come between two blows, or so much time passes. */
const framesMaximum = 12
const patienceMs = 3_000

const batchMaximum = 40
const paddingMaximum = 600
const switchEveryMs = 3_000

export interface Person {
  readonly name: string
  readonly history: readonly Entry[]
  /** what `listen` printed, over all its lives */
  readonly heard: readonly Entry[]
}

/** What one person wrote to another: ids, in the order of writing, and those of which `send` said that the relay has them. */
export interface Letters {
  readonly from: string
  readonly to: string
  readonly written: string[]
  readonly acknowledged: Set<string>
}

/**
 * People who write to each other through a relay, while processes of all three kinds are killed, at random moments and
 * at random points of their writing, and the way to the relay is bad. At the end it is calm, and everything settles.
 */
export async function campaign({ seed, kills, hostile, path }: CampaignOptions) {
  const chance = (what: string) => seededRandom(`campaign ${seed}, ${what}`)
  const relayPort = await freePort()
  const middle = await openMiddle(relayPort, chance('middle'))
  const line = await openLine(middle.port, chance('line'))
  const lives = createLives(path('keys'))
  const { state } = lives
  const relayArgs = [
    'relay',
    '--dir',
    path('relay'),
    '--port',
    String(relayPort),
    '--archive',
    path('archive'),
    '--json',
  ]

  async function prepare(): Promise<void> {
    const relay = program(relayArgs)
    await relay.line('"url"')
    const env = { ...preload('preload-keys.mjs'), DOORMAT_TEST_KEYS: path('keys') }
    const url = `http://127.0.0.1:${line.port}`
    await Promise.all(
      people.map((name) =>
        command(['register', name, '--no-passphrase', '--home', path(name), '--relay', url], { env }),
      ),
    )
    await relay.kill()
  }

  async function runRelay(): Promise<void> {
    const random = chance('relay')
    while (!state.over) await lives.begin('relay', 'relay', relayArgs, random).ended
  }

  const heard = new Map<string, Entry[]>(people.map((name) => [name, []]))
  const listeners = new Map<string, Program>()

  async function runListener(name: string): Promise<void> {
    const random = chance(`${name} listens`)
    const entries = heard.get(name) ?? []
    while (!state.over) {
      const since = String(entries.at(-1)?.sequence ?? 0)
      const listener = lives.begin('listen', name, ['listen', '--json', '--since', since, '--home', path(name)], random)
      listeners.set(name, listener)
      await listener.ended
      entries.push(...wholeLines(listener).map((text) => JSON.parse(text) as Entry))
    }
  }

  /** Batch by batch, each again and again until it is acknowledged, as somebody does who does not know how far it got. */
  async function runSender({ from, to, written, acknowledged }: Letters): Promise<void> {
    const random = chance(`${from} writes to ${to}`)
    for (let last = false; !last && !state.over;) {
      last = state.calm
      const count = last ? 1 : 1 + below(batchMaximum, random)
      const ids = Array.from({ length: count }, (_, i) => `${from}-${to}-${written.length + i}`)
      written.push(...ids)
      const input = ids.map((id) => `${id}\t${id} ${'x'.repeat(below(paddingMaximum, random))}\n`).join('')
      const args = ['send', to, '--stdin', '--ids', '--json', '--home', path(from)]
      while (!state.over && !ids.every((id) => acknowledged.has(id))) {
        const sender = lives.begin('send', from, args, random, input)
        await sender.ended
        for (const { id, state } of wholeLines(sender).map((text) => JSON.parse(text) as { id: string; state: string }))
          if (state !== 'failed') acknowledged.add(id)
        lives.check()
      }
    }
  }

  /** Kills whoever a frame has just come from or is on its way to, or the relay, or both. */
  async function killSomebody(): Promise<void> {
    const random = chance('killer')
    while (lives.killCount() < kills && !state.over) {
      const whose = await middle.frames(
        at(frameKinds, below(frameKinds.length, random)),
        1 + below(framesMaximum, random),
        patienceMs,
      )
      await lives.kill(...at([[whose], [whose], ['relay'], ['relay', whose]], below(4, random)))
      lives.check()
    }
    setCalm(true)
  }

  function setCalm(calm: boolean): void {
    state.calm = calm
    if (hostile) middle.state.calm = calm
    else line.state.calm = calm
  }

  /** The operator puts the key under the mat and takes it away again, each time at once: what was sealed before is stale. */
  async function switchAccess(): Promise<void> {
    const random = chance('operator')
    const relay = relayAt(`http://127.0.0.1:${relayPort}`)
    const { parameters } = messageKeyEscrow.setup(chance('custodian'))
    const token = readFileSync(path('relay/operator.token'), 'utf8').trim()
    while (!state.calm && !state.over) {
      await sleep(below(switchEveryMs, random))
      for (const mode of [messageKeyEscrow.id, 'none'])
        // the relay may be dead
        await relay.switchAccess(token, mode, mode === 'none' ? new Uint8Array() : parameters).catch(() => undefined)
    }
  }

  const hasHeard = (name: string, id: string) =>
    (heard.get(name) ?? []).some((entry) => entry.id === id) ||
    listeners.get(name)?.lines.some((text) => text.includes(`"id":"${id}"`))

  /** Waits until everybody has heard what was the last to be written to them. */
  async function settle(): Promise<void> {
    const end = Date.now() + hangMs
    for (const { to, written } of letters)
      while (!hasHeard(to, written.at(-1) ?? '')) {
        if (Date.now() > end) throw new Error(`${to} never got ${written.at(-1)}`)
        await sleep(50)
      }
  }

  const letters = correspondences.map(([from, to]): Letters => ({ from, to, written: [], acknowledged: new Set() }))
  try {
    await prepare()
    setCalm(false)
    const background = [runRelay(), ...people.map(runListener)]
    await Promise.all([killSomebody(), switchAccess(), ...letters.map(runSender)])
    await settle()
    await lives.end('SIGTERM')
    await Promise.all(background)
    const persons = people.map(async (name): Promise<Person> => ({
      name,
      history: await historyOf(path(name)),
      heard: heard.get(name) ?? [],
    }))
    const network = { ...middle.state, ...line.state }
    const { submitted, delivered } = middle
    return { people: await Promise.all(persons), letters, killed: lives.killed, network, submitted, delivered }
  } finally {
    await lives.end('SIGKILL')
    line.close()
    middle.close()
  }
}

/** A process that is killed may leave a piece of a line. */
const wholeLines = ({ lines }: Program): readonly string[] => lines.filter((line) => line.endsWith('}'))
