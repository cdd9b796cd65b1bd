import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { archiveMagic, encodeRecord } from '../../crypto/access/archive.ts'
import { base64url, concat } from '../../crypto/bytes.ts'
import { couple, type End } from '../support/couple.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'

const opener = resolve(import.meta.dirname, '../independent/opener.mjs')
const { path, remove } = scratch()
afterAll(remove)

/** The opener was written from docs/protocol.md alone, with another library, and imports nothing of ours. */
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
  const key = (secret: Uint8Array) =>
    JSON.stringify({ doormat: 'escrow key', mode: messageKeyEscrow.id, secret: base64url(secret) })
  writeFileSync(path('key'), key(secrets[0]?.bytes ?? new Uint8Array()))
  writeFileSync(path('other'), key(random(32)))

  const open = (name: string) =>
    spawnSync(process.execPath, [opener, path('archive'), path(name)], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean)
  expect(open('key').map((line) => JSON.parse(line) as object)).toMatchObject(said)
  expect(open('other')).toEqual([])
})
