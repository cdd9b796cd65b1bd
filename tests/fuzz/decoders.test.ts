import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equal, hex } from '../../crypto/bytes.ts'
import { counting, inTime, mutationsOf, parameters, patience } from '../support/fuzz.ts'
import { type Decoder, decoders } from './decoders.ts'
import { stored } from './stored.ts'
import { taps } from './taps.ts'

const count = counting()

/** What becomes of bytes: taken, or refused as documented. Everything else is thrown on. */
function outcomeOf({ again, refuses }: Decoder, bytes: Uint8Array): 'taken' | 'refused' {
  let encoded: Uint8Array
  try {
    encoded = inTime(() => again(bytes))
  } catch (error) {
    if (refuses(error)) return 'refused'
    throw error
  }
  if (!equal(encoded, bytes)) throw new Error(`a second encoding of what is ${hex(encoded)}`)
  return 'taken'
}

describe.each([...decoders, ...stored, ...taps])('$name', (decoder) => {
  const { name, samples, from = (bytes: Uint8Array) => bytes, cost } = decoder

  it('takes what is valid', () => {
    for (const sample of samples) expect(outcomeOf(decoder, sample)).toBe('taken')
  })

  it(
    'takes one encoding of each value, and refuses every other input in its own words',
    { timeout: patience(cost) },
    () => {
      const counted = count(name)
      fc.assert(
        fc.property(mutationsOf(samples).map(from), (bytes) => {
          const kept = bytes.slice()
          counted(outcomeOf(decoder, bytes) === 'taken')
          if (!equal(kept, bytes)) throw new Error('the bytes given are not what they were')
        }),
        parameters(cost),
      )
    },
  )
})

describe('the table of decoders', () => {
  const root = resolve(import.meta.dirname, '../..')
  const sources = [
    ...readdirSync(join(root, 'crypto'), { recursive: true, encoding: 'utf8' }).map((file) => `crypto/${file}`),
    'server/api.ts',
  ].filter((file) => file.endsWith('.ts'))
  const isDecoder = /^export (?:const|function) ((?:decode|read|from|open|split|follow|sender)[A-Z]\w*|unpad)/gm
  /** Not decoders, or looked into by others of the table. */
  const others = new Set([
    'readExtensions', // a part of a content
    'readAfterword', // the same
    'readMessageId', // the same
    'readMessageName', // the same
    'readGroupBody', // the same
    'readVoice', // the same
    'readNews', // the same
    'readSuite', // a part of every other
    'readSuiteNumber', // a part of a handshake, an envelope and a session
    'openSession', // begins one
    'openLock', // tests/crypto/lock.test.ts: every try costs 64 MiB
    'openBackup', // tests/crypto/backup.test.ts: as openLock
    'openAt', // an authentic place of a chain: tests/crypto/session-key-escrow-hostile.test.ts
    'openBody', // tests/fuzz/session.test.ts
    'openWithEncryptionKey', // tests/fuzz/session.test.ts
    'openWithMessageKey', // the same
    'readDeviceRecord', // a part of a session, and of a sealed chain
    'decodeSealedKey', // what an authentic stanza holds
    'openAsCustodian', // by the readers of modes
    'openWithCoins', // by the joined modes
    'splitEscrow', // a mode
    'fromDeviceSchema', // tests/fuzz/frames.test.ts
  ])

  it('has every decoder that crypto/ and the contract with the relay export', () => {
    const exported = sources.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(isDecoder)].map(([, name = '']) => name),
    )
    const named = new Set(decoders.map(({ name }) => name.split(/\W/)[0] ?? ''))
    expect(exported.length).toBeGreaterThan(15)
    expect(exported.filter((name) => !named.has(name) && !others.has(name))).toEqual([])
  })
})
