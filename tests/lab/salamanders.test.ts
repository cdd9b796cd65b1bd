import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import sodium from 'libsodium-wrappers'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkAttachment, openAttachment } from '../../crypto/attachment.ts'
import { equal } from '../../crypto/bytes.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import {
  salamanderEvidence,
  type SalamanderRow,
  salamanderRows,
  salamanders,
  salamanderVerdict,
} from '../../client/lab/experiments/salamanders.ts'
import { wordsIn } from '../../client/lab/report/words.ts'
import { type Acted, actOut, seenIn } from '../../client/lab/experiments/salamander-acts.ts'
import { doormat, salamander } from '../../client/lab/world/drawings.ts'
import { twoPictures } from '../../client/lab/adversaries/two-pictures.ts'
import { oneTimeKey } from '../../client/lab/adversaries/two-tags.ts'
import { verdict } from '../support/decoding.ts'
import { seededRandom } from '../support/random.ts'
import { oneTimeKeyByNoble } from '../support/two-keys.ts'

let acted: Acted

beforeAll(async () => {
  await sodium.ready
  acted = await actOut('salamanders')
})

describe('one blob that is two pictures', () => {
  const nonce = new Uint8Array(24).fill(1, 23)
  const encryptionKeys = () => acted.two.keys.map((key) => derive(labels.attachmentEncryption, key))

  it('opens under both keys with libsodium and with another library, to a file with each picture', () => {
    const { blob, sizeBytes } = acted.two
    const [one, other] = encryptionKeys().map((key) => {
      const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, blob, null, nonce, key)
      expect(equal(xchacha20poly1305(key, nonce).decrypt(blob), opened)).toBe(true)
      expect(opened).toHaveLength(sizeBytes)
      return seenIn(opened)
    })
    expect([one, other]).toEqual(['salamander', 'doormat'])
    expect(equal(salamander, doormat)).toBe(false)
  })

  it('opens under no third key', () => {
    const third = seededRandom('a third key')(32)
    expect(() => xchacha20poly1305(third, nonce).decrypt(acted.two.blob)).toThrow('invalid tag')
  })

  it('is not looked for where two pictures do not fit into one piece', () => {
    const large = new Uint8Array(40_000)
    expect(() => twoPictures([large, large], seededRandom('too large'))).toThrow(RangeError)
  })

  it('is made with one-time keys that another library has too', () => {
    const random = seededRandom('one-time keys')
    for (let i = 0; i < 20; i++) {
      const [key, some] = [random(32), random(24)]
      expect(oneTimeKey(key, some)).toEqual(oneTimeKeyByNoble(key, some))
    }
  })

  it('has a root for each key, and each root holds with its own key alone', () => {
    const [one, other] = acted.attachments
    expect(equal(one.root, other.root)).toBe(false)
    const tried = (key: typeof one.key, root: typeof one.root) =>
      verdict(() => {
        const named = { key, root, sizeBytes: one.sizeBytes }
        const [checking, opening] = [checkAttachment(named), openAttachment(named)]
        // its piece opens under either key: what refuses it is the root
        opening.open(acted.two.blob)
        checking.add(acted.two.blob)
        checking.end()
        opening.end()
      })
    expect([tried(one.key, one.root), tried(other.key, other.root)]).toEqual(['accepted', 'accepted'])
    expect([tried(other.key, one.root), tried(one.key, other.root)]).toEqual(['not-authentic', 'not-authentic'])
  })
})

describe('the attack, acted out', () => {
  it('shows two pictures without a root, and in Doormat only where two people have a message each', () => {
    expect(
      salamanderRows(acted).map(({ design, one, other, told }) => [design, one.join(), other.join(), told]),
    ).toEqual([
      ['without a root', 'salamander,doormat', 'salamander', 0],
      ['without a root', 'salamander', 'doormat', 0],
      ['Doormat', 'salamander,doormat', 'salamander,doormat', 0],
      ['Doormat', 'salamander', 'refused', 1],
      ['Doormat', 'salamander', 'doormat', 0],
      ['Doormat', 'salamander', 'doormat', 2],
    ])
  })

  it('is noticed in a group when members answer, and not before; the authority has both', () => {
    const { toldBefore, toldAfter, exported } = acted.group
    expect([toldBefore, toldAfter]).toEqual([0, 2])
    expect(exported.toSorted()).toEqual(['doormat', 'salamander'])
  })

  it('has a verdict that follows its rows', () => {
    const rows = salamanderRows(acted)
    const all = (change: Partial<SalamanderRow>) =>
      rows.map((row) => (row.design === 'Doormat' ? { ...row, ...change } : row))
    for (const [some, words] of [
      [rows, 'people in 1 of 4 ways.'],
      [all({ told: 1 }), 'deceived nobody in 4 ways.'],
      [all({ one: ['salamander'], other: ['doormat'], told: 0 }), 'people in 4 of 4 ways.'],
      [all({}).filter(({ design }) => design === 'Doormat'), 'nothing can be said.'],
    ] as const) {
      expect(salamanderVerdict(some)).toContain(words)
      expect(wordsIn(salamanderVerdict(some))).toBeLessThanOrEqual(25)
    }
    expect(salamanderEvidence(all({ told: 1 }), acted)).not.toContain('Not prevented')
    const silent = { ...acted, group: { ...acted.group, toldAfter: 0 } }
    expect(salamanderEvidence(rows, silent)).not.toContain('In a group')
  })

  it('is a table as wide as its columns', async () => {
    const { rows, columns, evidence, method, verdict: said } = await salamanders('salamanders')
    for (const row of rows) expect(row).toHaveLength(columns.length)
    expect(said).toMatch(/^[A-Z][^.!?]*\.$/)
    for (const text of [said, evidence, method]) expect(text).not.toMatch(/undefined|NaN|Infinity|-escrow|\bnone\b/)
  })
})
