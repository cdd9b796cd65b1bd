import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { untilAllSent } from '../../client/cli/waiting.ts'
import type { Online } from '../../client/device/online.ts'
import { sqliteTables } from '../../client/device/sqlite/tables.ts'
import { storeOn } from '../../client/device/store.ts'
import { spoolFile } from '../../client/device/transfer.ts'
import { createUploaded } from '../../client/device/uploaded.ts'
import { databaseIn, hostAt } from '../../client/node/store.ts'
import { carriedOut, here } from '../support/here.ts'
import { seededRandom } from '../support/random.ts'
import { babble, wavOf } from '../support/sound.ts'
import { createWorld, type Person } from '../support/world.ts'
import { relayForCli } from '../support/world-cli.ts'

const random = seededRandom('files')

async function give(from: Person, sizeBytes: number) {
  const bytes = random(sizeBytes)
  const read = async (at: number, size: number) => bytes.subarray(at, at + size)
  const source = { name: 'notes.txt', type: 'text/plain', sizeBytes, read }
  return from.device.writeFile('bob', '', await spoolFile(from.device.spool, source, random))
}

describe('whoever waits for a file to go out', () => {
  it('is told that it is gone, and not that nobody has that name', async () => {
    const world = await createWorld('gone')
    const [alice] = await world.couple()
    await alice.goOffline()
    const message = await give(alice, 1000)
    for (const id of alice.device.spool.ids()) await alice.device.spool.remove(id)
    await alice.goOnline()
    const waiting = untilAllSent(alice.device, alice.online, 'bob', [message], () => undefined)
    await expect(waiting).rejects.toThrow(
      `1 of 1 not sent: the encrypted file is gone: ${join(alice.home, 'outgoing')}`,
    )
  })

  /** Another process of the device is connected. Each look at the clock takes four seconds. */
  function elsewhere(happens: (times: number) => void = () => undefined): Online {
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 4_000))
    onTestFinished(() => clock.mockRestore())
    let times = 0
    return {
      state: 'elsewhere',
      fault: null,
      async changed() {
        if (++times > 100) throw new Error('it waits for ever')
        happens(times)
      },
      stop: async () => undefined,
    }
  }

  it('gives up after ten seconds, too, where another process of the device is connected and brings no file', async () => {
    const world = await createWorld('elsewhere')
    const [alice] = await world.couple()
    await alice.goOffline()
    const message = await give(alice, 1000)
    const waiting = untilAllSent(alice.device, elsewhere(), 'bob', [message], () => undefined)
    await expect(waiting).rejects.toMatchObject({
      exitCode: 3,
      message:
        'the relay has not taken the file yet; the message is kept and will go out as soon as this device is online',
    })
  })

  it('is told why, where another process of the device is connected and the relay fails', async () => {
    const world = await createWorld('elsewhere fails')
    const [alice] = await world.couple()
    await alice.goOffline()
    const message = await give(alice, 1000)
    alice.device.history.notice('not-sent', 'bob', { text: 'internal' })
    const waiting = untilAllSent(alice.device, elsewhere(), 'bob', [message], () => undefined)
    await expect(waiting).rejects.toThrow('the relay has failed to take the file [internal]; the message is kept')
  })

  it('waits as long as another process of the device brings more of it, and no longer', async () => {
    const world = await createWorld('elsewhere goes on')
    const [alice] = await world.couple()
    await alice.goOffline()
    const message = await give(alice, 1000)
    const other = storeOn(sqliteTables(databaseIn(alice.home)), hostAt(alice.home))
    onTestFinished(() => other.close())
    const uploaded = createUploaded(other)
    const online = elsewhere((times) => {
      // from its beginning again, the second time
      uploaded.note({ row: message.row, done: 10 * (times <= 30 ? times : times - 30), of: 1000 })
      uploaded.share()
    })
    const told: number[] = []
    const waiting = untilAllSent(
      alice.device,
      online,
      'bob',
      [message],
      () => undefined,
      ({ done }) => void told.push(done),
    )
    await expect(waiting).rejects.toThrow('has taken no more for ten seconds; the message is kept')
    expect(told).toEqual(Array.from({ length: 30 }, (_, i) => 10 * (i + 1)))
  })

  it('is told how far it is where the relay takes no more of it, and not that its person cannot be reached', async () => {
    const world = await createWorld('slow')
    const [alice] = await world.couple()
    let now = performance.now()
    let stepMs = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += stepMs))
    onTestFinished(() => clock.mockRestore())
    let parts = 0
    alice.wire.lies.putBlob = () => {
      parts += 1
      if (parts === 1) return undefined
      stepMs = 4_000
      return new Promise(() => undefined)
    }
    const message = await give(alice, 200_000)
    await expect(untilAllSent(alice.device, alice.online, 'bob', [message], () => undefined)).rejects.toThrow(
      "the relay has 16 kB of the file's 229 kB, and has taken no more for ten seconds; the message is kept and will go out as soon as this device is online",
    )
  })
})

describe('on the command line', () => {
  let relay: Awaited<ReturnType<typeof relayForCli>>
  const home = (name: string) => ['--home', relay.path(name)]
  const changedAt = () => statSync(join(relay.path('alice'), 'outgoing')).mtimeMs

  beforeAll(async () => {
    relay = await relayForCli()
    for (const name of ['alice', 'bob'])
      await here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])
    writeFileSync(relay.path('map.txt'), 'the map')
    await here(['send', 'bob', 'here it is', '--file', relay.path('map.txt'), '--id', 'map', ...home('alice')])
  })
  afterAll(() => relay.stop())

  it('one saves what others have sent, and a file of one’s own only when its message is named', async () => {
    const place = relay.path('saved')
    mkdirSync(place)
    const own = await here(['save', 'bob', '--to', place, ...home('alice')])
    expect([own.code, own.stderr]).toEqual([
      1,
      'doormat: bob has sent you no file; you have sent one\ntry: doormat save bob --id map\n',
    ])
    expect(readdirSync(place)).toEqual([])
    const named = await here(['save', 'bob', '--id', 'map', '--to', place, ...home('alice')])
    expect([named.code, readFileSync(join(place, 'map.txt'), 'utf8')]).toEqual([0, 'the map'])
  })

  it('nothing is encrypted for what cannot be written down', async () => {
    writeFileSync(relay.path('other.txt'), 'other')
    const send = (text: string) => here(['send', 'bob', text, '--file', relay.path('other.txt'), ...home('alice')])
    const before = changedAt()
    expect((await send('x'.repeat(70_000))).stderr).toContain('[bad-text]')
    await here(['contacts', 'block', 'bob', ...home('alice')])
    expect((await send('')).stderr).toContain('[blocked]')
    // nothing has been there for a moment either
    expect(changedAt()).toBe(before)
    await here(['contacts', 'unblock', 'bob', ...home('alice')])
  })

  it('what somebody has left behind who was stopped is removed whenever the device is online', async () => {
    const old = join(relay.path('alice'), 'outgoing', 'ab'.repeat(32))
    writeFileSync(old, 'ciphertext')
    utimesSync(old, 0, 0)
    // what cannot be removed holds up nothing
    mkdirSync(join(relay.path('alice'), 'outgoing', 'cd'.repeat(32)))
    utimesSync(join(relay.path('alice'), 'outgoing', 'cd'.repeat(32)), 0, 0)
    const incoming = (mark: string) => {
      const folder = join(relay.path('alice'), 'incoming', mark)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(join(folder, 'ab'.repeat(32)), 'ciphertext')
      utimesSync(join(folder, 'ab'.repeat(32)), 0, 0)
    }
    // of a process that is gone, and of one that is there
    for (const mark of [`${2 ** 30}-1`, `${process.ppid}-1`]) incoming(mark)
    expect((await here(['send', 'bob', 'a text', ...home('alice')])).code).toBe(0)
    expect(readdirSync(join(relay.path('alice'), 'incoming'))).toEqual([`${process.ppid}-1`])
    expect(readdirSync(join(relay.path('alice'), 'outgoing'))).toEqual(['cd'.repeat(32)])
  })
})

describe('a voice message on the command line', () => {
  let relay: Awaited<ReturnType<typeof relayForCli>>
  const home = (name: string) => ['--home', relay.path(name)]

  beforeAll(async () => {
    relay = await relayForCli()
    for (const name of ['alice', 'bob'])
      await carriedOut(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])
    writeFileSync(relay.path('at-the-clinic.wav'), wavOf(babble(1.6, 16_000), { rateHz: 16_000 }))
  })
  afterAll(() => relay.stop())

  it('is made of a recording, shown with its length, and saved as what it is', async () => {
    const sent = await carriedOut(['send', 'bob', '--voice', relay.path('at-the-clinic.wav'), ...home('alice')])
    expect(sent.stderr).toContain('sent to bob: [voice message, 0:02, ')
    const place = relay.path('heard')
    mkdirSync(place)
    await carriedOut(['send', 'alice', 'go on', ...home('bob')])
    const listed = await carriedOut(['history', 'alice', ...home('bob')])
    expect(listed.stdout).toMatch(/alice.*: \[voice message, 0:02, 5\.\d kB\]/)
    const line = (await carriedOut(['history', 'alice', '--json', ...home('bob')])).stdout
      .split('\n')
      .flatMap((text) => (text === '' ? [] : [JSON.parse(text) as { attachment?: object }]))
      .find(({ attachment }) => attachment)
    expect(line?.attachment).toMatchObject({ name: 'voice-0m02s.ogg', type: 'audio/ogg', voiceMs: 1600 })
    await carriedOut(['save', 'alice', '--to', place, ...home('bob')])
    expect(readdirSync(place)).toEqual(['voice-0m02s.ogg'])
    const file = readFileSync(join(place, 'voice-0m02s.ogg'))
    expect([file.toString('latin1', 0, 4), file.includes('clinic')]).toEqual(['OggS', false])
  })

  it('is refused in words where there is no recording', async () => {
    writeFileSync(relay.path('no.wav'), 'no recording')
    const said = async (...words: readonly string[]) => (await here(['send', 'bob', ...words, ...home('alice')])).stderr
    expect(await said('--voice', relay.path('no.wav'))).toContain('no.wav: it is no WAV recording')
    expect(await said('--voice', relay.path('none.wav'))).toContain('none.wav')
    expect(await said('--voice', relay.path(''))).toContain('is no file')
    const both = ['--voice', relay.path('no.wav'), '--file', relay.path('no.wav')]
    expect(await said(...both)).toContain('a message has one file: give --file or --voice')
    expect(await said('--voice', relay.path('no.wav'), '--stdin')).toContain('are sent one after the other')
    expect(await said('--voice', relay.path('no.wav'), '--keep-metadata')).toContain('only used with --file')
  })
})

describe('the name of a file that is sent', () => {
  it('has at most 255 bytes, and its end; and is Unicode', async () => {
    const world = await createWorld('long names')
    const [alice] = await world.couple()
    const spool = alice.device.spool
    const sent = async (name: string) => {
      const source = { name, type: '', sizeBytes: 0, read: async () => new Uint8Array() }
      return alice.device.writeFile('bob', '', await spoolFile(spool, source, random)).attachment?.name ?? ''
    }
    const long = await sent(`${'ä'.repeat(200)}.tar.gz`)
    expect([Buffer.byteLength(long), long.endsWith('.gz')]).toEqual([255, true])
    expect(await sent('a\ud800.txt')).toBe('a\ufffd.txt')
  })

  it('is refused in words where somebody else has made it longer', async () => {
    const world = await createWorld('names')
    const [alice] = await world.couple()
    const { attachment } = await give(alice, 10)
    if (!attachment) throw new Error('no file')
    expect(() => alice.device.writeFile('bob', '', { ...attachment, name: 'n'.repeat(256) })).toThrow(
      'the name of a file is 1 to 255 bytes of UTF-8',
    )
  })
})
