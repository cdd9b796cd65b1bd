import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pipe } from '../support/pipes.ts'
import { bin } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'

/** A relay that logs every request there. */
async function relayLoggingTo(stderr: number) {
  const args = [bin, 'relay', '--dir', folder(), '--port', '0', '--json', '--verbose']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', stderr] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  const [line] = (await once(createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }), 'line')) as [
    string,
  ]
  const { url } = JSON.parse(line) as { url: string }
  return {
    ask: async () => (await fetch(`${url}/v1/relay`)).status,
    /** @returns how it ended when it was asked to */
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

type Asking = Awaited<ReturnType<typeof relayLoggingTo>>

async function serves(relay: Asking, requests: number): Promise<void> {
  for (let asked = 0; asked < requests; asked += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, relay.ask))
    expect(new Set(answers)).toEqual(new Set([200]))
  }
}

/** More lines than a pipe takes. */
const pipeful = 1_000

describe('a relay whose log', () => {
  it('is on a full disk goes on serving, and ends when it is asked to', async () => {
    const full = openSync('/dev/full', 'w')
    const relay = await relayLoggingTo(full)
    closeSync(full)
    await serves(relay, 100)
    expect(await relay.stop()).toBe(0)
  })

  it('is a pipe that nobody reads any more goes on serving, and ends when it is asked to', async () => {
    const log = pipe()
    const relay = await relayLoggingTo(log.writer)
    log.leave('writer')
    await serves(relay, 50)
    log.leave('reader')
    await serves(relay, 100)
    expect(await relay.stop()).toBe(0)
  })

  it('is a pipe whose reader has stopped goes on serving, and ends when it is asked to', async () => {
    const log = pipe()
    const relay = await relayLoggingTo(log.writer)
    await serves(relay, pipeful)
    expect(await relay.stop()).toBe(0)
    log.leave('writer')
    log.leave('reader')
  })

  it('could not be written for a while says afterwards how many lines are missing, and has no half of a line', async () => {
    const log = pipe()
    const relay = await relayLoggingTo(log.writer)
    await serves(relay, pipeful)
    const before = log.drain()
    await serves(relay, 50)
    // a request has its line after its answer: the last of them are there once the relay has ended
    expect(await relay.stop()).toBe(0)
    const lines = `${before}${log.drain()}`.split('\n').filter((line) => line.startsWith('{'))
    const entries = lines.map((line) => JSON.parse(line) as { msg: string; lost?: number })
    const [gap, ...others] = entries.filter(({ lost }) => lost !== undefined)
    expect(others).toEqual([])
    expect(gap?.msg).toBe('lines are missing here: the log could not be written')
    const requests = entries.filter(({ msg }) => msg === 'request').length
    expect(requests + (gap?.lost ?? 0)).toBeGreaterThanOrEqual(pipeful + 50)
    log.leave('writer')
    log.leave('reader')
  })
})
