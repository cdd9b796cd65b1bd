import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { few } from '../support/long.ts'
import { preload, program } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess, settle, upgrade } from '../support/relay-process.ts'
import { addressOf, answerTo, publish, readBy, signIn } from '../support/relay.ts'

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** Somebody who connects, says this much, and answers nothing. */
async function mute(url: string, words: string): Promise<void> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(words)
}

/** Whether somebody listens there; stays connected if so. */
function isTaken(port: number, address: string): Promise<boolean> {
  const socket = connect(port, address)
  onTestFinished(() => void socket.destroy())
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
  })
}

describe('the relay as a program', () => {
  it('keeps its files to its owner, whatever the umask and the folder are', async () => {
    const directory = join(folder(), 'relay')
    mkdirSync(directory, { mode: 0o755 })
    const umask = process.umask(0)
    const starting = relayProcess(directory, '--archive', join(directory, 'passed.archive'))
    process.umask(umask)
    await settle((await starting).relay, 'files')
    expect(mode(directory)).toBe('755')
    const modes = Object.fromEntries(readdirSync(directory).map((name) => [name, mode(join(directory, name))]))
    const names = [
      'operator.token',
      'passed.archive',
      'policy.key',
      'policy.key.pub',
      'relay.db',
      'relay.db-shm',
      'relay.db-wal',
      'relay.lock',
    ]
    expect(modes).toEqual(Object.fromEntries(names.map((name) => [name, '600'])))
  })

  it('keeps no archive unless it is told to, and tells everybody which', async () => {
    const directory = folder()
    const without = await relayProcess(join(directory, 'without'))
    const archiving = await relayProcess(join(directory, 'with'), '--archive', join(directory, 'passed.archive'))
    expect([(await without.relay.access()).archive, (await archiving.relay.access()).archive]).toEqual([false, true])
    expect(new Set(readdirSync(directory))).toEqual(new Set(['passed.archive', 'with', 'without']))
  })

  it('listens beyond this machine only with TLS, or where it is told that the network is trusted', async () => {
    const directory = join(folder(), 'relay')
    const refusals = few(['0.0.0.0', '', '::', '127.0.0.1.example'], 2).map((host) =>
      program(['relay', '--dir', directory, '--port', '0', '--host', host]),
    )
    for (const { ended, errors } of refusals) {
      expect(await ended).toBe(1)
      expect(errors.at(-1)).toMatch(/^try: doormat relay --host .*--tls-cert FILE --tls-key FILE$/)
    }
    expect(existsSync(directory)).toBe(false)
    const trusted = await relayProcess(directory, '--host', '0.0.0.0', '--trusted-network')
    expect((await trusted.relay.access()).mode).toBe('none')
  })

  it('ends with code 3 where its port is taken', async () => {
    const directory = folder()
    const first = await relayProcess(join(directory, 'first'))
    const second = program(['relay', '--dir', join(directory, 'second'), '--port', new URL(first.url).port])
    expect(await second.ended).toBe(3)
    expect(second.errors.join()).toContain('another program, perhaps another relay, listens on port')
    expect((await first.relay.access()).mode).toBe('none')
  })

  it('ends with code 0 after SIGTERM, whoever is connected and does not go', async () => {
    const running = await relayProcess(folder())
    const { alice, bob } = await settle(running.relay, 'leaving')
    const devices = [await signIn(running.relay, alice), await signIn(running.relay, bob)]
    for (const words of ['', 'GET /v1/relay HTTP/1.1\r\nHo', upgrade('/v1/socket'), upgrade('/%zz')])
      await mute(running.url, words)
    expect(await running.kill('SIGTERM')).toBe(0)
    for (const device of devices) expect(await device.over()).toMatchObject({ code: 'unreachable' })
  })

  it.runIf(existsSync('/proc/self/status'))(
    'holds little for strangers, whatever they begin and do not end',
    async () => {
      const running = await relayProcess(folder())
      const residentBytes = () =>
        1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8'))?.[1])
      const before = residentBytes()
      const body = 'x'.repeat(1_400_000)
      const head = (line: string, sizeBytes: number) =>
        `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${sizeBytes}\r\n\r\n`
      for (let i = 0; i < 400; i++) {
        await mute(running.url, head('POST /v1/taps', 1_500_000) + body)
        await mute(running.url, head(`PUT /v1/links/${'A'.repeat(43)}/1`, 80_001) + body.slice(0, 80_000))
      }
      for (let i = 0; i < 20; i++) expect((await running.relay.access()).mode).toBe('none')
      expect((residentBytes() - before) / 2 ** 20).toBeLessThan(250)
    },
  )

  it('listens once where a name means several addresses, and ends whoever is connected there', async () => {
    const args = ['relay', '--dir', folder(), '--port', '0', '--host', 'localhost', '--json']
    const running = program(args, { env: preload('preload-hosts.mjs') })
    onTestFinished(() => void running.child.kill('SIGKILL'))
    const { url } = JSON.parse(await running.line('{"url":')) as { url: string }
    const { port } = new URL(url)
    const taken = await Promise.all(['127.0.0.1', '127.0.0.2'].map((address) => isTaken(Number(port), address)))
    expect(taken).toEqual([true, false])
    await mute(url, '')
    expect(await running.kill('SIGTERM')).toBe(0)
  })

  it('has after SIGKILL all that it had accepted, once, and is the same relay', async () => {
    const directory = folder()
    const first = await relayProcess(directory)
    const policyKey = await first.relay.policyKey()
    const { alice, bob, toBob } = await settle(first.relay, 'killed')
    const [alices, bobs] = [await signIn(first.relay, alice), await signIn(first.relay, bob)]
    await publish(bobs.connection, bob)
    await bobs.connection.bundle(addressOf(bob))
    bobs.connection.close()
    const letters = Array.from({ length: 400 }, (_, i) => toBob(i + 1, `letter ${i + 1}`))
    const answers = letters.map((letter) => answerTo(alices.connection.submit(letter)))
    await answers[0]
    expect(await first.kill('SIGKILL')).toBe('SIGKILL')
    const accepted = (await Promise.all(answers)).lastIndexOf('done') + 1

    const { relay, token } = await relayProcess(directory)
    expect([await relay.policyKey(), token]).toEqual([policyKey, first.token])
    const [again, reader] = [await signIn(relay, alice), await signIn(relay, bob)]
    expect(await reader.connection.countPrekeys()).toMatchObject({ oneTime: 0, kemOneTime: 0 })
    expect((await again.connection.sent())[0]?.counter).toBeGreaterThanOrEqual(Math.max(accepted, 1))
    await Promise.all(letters.map((letter) => again.connection.submit(letter)))
    await reader.delivered(200)
    await reader.connection.acknowledge(200)
    expect(readBy(bob, await reader.delivered(400))).toEqual(letters.map((_, i) => `letter ${i + 1}`))
    await reader.settled()
    expect(reader.mail).toHaveLength(400)
  })
})
