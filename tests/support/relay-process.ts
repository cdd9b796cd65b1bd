import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { followPolicy } from '../../crypto/policy.ts'
import { relayAt } from '../../client/node/relay.ts'
import type { Relay } from '../../server/api.ts'
import { at } from './at.ts'
import { couple } from './couple.ts'
import { freePort } from './free-port.ts'
import { program } from './program.ts'
import { addressOf } from './relay.ts'

/** A relay as the program runs it, in a process of its own. It can come back to its port: no other test is given it. */
export async function relayProcess(directory: string, ...flags: string[]) {
  const running = program(['relay', '--dir', directory, '--port', String(await freePort()), '--json', ...flags])
  onTestFinished(() => void running.child.kill('SIGKILL'))
  const { url, operatorTokenFile } = JSON.parse(await running.line('{"url":')) as Record<string, string>
  if (!url || !operatorTokenFile) throw new Error('the relay does not say where it listens')
  return { ...running, url, relay: relayAt(url), token: readFileSync(operatorTokenFile, 'utf8').trim() }
}

/** The bytes of those of a relay's files that there are, and of its archive. */
export const filesOf = (directory: string, archive: string): Buffer =>
  Buffer.concat(
    [...['relay.db', 'relay.db-wal', 'relay.db-shm'].map((name) => join(directory, name)), archive]
      .filter((path) => existsSync(path))
      .map((path) => readFileSync(path)),
  )

/** Every form in which a text of 12 bytes or more could stand somewhere: as it is, in hex, in UTF-16, and in base64 at each of its three places. */
export function disguises(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const utf16 = Buffer.from(text, 'utf16le')
  const encoded = [0, 1, 2].flatMap((offset) => {
    const whole = bytes.subarray(0, bytes.length - ((bytes.length + offset) % 3))
    const shifted = Buffer.concat([Buffer.alloc(offset), whole])
    return [shifted.toString('base64'), shifted.toString('base64url')].map((form) =>
      Buffer.from(form.slice(offset && 4)),
    )
  })
  return [
    bytes,
    Buffer.from(bytes.toString('hex')),
    Buffer.from(bytes.toString('hex').toUpperCase()),
    utf16,
    utf16.subarray(1),
    ...encoded,
  ]
}

/** Which of these texts stand in there, in whatever form. */
export const foundIn = (haystack: Buffer, texts: readonly string[]): string[] =>
  texts.filter((text) => disguises(text).some((form) => haystack.includes(form)))

/** Two people registered there, and what Alice submits to Bob. */
export async function settle(relay: Relay, seed: string) {
  const { alice, bob, random } = couple(seed)
  for (const { signedList } of [alice, bob]) await relay.register(signedList)
  const policy = followPolicy(null, at(await relay.policies(0), 0), await relay.policyKey())
  const toBob = (counter: number, text: string) => ({
    to: addressOf(bob),
    counter,
    envelope: alice.send(text, policy.reference),
  })
  return { alice, bob, random, toBob }
}

/** The words with which a WebSocket begins. */
export const upgrade = (path: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '\r\n',
  ].join('\r\n')
