import type Libsodium from 'libsodium-wrappers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { concat, hex } from '../../crypto/bytes.ts'
import { seededRandom } from '../support/random.ts'

/** The platform's CSPRNG; replaced for a test, so that the test knows every byte that it gives. */
const platform = () => vi.spyOn(globalThis.crypto, 'getRandomValues')
const platformGiving = (fill: (bytes: Uint8Array) => void) =>
  platform().mockImplementation((bytes) => {
    fill(bytes as Uint8Array)
    return bytes
  })

/** The modules anew, with an empty pool. */
const fresh = async () => {
  vi.resetModules()
  const { systemRandom } = await import('../../crypto/random.ts')
  const { default: sodium } = await import('../../crypto/sodium.ts')
  return {
    systemRandom,
    sodium,
    libsodium: (sodium as unknown as { libsodium: { getRandomValue: () => number } }).libsodium,
  }
}

beforeEach(() => vi.resetModules())
afterEach(() => vi.restoreAllMocks())

describe('the random pool', () => {
  const sizes = [0, 1, 8191, 8192, 8193, 100_000, 16, 0, 3]

  it('asks the platform, and for no more than it needs', async () => {
    const asked = platform()
    const { systemRandom } = await fresh()
    expect(systemRandom(0)).toHaveLength(0)
    expect(asked).not.toHaveBeenCalled()
    systemRandom(8192)
    expect(asked).toHaveBeenCalledTimes(1)
    systemRandom(1)
    expect(asked).toHaveBeenCalledTimes(2)
    systemRandom(8191)
    expect(asked).toHaveBeenCalledTimes(2)
    systemRandom(3 * 8192 + 1)
    expect(asked).toHaveBeenCalledTimes(6)
  })

  it('hands out what the platform gave, each byte once, in whatever pieces', async () => {
    const [stream, given] = [seededRandom('the platform'), [] as Uint8Array[]]
    platformGiving((bytes) => {
      bytes.set(stream(bytes.length))
      given.push(bytes.slice())
    })
    const { systemRandom } = await fresh()
    const pieces = sizes.map((size) => systemRandom(size))
    expect(pieces.map(({ length }) => length)).toEqual(sizes)
    const handed = concat(...pieces)
    expect(hex(handed)).toBe(hex(concat(...given).subarray(0, handed.length)))
  })

  it('never repeats itself across refills', async () => {
    const { systemRandom } = await fresh()
    const seen = new Set(Array.from({ length: 5000 }, () => hex(systemRandom(13))))
    expect(seen.size).toBe(5000)
  })

  it('forgets what it has given', async () => {
    let pool = new Uint8Array()
    platformGiving((bytes) => (pool = bytes.fill(0xab) as Uint8Array<ArrayBuffer>))
    const { systemRandom } = await fresh()
    systemRandom(100)
    expect(pool.subarray(0, 100).every((byte) => byte === 0)).toBe(true)
    expect(pool.subarray(100).every((byte) => byte === 0xab)).toBe(true)
  })

  it('gives bytes of their own, which the next draw leaves alone', async () => {
    const { systemRandom } = await fresh()
    const first = systemRandom(32)
    const before = first.slice()
    systemRandom(10_000)
    expect(first).toEqual(before)
    expect(first.buffer.byteLength).toBe(32)
  })

  it('gives nothing when the platform fails', async () => {
    platform().mockImplementation(() => {
      throw new Error('no entropy')
    })
    const { systemRandom } = await fresh()
    expect(() => systemRandom(1)).toThrow('no entropy')
    expect(() => systemRandom(1)).toThrow('no entropy')
  })
})

describe('libsodium', () => {
  it('draws from the pool', async () => {
    const { sodium, systemRandom } = await fresh()
    systemRandom(8192)
    for (const byte of [0x00, 0x5a]) {
      const asked = platformGiving((bytes) => bytes.fill(byte))
      systemRandom(8192)
      expect(sodium.randombytes_buf(64)).toEqual(new Uint8Array(64).fill(byte))
      expect(sodium.randombytes_random()).toBe(byte * 0x01010101)
      expect(asked).toHaveBeenCalled()
    }
  })

  it('draws as many bytes as it is asked for, none of them twice', async () => {
    const { sodium } = await fresh()
    const seen = new Set(Array.from({ length: 2000 }, () => hex(sodium.randombytes_buf(16))))
    expect(seen.size).toBe(2000)
  })

  it('makes keys from what the pool gives, and other keys from other bytes', async () => {
    const { sodium, systemRandom } = await fresh()
    const keyFrom = (byte: number) => {
      platformGiving((bytes) => bytes.fill(byte))
      systemRandom(2 * 8192)
      return hex(sodium.crypto_kem_mlkem768_keypair().publicKey)
    }
    expect(keyFrom(1)).toBe(keyFrom(1))
    expect(keyFrom(1)).not.toBe(keyFrom(2))
  })
})

describe('a libsodium that lacks something', () => {
  afterEach(() => vi.doUnmock('libsodium-wrappers'))

  /** The room of libsodium, over a library with this in the place of its own. */
  async function over(instead: Record<string, unknown>): Promise<unknown> {
    vi.resetModules()
    const { default: real } = await vi.importActual<{ default: typeof Libsodium }>('libsodium-wrappers')
    vi.doMock('libsodium-wrappers', () => ({ default: Object.assign(Object.create(real), instead) as unknown }))
    return import('../../crypto/sodium.ts')
  }

  it('is not used, by nobody', async () => {
    for (const name of ['crypto_generichash', 'crypto_kem_mlkem768_dec', 'memcmp'])
      await expect(over({ [name]: undefined })).rejects.toThrow(`has no ${name}`)
  })

  it('is not used where its source of chance cannot be replaced', async () => {
    for (const hook of [undefined, 'gone'])
      await expect(over({ libsodium: { getRandomValue: hook } })).rejects.toThrow('has lost its random source hook')
  })

  it('is not used where its own functions or its memory cannot be reached', async () => {
    const { default: real } = await vi.importActual<{ default: { libsodium: object } }>('libsodium-wrappers')
    const without = (name: string) => ({
      libsodium: Object.assign(Object.create(real.libsodium), { [name]: undefined }) as object,
    })
    for (const name of ['_malloc', '_crypto_generichash', '_crypto_xof_shake256', '_crypto_hash_sha3256'])
      await expect(over(without(name))).rejects.toThrow(`libsodium has no ${name}`)
    await expect(over(without('HEAPU8'))).rejects.toThrow('does not show its memory')
  })

  it('is used when it lacks nothing', async () => {
    await expect(over({})).resolves.toBeDefined()
  })
})

describe('a conversation', () => {
  /** Four turns between two people; the modules anew each time, so that no counter goes on from the last. */
  async function conversation(seed: string, before: (libsodium: { getRandomValue: () => number }) => void = () => {}) {
    const { libsodium } = await fresh()
    const { couple } = await import('../support/couple.ts')
    before(libsodium)
    const { alice, bob } = couple(seed)
    const sent: Uint8Array[] = []
    for (const [from, to] of [
      [alice, bob],
      [alice, bob],
      [bob, alice],
      [alice, bob],
      [bob, alice],
    ] as const) {
      sent.push(from.send('is anybody there?'))
      expect(to.receive(sent.at(-1) as Uint8Array).text).toBe('is anybody there?')
    }
    return sent.map(hex)
  }

  it('is the same to the last byte when its source of chance is', async () => {
    const once = await conversation('again')
    expect(await conversation('again')).toEqual(once)
    expect(new Set(once).size).toBe(5)
  })

  it('is another in every envelope when its source of chance is another', async () => {
    const [one, other] = [await conversation('one'), await conversation('other')]
    expect(one.filter((envelope) => other.includes(envelope))).toEqual([])
  })

  it('asks nobody else for chance: not the platform, not libsodium', async () => {
    const asked = () => {
      throw new Error('chance from elsewhere')
    }
    const expected = await conversation('alone')
    const forbidden = await conversation('alone', (libsodium) => {
      platform().mockImplementation(asked)
      libsodium.getRandomValue = asked
      vi.spyOn(Math, 'random').mockImplementation(asked)
    })
    expect(forbidden).toEqual(expected)
    const { default: sodium } = await import('../../crypto/sodium.ts')
    expect(() => sodium.randombytes_buf(4)).toThrow('chance from elsewhere')
  })
})
