import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { folder } from '../support/relay-folder.ts'
import { pipe } from '../support/pipes.ts'
import { program } from '../support/program.ts'
import { streamed, type Streamed } from '../support/streams.ts'
import { few, isLong } from '../support/long.ts'

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await sleep(10)
}

const within = (path: string): string[] => readdirSync(path, { recursive: true }).map(String)
const hasKeys = (path: string) => within(path).some((name) => name.endsWith('operator.token'))

/** A demo whose relay has its keys, with a temporary folder of its own. */
async function demoIn(temporary: string, stdout?: number): Promise<Streamed> {
  const streams = stdout === undefined ? {} : { stdout }
  for (;;) {
    const demo = streamed(['demo', '--yes'], streams, { env: { TMPDIR: temporary } })
    const isOver = () => demo.child.exitCode !== null
    await until(() => hasKeys(temporary) || isOver())
    // on a busy machine one can give up on its relay, or be over before anybody has seen its keys
    if (!isOver()) return demo
  }
}

/** Sends them again and again until the process has ended. */
async function insist({ child, ended }: Streamed, signals: readonly NodeJS.Signals[]): Promise<unknown> {
  for (let i = 0; child.exitCode === null && child.signalCode === null; i++) {
    child.kill(signals[i % signals.length])
    await sleep(1)
  }
  return ended
}

/** How a process can be ended by somebody else, who may be impatient. */
const ends: Readonly<Record<string, readonly NodeJS.Signals[]>> = {
  'when its terminal is closed': ['SIGHUP'],
  'when it is asked to end in every other way at once': ['SIGINT', 'SIGHUP', 'SIGTERM'],
}

describe('the demo', () => {
  it.each(few(Object.entries(ends), 1))('leaves no folder and no keys %s', async (_how, signals) => {
    const temporary = folder()
    const demo = await demoIn(temporary)
    expect(await insist(demo, signals)).toBe(1)
    expect(demo.errors).toEqual(['interrupted; nothing is left behind'])
    expect(readdirSync(temporary)).toEqual([])
  })

  it.skipIf(!isLong)('(in test:long) leaves no folder and no keys when nobody reads on, and ends quietly', async () => {
    const temporary = folder()
    const output = pipe()
    const demo = await demoIn(temporary, output.writer)
    output.leave('writer')
    output.leave('reader')
    expect(await demo.ended).toBe(0)
    expect(demo.errors).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  })

  it('removes what one before it left that was killed, and nothing else', async () => {
    const temporary = folder()
    const killed = await demoIn(temporary)
    killed.child.kill('SIGKILL')
    await killed.ended
    const left = readdirSync(temporary)
    expect(left).toHaveLength(1)
    mkdirSync(`${temporary}/doormat-of-somebody`, { mode: 0o700 })
    const living = await demoIn(temporary)
    await until(() => left.every((name) => !existsSync(`${temporary}/${name}`)))
    const second = await demoIn(temporary)
    await until(() => readdirSync(temporary).length === 3)
    for (const demo of [second, living]) {
      demo.child.kill('SIGTERM')
      expect(await demo.ended).toBe(1)
    }
    expect(readdirSync(temporary)).toEqual(['doormat-of-somebody'])
  })

  it.skipIf(!isLong)(
    '(in test:long) ends when nobody reads on at its last screen, where a server is its own',
    async () => {
      const demo = program(['demo', '--yes'], { env: { TMPDIR: folder() } })
      await demo.line('6 of 6.')
      demo.child.stdout?.destroy()
      expect(await demo.ended).toBe(0)
    },
  )
})

describe('an exercise', () => {
  it('that is broken off leaves nothing of its run', async () => {
    const place = folder()
    const isUnfinished = () => readdirSync(place).some((name) => name.includes('unfinished'))
    // one that has come to its end before anybody saw it begin says nothing
    for (let code: unknown = 0; code === 0;) {
      const exercise = streamed(['exercise', 'start', 'safety', '--again', '--dir', place], {})
      await until(() => isUnfinished() || exercise.child.exitCode !== null)
      exercise.child.kill('SIGHUP')
      code = await exercise.ended
      expect([0, 1]).toContain(code)
    }
    expect(isUnfinished()).toBe(false)
  })
})

/** The first that is made in a folder from now on, however soon it goes again. */
const newIn = (path: string) =>
  new Promise<string>((resolve) => {
    const watcher = watch(path, (_change, name) => {
      watcher.close()
      resolve(join(path, String(name)))
    })
  })

describe('the lab', () => {
  it('leaves no copy of a device in the temporary folder when its terminal is closed', async () => {
    const temporary = folder()
    // two people, whose world is played sooner than the built-in one, and then read for longer than it takes to be told
    const place = folder()
    const edges = Array.from({ length: 100 }, (_, i) => `${i % 2} ${(i + 1) % 2} ${(24 + i) * 3600}`)
    writeFileSync(join(place, 'edges'), edges.join('\n'))
    writeFileSync(join(place, 'texts'), 'hello\n')
    const replay = ['lab', 'replay', '--dataset', join(place, 'edges'), '--text', join(place, 'texts')]
    const lab = streamed(replay, {}, { env: { TMPDIR: temporary } })
    const ofProcess = await newIn(temporary)
    // a copy lies there for some milliseconds, while its bytes are looked through
    await Promise.race([newIn(ofProcess), lab.ended])
    lab.child.kill('SIGHUP')
    expect(await lab.ended).toBe(1)
    expect(readdirSync(temporary)).toEqual([])
  })
})
