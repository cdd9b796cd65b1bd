import { describe, expect, it, vi } from 'vitest'
import { copy, hash, keep, layOut, open, put, seal, take, view, within, writerAt, written } from '../../crypto/arena.ts'
import { equal, field, hex, textField, utf8 } from '../../crypto/bytes.ts'
import { compute, inWebAssembly } from '../../crypto/primitives.ts'
import { systemRandom as random } from '../../crypto/random.ts'
import sodium, { raw } from '../../crypto/sodium.ts'
import { restorePrimitives } from '../support/native.ts'

restorePrimitives()

/** Whether these bytes lie anywhere in libsodium's memory. */
const isInMemory = (bytes: Uint8Array) => Buffer.from(raw.HEAPU8.buffer).includes(Buffer.from(bytes))

describe('a frame', () => {
  it('keeps bytes as long as it is open, and wipes them at its end', () => {
    const secret = random(32)
    const address = within(() => {
      const at = put(secret)
      expect(copy(at, 32)).toEqual(secret)
      expect(isInMemory(secret)).toBe(true)
      return at
    })
    expect(isInMemory(secret)).toBe(false)
    expect(view(address, 32)).toEqual(new Uint8Array(32))
  })

  it('is wiped when its work fails too', () => {
    const secret = random(32)
    const failing = () =>
      within(() => {
        put(secret)
        throw new Error('by this test')
      })
    expect(failing).toThrow('by this test')
    expect(isInMemory(secret)).toBe(false)
  })

  it('nests: an inner one leaves the outer one as it was, and its room is used again', () => {
    within(() => {
      const outer = put(random(10))
      const before = copy(outer, 10)
      const first = within(() => put(random(1000)))
      const second = within(() => put(random(1000)))
      expect(second).toBe(first)
      expect(first).toBe(outer + 10)
      expect(copy(outer, 10)).toEqual(before)
      expect(take(5)).toBe(first)
    })
  })

  it('gives room that is zero', () => {
    within(() => put(new Uint8Array(5000).fill(0xff)))
    within(() => expect(equal(copy(take(5000), 5000), new Uint8Array(5000))).toBe(true))
  })

  it('has to be open for anything to be taken', () => {
    expect(() => take(1)).toThrow('outside a frame')
    expect(() => put(new Uint8Array(0))).toThrow('outside a frame')
    within(() => within(() => take(1)))
    expect(() => take(1)).toThrow('outside a frame')
  })

  it('takes what is larger than the arena too, and gives that back and wipes it', () => {
    const freed = vi.spyOn(raw, '_free')
    const large = new Uint8Array(600_000).map((_, i) => i % 251)
    const secret = random(32)
    large.set(secret, large.length - 32)
    within(() => {
      const small = put(secret)
      const address = put(large)
      expect(equal(copy(address, large.length), large)).toBe(true)
      within(() => put(large))
      expect(freed).toHaveBeenCalledTimes(1)
      expect(equal(copy(address, large.length), large)).toBe(true)
      expect(copy(small, 32)).toEqual(secret)
    })
    expect(freed).toHaveBeenCalledTimes(2)
    expect(isInMemory(secret)).toBe(false)
    freed.mockRestore()
  })

  it('gives room that is zero beside the arena too', () => {
    const used = raw._malloc(600_000)
    raw.HEAPU8.fill(0xff, used, used + 600_000)
    const again = vi.spyOn(raw, '_malloc').mockReturnValueOnce(used)
    within(() => expect(equal(copy(take(600_000), 600_000), new Uint8Array(600_000))).toBe(true))
    again.mockRestore()
  })

  it('takes half a megabyte from the arena before it asks libsodium for more', () => {
    const asked = vi.spyOn(raw, '_malloc')
    within(() => take(512 * 1024))
    expect(asked).not.toHaveBeenCalled()
    within(() => {
      take(512 * 1024 - 1)
      take(2)
      take(1)
    })
    expect(asked.mock.calls).toEqual([[2]])
    asked.mockRestore()
  })

  it('is washed where something was hashed with a key: once, when the outermost ends', () => {
    const hashes = vi.spyOn(raw, '_crypto_generichash')
    const hashIn = (key: number | null) => hash(take(32), 32, { address: take(1), sizeBytes: 1 }, key)
    within(() => hashIn(null))
    expect(hashes).toHaveBeenCalledTimes(1)
    within(() => {
      for (let i = 0; i < 3; i++) within(() => hashIn(take(32)))
      expect(hashes).toHaveBeenCalledTimes(4)
    })
    expect(hashes).toHaveBeenCalledTimes(5)
    within(() => take(1))
    expect(hashes).toHaveBeenCalledTimes(5)
    hashes.mockRestore()
  })

  it('is not washed where a result that anybody may see has taken the place of the key', () => {
    const hashes = vi.spyOn(raw, '_crypto_generichash')
    const hashesIn = (work: () => void) => {
      hashes.mockClear()
      within(work)
      return hashes.mock.calls.length
    }
    const hashIn = (isPublic: boolean, key: number | null = take(32)) =>
      hash(take(32), 32, { address: take(1), sizeBytes: 1 }, key, isPublic)
    compute(inWebAssembly)
    const secretThen = (isPublic: boolean, key?: null) => () => {
      hashIn(false)
      hashIn(isPublic, key)
    }
    const publicThenSecret = () => {
      hashIn(true)
      hashIn(false)
    }
    expect(hashesIn(secretThen(true))).toBe(2)
    expect(hashesIn(secretThen(true, null))).toBe(2)
    expect(hashesIn(publicThenSecret)).toBe(3)
    // what native code hashes takes no place here
    compute({ ...inWebAssembly, hash: (...given) => inWebAssembly.hash(...given) })
    expect(hashesIn(secretThen(true))).toBe(3)
    hashes.mockRestore()
  })

  it.each([
    [64, 30, 'without a key'],
    [64, 30, 'with one'],
    [32, 5000, 'without a key'],
    [32, 5000, 'with one'],
  ])('leaves nothing of a key of %i bytes, made over %i, after a public hash %s', (sizeBytes, overBytes, how) => {
    compute(inWebAssembly)
    const [key, text] = [random(32), random(overBytes)]
    const made = within(() => {
      const [to, over] = [take(sizeBytes), { address: put(text), sizeBytes: overBytes }]
      hash(to, sizeBytes, over, put(key))
      hash(take(32), 32, { ...over, sizeBytes: 3 }, how === 'with one' ? put(random(32)) : null, true)
      return copy(to, sizeBytes)
    })
    for (const secret of [key, made])
      for (let i = 0; i < secret.length; i += 16) expect(isInMemory(secret.subarray(i, i + 16))).toBe(false)
  })

  it('has no more than libsodium has', () => {
    const full = vi.spyOn(raw, '_malloc').mockReturnValue(0)
    expect(() => within(() => take(600_000))).toThrow(RangeError)
    full.mockRestore()
  })
})

describe('what is laid out', () => {
  it('takes the room that it turns out to need, and no more', () => {
    within(() => {
      const before = take(0)
      const laid = layOut(1000, (to) => to.bytes(Uint8Array.of(1, 2, 3)))
      expect(laid).toEqual({ address: before, sizeBytes: 3 })
      expect(take(1)).toBe(before + 3)
      const large = layOut(600_000, (to) => to.u8(7))
      expect(copy(large.address, large.sizeBytes)).toEqual(Uint8Array.of(7))
      expect(take(1)).toBe(before + 4)
    })
    expect(written(1000, (to) => to.text('as it is'))).toEqual(textField('as it is'))
  })

  it('is wiped where it fails, and takes nothing else meanwhile', () => {
    const secret = random(32)
    const failing = (fail: () => void) => () =>
      written(100, (to) => {
        to.bytes(secret)
        fail()
      })
    const thrown = failing(() => {
      throw new RangeError('by this test')
    })
    expect(thrown).toThrow('by this test')
    expect(failing(() => void take(1))).toThrow('while its memory was in use')
    expect(isInMemory(secret)).toBe(false)
  })

  it('takes nothing beside the arena meanwhile either, for the memory may move from under the writer', () => {
    const taking = (work: () => void) => () =>
      written(100, (to) => {
        work()
        to.u8(1)
      })
    expect(taking(() => void take(600_000))).toThrow('while its memory was in use')
    // in a frame of its own, which gives back what it takes; but libsodium's memory grows
    const { HEAPU8: memory, _malloc: allocate } = raw
    const grows = vi.spyOn(raw, '_malloc').mockImplementation((sizeBytes) => {
      Object.assign(raw, { HEAPU8: new Uint8Array(memory.buffer) })
      return allocate(sizeBytes)
    })
    expect(taking(() => void within(() => take(600_000)))).toThrow('while its memory was in use')
    grows.mockRestore()
    Object.assign(raw, { HEAPU8: memory })
    expect(taking(() => void within(() => take(600_000)))()).toEqual(Uint8Array.of(1))
  })

  it('gives back room that is zero, though a text is tried as ASCII first', () => {
    const texts = ['', 'as it is', 'nearly all of this is ASCII, né', `${'long '.repeat(30)}é`, '🗝 under the mat']
    for (const text of texts)
      within(() => {
        const { address, sizeBytes } = layOut(1000, (to) => to.fieldOf(() => to.text(text)))
        expect(copy(address, sizeBytes)).toEqual(field(textField(text)))
        expect(take(0)).toBe(address + sizeBytes)
        expect(equal(copy(take(1000), 1000), new Uint8Array(1000))).toBe(true)
      })
  })

  it('wipes what a text that it does not take has left', () => {
    const text = hex(random(16))
    for (const wrong of [`${text}\ud800`, text.repeat(5), `${text}é`.repeat(5)]) {
      expect(() => written(64, (to) => to.text(wrong, 40))).toThrow(RangeError)
      expect(isInMemory(utf8(text))).toBe(false)
    }
  })
})

it('keeps for good what is to be kept', () => {
  const label = random(20)
  const address = keep(label)
  within(() => put(random(100_000)))
  expect(copy(address, 20)).toEqual(label)
})

describe('libsodium from address to address', () => {
  const [key, nonce, text, beside] = [random(32), random(24), random(300), random(50)]

  it('hashes as its wrapper does, with and without a key', () => {
    const hashed = (sizeBytes: number, withKey: boolean) =>
      within(() => {
        const to = take(sizeBytes)
        hash(to, sizeBytes, { address: put(text), sizeBytes: text.length }, withKey ? put(key) : null)
        return copy(to, sizeBytes)
      })
    for (const sizeBytes of [16, 32, 64]) {
      expect(hashed(sizeBytes, true)).toEqual(sodium.crypto_generichash(sizeBytes, text, key))
      expect(hashed(sizeBytes, false)).toEqual(sodium.crypto_generichash(sizeBytes, text, null))
    }
    for (const sizeBytes of [0, 1, 15, 65])
      expect(() => hashed(sizeBytes, true)).toThrow(new RangeError('a hash has 16 to 64 bytes'))
  })

  it('seals and opens where the text lies, as its wrapper does', () => {
    within(() => {
      const [at, by, under] = [take(text.length + 16), put(nonce), put(key)]
      const associated = { address: put(beside), sizeBytes: beside.length }
      writerAt(at, text.length).bytes(text)
      seal({ address: at, sizeBytes: text.length }, by, under, associated)
      const sealed = copy(at, text.length + 16)
      expect(sealed).toEqual(sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, beside, null, nonce, key))
      expect(open({ address: at, sizeBytes: sealed.length }, by, under, associated)).toBe(true)
      expect(copy(at, text.length)).toEqual(text)
    })
  })

  it('leaves no text where the tag does not hold', () => {
    within(() => {
      const [at, by, under] = [take(text.length + 16), put(nonce), put(key)]
      writerAt(at, text.length).bytes(text)
      seal({ address: at, sizeBytes: text.length }, by, under)
      const associated = { address: put(beside), sizeBytes: beside.length }
      expect(open({ address: at, sizeBytes: text.length + 16 }, by, under, associated)).toBe(false)
      expect(Buffer.from(view(at, text.length)).includes(Buffer.from(text.subarray(0, 16)))).toBe(false)
    })
  })
})

it.each(['crypto_generichash', 'crypto_aead_xchacha20poly1305_ietf_encrypt'] as const)(
  'is used by nobody where %s answers otherwise',
  async (name) => {
    vi.resetModules()
    const otherwise = (...args: unknown[]) => {
      const answer = (sodium[name] as (...all: unknown[]) => Uint8Array)(...args)
      return answer.with(0, (answer[0] ?? 0) ^ 1)
    }
    vi.doMock('../../crypto/sodium.ts', () => ({ raw, default: { ...sodium, [name]: otherwise } }))
    await expect(import('../../crypto/arena.ts')).rejects.toThrow('answers otherwise')
    vi.doUnmock('../../crypto/sodium.ts')
    vi.resetModules()
  },
)
