import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { sealBackup } from '../../crypto/backup.ts'
import { archiveMagic, encodeRecord } from '../../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { fetchBlob, spoolFile } from '../../client/device/transfer.ts'
import { base64url, concat, equal, hex } from '../../crypto/bytes.ts'
import { blobFilesIn } from '../../server/disk/blob-files.ts'
import { couple, type End } from '../support/couple.ts'
import { at } from '../support/at.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { archiveOf } from '../support/recorded.ts'
import { createWorld, type Person } from '../support/world.ts'

const programOf = (name: string) => resolve(import.meta.dirname, `../independent/${name}.mjs`)
const { path, remove } = scratch()
afterAll(remove)

/** Each opener was written from docs/protocol.md alone, with other libraries, and imports nothing of ours. */
function run(opener: string, key: string) {
  const args = [programOf(opener), path('archive'), path(key)]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const lines = stdout.split('\n').filter(Boolean)
  return { opened: lines.map((line) => JSON.parse(line) as object), stderr, status }
}

const writeKey = (name: string, mode: string, secret: Uint8Array) =>
  writeFileSync(path(name), JSON.stringify({ doormat: 'escrow key', mode, secret: base64url(secret) }))

it('a stranger with the specification, the archive and the key opens the same messages', () => {
  const random = seededRandom('the opener')
  const { parameters, secrets } = messageKeyEscrow.setup(random)
  const { alice, bob } = couple('an archive for a stranger', messageKeyEscrow.join(parameters), [
    { id: messageKeyEscrow.id, parameters },
  ])
  const said: { from: string; to: string; text: string }[] = []
  const records: Uint8Array[] = []
  const say = (from: End, to: End, text: string) => {
    const bytes = from.send(text)
    to.receive(bytes)
    const [sender, recipient] = [from.device.record, to.device.record]
    said.push({ from: sender.user, to: recipient.user, text })
    records.push(
      encodeRecord({
        time: records.length,
        fromUser: sender.user,
        fromDevice: sender.id,
        toUser: recipient.user,
        toDevice: recipient.id,
        bytes,
      }),
    )
  }
  say(alice, bob, 'Is the door locked?')
  say(alice, bob, 'ok ☃')
  say(bob, alice, 'Yes. The key is under the mat.')
  say(alice, bob, 'x'.repeat(20_000))
  writeFileSync(path('archive'), concat(archiveMagic, ...records))
  writeKey('key', messageKeyEscrow.id, secrets[0]?.bytes ?? new Uint8Array())
  writeKey('other', messageKeyEscrow.id, random(32))
  expect(run('opener', 'key').opened).toMatchObject(said)
  expect(run('opener', 'other').opened).toEqual([])
})

it('and the file of a message, with the blob beside the archive', async () => {
  const recording: RecordedEnvelope[] = []
  const world = await createWorld('a file for a stranger', { recording })
  const [alice, bob] = await world.couple()
  await world.switchOn()
  await Promise.all([alice, bob].map((person) => person.untilNoticed('access', 2)))
  const file = world.random(200_000)
  const read = async (from: number, sizeBytes: number) => file.subarray(from, from + sizeBytes)
  const source = { name: 'voice-0m12s.ogg', type: 'audio/ogg', sizeBytes: file.length, voiceMs: 12_345, read }
  const attachment = await spoolFile(alice.device.spool, source, world.random)
  alice.device.writeFile('bob', 'the plans', attachment)
  await bob.untilRead('alice', 'the plans')
  const blob = join(path('blobs'), hex(attachment.blob))
  mkdirSync(path('blobs'))
  await fetchBlob(world.relay, blobFilesIn(path('blobs'), null), attachment, () => undefined)
  writeFileSync(path('archive'), archiveOf(recording))
  writeKey('key', messageKeyEscrow.id, world.escrow.secret)
  const [line] = run('opener', 'key').opened as { text: string; content: string }[]
  expect(line?.text).toBe('the plans')
  const open = () =>
    spawnSync(process.execPath, [programOf('attachment-opener'), path('blobs')], { input: line?.content ?? '' })
  const { stdout, stderr } = open()
  expect([equal(stdout, file), String(stderr)]).toEqual([
    true,
    'voice-0m12s.ogg, 200000 bytes, a voice message of 12345 ms\n',
  ])
  writeFileSync(blob, readFileSync(blob).with(100_000, 7))
  expect(open()).toMatchObject({ status: 1, stdout: Buffer.of() })
})

/** A world with a tap, and what was said in it so far. */
async function tapped(mode: string, names: readonly string[]) {
  const recording: RecordedEnvelope[] = []
  const world = await createWorld(`${mode} for a stranger`, { recording })
  const said: { from: string; to: string; text: string }[] = []
  const people: Person[] = []
  for (const name of names) people.push(await world.join(name, { receipts: true }))
  await Promise.all(people.map((person) => person.goOnline()))
  const [seed] = await world.tap(mode, names.slice(0, 1))
  await Promise.all(people.map((person) => person.untilNoticed('access', 2)))
  writeKey('key', mode, seed ?? new Uint8Array())
  writeKey('other', mode, world.random(32))
  const say = async (from: Person, to: Person, text: string) => {
    await from.tell(to, text)
    said.push({ from: from.name, to: to.name, text })
  }
  return { recording, people, say, said }
}

it('a stranger with the specification, the archive and the seed reads what a ghost was sent', async () => {
  const { recording, people, say, said } = await tapped('ghost-device', ['alice', 'bob', 'carol'])
  const [alice, bob, carol] = [at(people, 0), at(people, 1), at(people, 2)]
  await say(bob, alice, 'Is the door locked?')
  await say(alice, bob, 'Yes. The key is under the mat.')
  await say(carol, alice, 'ok ☃')
  await carol.tell(bob, 'Nothing about Alice')
  await say(bob, alice, 'x'.repeat(20_000))
  await say(alice, carol, 'Who is there?')
  await say(bob, alice, 'Only me.')
  writeFileSync(path('archive'), archiveOf(recording))
  expect(run('ghost-opener', 'key')).toEqual({ opened: said, stderr: 'opened 6 of 6\n', status: 0 })
  expect(run('ghost-opener', 'other')).toEqual({ opened: [], stderr: 'opened 0 of 0\n', status: 0 })
  // in no order, and each record twice
  writeFileSync(path('archive'), archiveOf([...recording.toReversed(), ...recording]))
  expect(run('ghost-opener', 'key').opened).toEqual(said.toReversed())
})

it('and what was said under substituted keys, over many turns', async () => {
  const { recording, people, say, said } = await tapped('key-substitution', ['alice', 'bob'])
  const [alice, bob] = [at(people, 0), at(people, 1)]
  await say(alice, bob, 'Is the door locked?')
  await say(alice, bob, 'Hello?')
  await say(bob, alice, 'Yes.')
  await say(bob, alice, 'The key is under the mat.')
  await say(alice, bob, 'y'.repeat(20_000))
  await say(bob, alice, 'z')
  await say(alice, bob, 'Thanks ☃')
  await alice.untilLast('bob', 'delivered')
  writeFileSync(path('archive'), archiveOf(recording))
  const { opened, stderr, status } = run('ghost-opener', 'key')
  expect({ opened, status }).toEqual({ opened: said, status: 0 })
  expect(stderr).toMatch(/^opened (\d+) of \1\n$/)
  expect(run('ghost-opener', 'other').opened).toEqual([])
  // the last of Alice's first chain comes when she is some chains further on
  const late = at(
    recording.filter(({ fromDevice }) => equal(fromDevice, alice.address.device)),
    1,
  )
  writeFileSync(path('archive'), archiveOf([...recording.filter((record) => record !== late), late]))
  const [hello, ...others] = [at(said, 1), at(said, 0), ...said.slice(2)]
  expect(run('ghost-opener', 'key').opened).toEqual([...others, hello])
})

it('and says what is wrong with what it was given', () => {
  const seed = new Uint8Array(32)
  writeKey('key', 'ghost-device', seed)
  writeKey('none', 'none', seed)
  writeKey('short', 'ghost-device', seed.subarray(1))
  writeFileSync(path('archive'), archiveMagic)
  const complaint = (key: string) => {
    const { opened, stderr, status } = run('ghost-opener', key)
    expect(opened).toEqual([])
    return `${status} ${stderr.trim().replaceAll(path('x').slice(0, -1), '')}`
  }
  expect(complaint('key')).toBe('0 opened 0 of 0')
  expect(complaint('none')).toBe('1 none: its mode is neither of section 13e')
  expect(complaint('short')).toBe('1 short: its secret is not 32 bytes in base64url')
  expect(complaint('archive')).toBe('1 archive: it is not JSON')
  expect(complaint('gone')).toMatch(/^1 gone: ENOENT/)
  writeFileSync(path('archive'), concat(archiveMagic, new Uint8Array([0, 0, 1])))
  expect(complaint('key')).toBe('0 the last record is cut off, and left out\nopened 0 of 0')
  writeFileSync(path('archive'), concat(archiveMagic, new Uint8Array([0, 0, 0, 1, 7])))
  expect(complaint('key')).toBe('1 opened 0 of 0\narchive: damaged at byte 18')
  writeFileSync(path('archive'), seed)
  expect(complaint('key')).toBe('1 archive: it does not begin as an archive')
})

it('and a backup, with its passphrase', async () => {
  const world = await createWorld('a backup for a stranger')
  const [alice, bob] = await world.couple()
  await alice.tell(bob, 'is the door locked?')
  await bob.tell(alice, 'it is')
  await bob.untilSent('alice')
  const passphrase = 'schlüssel unter der matte'
  const records = bob.device.takeBackup(() => undefined)
  writeFileSync(path('backup'), concat(...sealBackup(passphrase, records, world.random)))
  const open = (PASSPHRASE: string) =>
    spawnSync(process.execPath, [programOf('backup-opener'), path('backup')], { encoding: 'utf8', env: { PASSPHRASE } })
  const { stdout, stderr } = open(passphrase.normalize('NFD'))
  const lines = stdout.split('\n').filter(Boolean)
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { peer: 'alice', direction: 'in', text: 'is the door locked?', attachment: null },
    { peer: 'alice', direction: 'out', text: 'it is' },
  ])
  expect(stderr).toBe('of bob\n')
  expect(open('schlüssel unter der tür')).toMatchObject({ status: 1, stdout: '' })
})
