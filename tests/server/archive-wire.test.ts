import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { archiveMagic, decodeRecord, splitRecords } from '../../crypto/access/archive.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { base64url, hex } from '../../crypto/bytes.ts'
import { systemRandom } from '../../crypto/random.ts'
import { type Device, openDevice } from '../../client/device/device.ts'
import { registerDevice } from '../../client/device/registration.ts'
import { goOnline, type Online } from '../../client/device/online.ts'
import { relayAt } from '../../client/node/relay.ts'
import { openStore } from '../../client/node/store.ts'
import { decodeDelivery, decodeSubmission, encodeSubmission, type Submission } from '../../server/api.ts'
import { openArchive } from '../../server/archive.ts'
import { folder } from '../support/relay-folder.ts'
import { inProcess, listening, operatorToken, postOffice } from '../support/relay.ts'
import { rawSocket } from '../support/relay-socket.ts'
import { messagesIn, type Recording, recordingProxy } from '../support/relay-wire.ts'

/** Somebody with a device as the program has it. */
async function deviceAt(url: string, name: string) {
  const home = folder()
  const store = openStore(home)
  await registerDevice(
    store,
    name,
    { relayUrl: url, relayCa: null },
    relayAt(url),
    { refusesAccess: false, receipts: false },
    systemRandom,
  )
  const device = openDevice(store, { joinMode, random: systemRandom, clock: Date.now })
  const online = goOnline(device, relayAt(url), systemRandom, Date.now)
  onTestFinished(async () => {
    await online.stop()
    store.close()
  })
  return { device, online }
}

const textsFrom = (device: Device, peer: string) =>
  device.history
    .after(0, peer, 1000)
    .flatMap((entry) => (entry.kind === 'message' && entry.direction === 'in' ? entry.text : []))

async function untilRead({ device, online }: { device: Device; online: Online }, peer: string, text: string) {
  while (!textsFrom(device, peer).includes(text)) await online.changed()
}

/** One device's connection, taken apart: who it was, what it submitted with which answer, what it was delivered. */
function takenApart({ up, down }: Recording) {
  const [sent, got] = [messagesIn(up), messagesIn(down)]
  const textsOf = (messages: typeof sent) =>
    messages
      .filter(({ isBinary }) => !isBinary)
      .map(({ payload }) => JSON.parse(String(payload)) as Record<string, unknown>)
  const binariesOf = (messages: typeof sent) =>
    messages.filter(({ isBinary }) => isBinary).map(({ payload }) => payload)
  const hello = textsOf(sent).find(({ type }) => type === 'authenticate')
  const from = `${String(hello?.['user'])} ${String(hello?.['device'])}`
  const done = new Set(textsOf(got).flatMap(({ type, ref }) => (type === 'done' ? [ref] : [])))
  const submissions = binariesOf(sent).map(decodeSubmission)
  return {
    submitted: submissions.map(({ submission }) => submission.envelope),
    accepted: submissions.filter(({ ref }) => done.has(ref)).map(({ submission }) => lineOf(from, submission)),
    refused: submissions.filter(({ ref }) => !done.has(ref)).length,
    delivered: binariesOf(got).map((frame) => decodeDelivery(frame).envelope),
    inPieces: sent.some(({ pieces }) => pieces > 1),
  }
}

const lineOf = (from: string, { to, envelope }: Omit<Submission, 'counter'>) =>
  `${from} > ${to.user} ${base64url(to.device)}: ${hex(envelope)}`

describe('the archive beside what passed on the wire', () => {
  it('holds every envelope that was accepted there, and nothing else', async () => {
    const path = join(folder(), 'passed.archive')
    const office = await postOffice('wire', inProcess, { archive: openArchive(path) })
    const { url, recordings } = await recordingProxy(await listening(office.local))
    const [carol, dave] = [await deviceAt(url, 'carol'), await deviceAt(url, 'dave')]

    carol.device.write('dave', 'a letter')
    await untilRead(dave, 'carol', 'a letter')
    const { parameters } = messageKeyEscrow.setup(office.random)
    await office.relay.switchAccess(operatorToken, messageKeyEscrow.id, parameters)
    for (let i = 0; i < 30; i++) dave.device.write('carol', `a reply of ${i}`.padEnd(i * 1000))
    await untilRead(carol, 'dave', 'a reply of 29'.padEnd(29_000))
    await office.relay.switchAccess(operatorToken, 'none', new Uint8Array())

    const raw = await (await rawSocket(url)).signIn(office.alice.device)
    const letter = office.toBob(1, 'by hand', (await office.head()).reference)
    const submissions = [
      { ...letter, counter: 2 },
      { ...letter, envelope: letter.envelope.subarray(1) },
      office.toBob(1, 'under an old policy'),
      letter,
      letter,
    ]
    for (const [ref, submission] of submissions.entries()) {
      const frame = encodeSubmission(ref, submission)
      raw.ws.send(frame.subarray(0, 7), { fin: false })
      raw.ws.send(frame.subarray(7, 100), { fin: false })
      raw.send(frame.subarray(100))
      await raw.frame((answer) => answer['ref'] === ref)
    }

    const { records } = splitRecords(readFileSync(path).subarray(archiveMagic.length))
    const archived = records
      .map(decodeRecord)
      .map(({ fromUser, fromDevice, toUser, toDevice, bytes }) =>
        lineOf(`${fromUser} ${base64url(fromDevice)}`, { to: { user: toUser, device: toDevice }, envelope: bytes }),
      )
    const devices = recordings.map(takenApart)
    const accepted = new Set(devices.flatMap((device) => device.accepted))
    expect([archived.length, accepted.size]).toEqual([32, 32])
    expect(new Set(archived)).toEqual(accepted)
    expect(devices.reduce((sum, { refused }) => sum + refused, 0)).toBe(3)
    expect(devices.some(({ inPieces }) => inPieces)).toBe(true)

    const onTheWire = new Set(devices.flatMap(({ submitted, delivered }) => [...submitted, ...delivered].map(hex)))
    for (const line of archived) expect(onTheWire.has(line.slice(line.indexOf(': ') + 2))).toBe(true)
    for (const { delivered } of devices)
      for (const envelope of delivered) expect(archived.some((line) => line.endsWith(hex(envelope)))).toBe(true)
  })
})
