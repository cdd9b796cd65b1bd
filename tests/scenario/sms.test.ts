import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { base64url, hex, utf8 } from '../../crypto/bytes.ts'
import { freePort } from '../support/free-port.ts'
import { carriedOut } from '../support/here.ts'
import { untilHistory } from '../support/history.ts'
import { isLong } from '../support/long.ts'
import { below, seededRandom } from '../support/random.ts'
import { command, type Program, program, scratch } from '../support/program.ts'
import { missing } from '../support/missing.ts'

/*
 * Real people's text messages through real processes, with all three killed on the way. A part of them here; all 5,574
 * with DOORMAT_SMS=5574, as `npm run test:long` does.
 */
const source = resolve(import.meta.dirname, '../../../shared/data/sms.tsv')
const wanted = Number(process.env['DOORMAT_SMS'] ?? 40)
const seed = Number(process.env['DOORMAT_SEED'] ?? 1)
/** in the first third, the second and the last */
const kills = isLong ? ([2, 2, 1] as const) : ([1, 1, 0] as const)
const [first, second, last] = kills
const killed = first + second + last
const skipped = missing(existsSync(source), 'the SMS Spam Collection is not at ../shared/data/sms.tsv')

describe.skipIf(skipped)(`real text messages${skipped}`, () => {
  const { path, remove } = scratch()
  afterAll(remove)

  it(
    `arrive equal, in order and once, though relay, sender and recipient are killed ${killed} times`,
    { timeout: 3_600_000 },
    async () => {
      const texts = readFileSync(source, 'utf8')
        .split('\n')
        .slice(0, wanted)
        .map((line) => line.slice(line.indexOf('\t') + 1))
        .filter(Boolean)
      const lines = texts.map((text, i) => `sms-${i}\t${text}\n`)
      const random = seededRandom(seed)
      const port = await freePort()
      const relayUrl = `http://127.0.0.1:${port}`
      const startRelay = async () => {
        const relay = program([
          'relay',
          '--dir',
          path('relay'),
          '--port',
          String(port),
          '--archive',
          path('passed.archive'),
          '--json',
          '--verbose',
        ])
        await relay.line('"url"')
        return relay
      }
      const logs: string[] = []
      let relay = await startRelay()
      for (const name of ['alice', 'bob'])
        await carriedOut(['register', name, '--no-passphrase', '--home', path(name), '--relay', relayUrl])
      await carriedOut(['authority', 'init', '--out', path('escrow.key')])
      await carriedOut(['authority', 'init', '--out', path('other.key')])
      const access = (...which: string[]) =>
        command(['access', ...which, '--relay', relayUrl, '--token-file', path('relay/operator.token')])

      const listen = () => program(['listen', '--home', path('bob'), '--json'])
      const send = (part: readonly string[]) =>
        program(['send', 'bob', '--stdin', '--ids', '--home', path('alice'), '--json'], { input: part.join('') })
      let listener = listen()
      const ended: Program[] = []

      /** Sends a part of the list, killing everybody on the way; the same lines again until the relay has them all. */
      async function sendAll(part: readonly string[], killing: number): Promise<void> {
        for (let killed = 0; ; killed++) {
          const sender = send(part)
          if (killed >= killing) {
            const code = await sender.ended
            if (code === 0) return
            // it waits for the relay for ten seconds, which a busy machine may take
            expect(code, sender.errors.join()).toBe(3)
            continue
          }
          await sender.line('"state":"sent"')
          await sleep(below(400, random))
          await Promise.all([sender.kill(), relay.kill(), listener.kill()])
          logs.push(...relay.errors)
          ended.push(sender, listener)
          relay = await startRelay()
          listener = listen()
        }
      }

      const third = Math.floor(lines.length / 3)
      await sendAll(lines.slice(0, third), first)
      await access('on', 'message-key-escrow', '--authority-key', path('escrow.key.pub'))
      await sendAll(lines.slice(third, 2 * third), second)
      await access('off')
      await sendAll(lines.slice(2 * third), last)

      const entries = await untilHistory(
        path('bob'),
        (all) => all.filter(({ kind }) => kind === 'message').length >= texts.length,
      )
      const messages = entries.filter(({ kind }) => kind === 'message')
      expect(messages.map(({ id }) => id)).toEqual(texts.map((_, i) => `sms-${i}`))
      expect(messages.map(({ text }) => text)).toEqual(texts)
      expect(entries.filter(({ kind }) => kind !== 'message' && kind !== 'access')).toEqual([])

      const open = (key: string, code: number) =>
        command(['authority', 'open', '--archive', path('passed.archive'), '--key', path(key), '--json'], { code })
      const opened = (await open('escrow.key', 0)).lines.map((line) => JSON.parse(line) as { id: string; text: string })
      const sealed = messages.filter(({ epoch }) => epoch === 2)
      expect(sealed.length).toBeGreaterThanOrEqual(third)
      expect(opened.map(({ id, text }) => [id, text])).toEqual(sealed.map(({ id, text }) => [id, text]))
      expect((await open('other.key', 5)).lines).toEqual([])

      await Promise.all([listener.kill('SIGTERM'), relay.kill('SIGTERM')])
      logs.push(...relay.errors)
      const files = [...readdirSync(path('relay')).map((name) => path(`relay/${name}`)), path('passed.archive')].map(
        (file) => readFileSync(file),
      )
      const haystacks = [...files, Buffer.from(logs.join('\n'))]
      const long = texts.filter((text) => utf8(text).length >= 12)
      expect(
        long.filter((text) => haystacks.some((bytes) => formsOf(text).some((form) => bytes.includes(form)))),
      ).toEqual([])
      expect(haystacks.some((bytes) => bytes.includes('alice'))).toBe(true)
    },
  )
})

const formsOf = (text: string) => [
  Buffer.from(text),
  Buffer.from(base64url(utf8(text)).slice(0, -2)),
  Buffer.from(hex(utf8(text))),
  Buffer.from(text, 'utf16le'),
]
