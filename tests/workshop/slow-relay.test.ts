import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { startHelper } from '../../client/node/asking.ts'
import { followedSchema, spokenSchema, type StageAsk } from '../../client/stage/words.ts'
import { bin } from '../support/program.ts'
import { relayProcess } from '../support/relay-process.ts'

/** Longer than the stage once waited for a message. */
const pauseMs = 7_000

describe('a relay that stands still for a while', () => {
  it('is waited for: what was said has arrived when the room is told of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doormat-slow-'))
    const relay = await relayProcess(join(folder, 'relay'))
    const args = [join(folder, 'stage'), relay.url, '', 'ordinary', '']
    const stage = startHelper<StageAsk>(pathToFileURL(join(bin, '../workshop-stage.js')), args, 'the stage')
    onTestFinished(async () => {
      await stage.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    await stage.ask({ do: 'prepare' }, z.record(z.string(), z.string()))
    await stage.ask({ do: 'enter' }, z.null())
    relay.child.kill('SIGSTOP')
    const saying = stage.ask({ do: 'say' }, spokenSchema)
    await sleep(pauseMs)
    relay.child.kill('SIGCONT')
    const followed = await stage.ask({ do: 'follow', ...(await saying) }, followedSchema)
    expect(followed.received).toBe(followed.written)
    expect(followed.envelope).not.toBeNull()
  })
})
