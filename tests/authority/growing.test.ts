import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { archiveMagic, encodeRecord } from '../../crypto/access/archive.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { followArchive } from '../../client/authority/evidence.ts'

const folder = mkdtempSync(join(tmpdir(), 'doormat-growing-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const record = (value: number): RecordedEnvelope => ({
  time: value,
  fromUser: 'anna',
  fromDevice: new Uint8Array(32).fill(1) as DeviceId,
  toUser: 'ben',
  toDevice: new Uint8Array(32).fill(2) as DeviceId,
  bytes: new Uint8Array(40).fill(value),
})

describe('an archive that grows', () => {
  it('gives each envelope once, as soon as it is whole, wherever the last look ended', () => {
    const path = join(folder, 'whole')
    const bytes = Buffer.concat([archiveMagic, ...[1, 2, 2, 3].map((value) => encodeRecord(record(value)))])
    writeFileSync(path, '')
    const archive = followArchive(path)
    const found: number[] = []
    for (let at = 0; at < bytes.length; at += 7) {
      appendFileSync(path, bytes.subarray(at, at + 7))
      found.push(...archive.more().map(({ time }) => time))
    }
    expect(found).toEqual([1, 2, 3])
    expect(archive.more()).toEqual([])
    archive.close()
  })

  it('is refused where it is something else', () => {
    const path = join(folder, 'other')
    writeFileSync(path, 'not an archive of anything at all')
    const archive = followArchive(path)
    expect(() => archive.more()).toThrow(expect.objectContaining({ code: 'bad-evidence' }))
    archive.close()
  })
})
