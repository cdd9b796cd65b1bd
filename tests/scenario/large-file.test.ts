import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isLong } from '../support/long.ts'
import type { Program } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { town } from '../support/town.ts'

/* A file on its way, while whoever carries it is killed. */

const [sizeBytes, kills] = isLong ? [64 * 1024 * 1024, 10] : [3 * 1024 * 1024, 2]
const memoryMaximumKiB = 200 * 1024
const canarySizeBytes = 64

const { path, start, startRelay, register, receives } = town()
const homeOf = { alice: path('alice'), bob: path('bob') }

/** The largest resident memory of a process so far, in KiB; 0 where the system does not say. */
function peakOf({ child }: Program): number {
  const status = `/proc/${child.pid}/status`
  return existsSync(status) ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0) : 0
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** How much lies in a folder of blobs. A sender that is killed before there is a message begins another. */
const sizeIn = (folder: string): number =>
  existsSync(folder)
    ? filesIn(folder).reduce((sum, name) => sum + (statSync(name, { throwIfNoEntry: false })?.size ?? 0), 0)
    : 0

it(
  `of ${sizeBytes} bytes arrives equal, in one piece, in little memory, and the relay never has a word of it`,
  { timeout: isLong ? 900_000 : 120_000 },
  async () => {
    const random = seededRandom('a large file')
    const file = Buffer.alloc(sizeBytes)
    for (let at = 0; at < sizeBytes; at += 1024 * 1024) random(1024 * 1024).forEach((byte, i) => (file[at + i] = byte))
    const canaries = [0, sizeBytes / 2, sizeBytes - canarySizeBytes].map((at) =>
      file.subarray(at, at + canarySizeBytes),
    )
    let relay = await startRelay()
    for (const name of ['alice', 'bob']) await register(name)
    writeFileSync(path('film.bin'), file)
    let peak = 0
    const seen = (...programs: readonly Program[]) => (peak = Math.max(peak, ...programs.map(peakOf)))

    /** Whoever ends without having been killed has given up, and no test may start them again. */
    function checkCarrier({ child, errors }: Program): void {
      expect(child.exitCode === 0 || child.exitCode === null, errors.join(' / ')).toBe(true)
    }

    /** Kills one of two at a time, wherever so much more has come; whoever is killed is started again, until all is there. */
    async function carried(
      folder: string,
      isThere: () => boolean,
      begin: () => Program,
      killed: (share: number) => boolean,
    ) {
      let carrier = begin()
      for (let kill = 1; kill <= kills && !isThere(); kill++) {
        const from = sizeIn(folder)
        const until = Math.min(sizeBytes - 1, from + (random(1)[0] ?? 0) * (sizeBytes / kills / 300))
        while (sizeIn(folder) <= until && !isThere()) {
          seen(relay, carrier)
          checkCarrier(carrier)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
        if (killed(kill)) {
          await relay.kill()
          relay = await startRelay()
        } else {
          await carrier.kill()
          carrier = begin()
        }
      }
      return carrier
    }

    const isSent = () => false
    const send = () =>
      start(['send', 'bob', 'the film', '--file', path('film.bin'), '--id', 'film', '--home', homeOf.alice])
    const sender = await carried(path('relay/blobs'), isSent, send, (kill) => kill % 2 === 0)
    const listener = start(['listen', '--home', homeOf.alice])
    await receives(homeOf.bob, ['film'])
    seen(sender, listener, relay)
    await listener.kill('SIGTERM')

    mkdirSync(path('saved'))
    const saved = () => readdirSync(path('saved')).includes('film.bin')
    const save = () => start(['save', 'alice', '--to', path('saved'), '--home', homeOf.bob])
    const saver = await carried(path('bob/incoming'), saved, save, (kill) => kill % 2 === 1)
    while (!saved()) {
      seen(saver, relay)
      checkCarrier(saver)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(await saver.ended, saver.errors.join(' / ')).toBe(0)
    expect(readFileSync(path('saved/film.bin')).equals(file)).toBe(true)
    expect(readdirSync(path('saved'))).toEqual(['film.bin'])
    expect(filesIn(path('alice/outgoing'))).toEqual([])
    expect(filesIn(path('bob/incoming'))).toEqual([])

    const relayFiles = filesIn(path('relay'))
    expect(relayFiles.some((name) => name.includes('/blobs/'))).toBe(true)
    for (const name of relayFiles) {
      const bytes = readFileSync(name)
      for (const canary of canaries) expect(bytes.includes(canary), name).toBe(false)
    }
    expect(peak).toBeLessThan(memoryMaximumKiB)
  },
)
