import { createDecoder } from 'libopus-wasm'
import { describe, expect, it, vi } from 'vitest'
import { oggFile } from '../../client/device/voice/ogg.ts'
import { libopusEncoder } from '../../client/device/voice/opus.ts'
import { resampled } from '../../client/device/voice/resample.ts'
import { voiceSource } from '../../client/device/voice/voice.ts'
import { readWav, type Sound } from '../../client/device/voice/wav.ts'
import { spoolFile } from '../../client/device/transfer.ts'
import { concat } from '../../crypto/bytes.ts'
import { babble, correlation, wavOf } from '../support/sound.ts'
import { createWorld } from '../support/world.ts'

describe('a WAV recording', () => {
  const said = babble(0.1, 48_000)

  it.each([
    [{ bits: 8 }, 0.01],
    [{ bits: 16 }, 1e-4],
    [{ bits: 24 }, 1e-6],
    [{ bits: 32 }, 1e-6],
    [{ bits: 32, isFloat: true }, 1e-9],
    [{ bits: 16, channels: 2 }, 1e-4],
    [{ bits: 24, isExtended: true }, 1e-6],
    [{ bits: 32, isFloat: true, isExtended: true, channels: 2 }, 1e-9],
  ] as const)('of the form %o is read', (form, off) => {
    const { samples, rateHz } = readWav(wavOf(said, { ...form, rateHz: 22_050 }))
    expect([samples.length, rateHz]).toEqual([said.length, 22_050])
    expect(Math.max(...samples.map((sample, i) => Math.abs(sample - (said[i] ?? 0))))).toBeLessThan(off)
  })

  it('is read to its end where its recorder was stopped, and has said no length', () => {
    const wav = wavOf(said)
    const at = wav.length - 2 * said.length - 4
    for (const length of [0, 255])
      expect(
        readWav(concat(wav.subarray(0, at), new Uint8Array(4).fill(length), wav.subarray(at + 4))).samples,
      ).toHaveLength(said.length)
  })

  it('has sound between -1 and 1, whatever its numbers are', () => {
    const wild = Float32Array.of(NaN, 7, -7, Infinity, -Infinity, 0.5)
    expect([...readWav(wavOf(wild, { bits: 32, isFloat: true })).samples]).toEqual([0, 1, -1, 1, -1, 0.5])
  })

  const patched = (at: number, ...bytes: readonly number[]) => {
    const wav = wavOf(said)
    wav.set(bytes, at)
    return wav
  }
  it.each([
    ['another file', new Uint8Array(100), 'it is no WAV recording'],
    ['a few bytes', new Uint8Array(3), 'it is no WAV recording'],
    ['a compressed one', patched(20, 2), 'its sound is compressed'],
    ['one of 12 bits', patched(34, 12), 'of another form than 8, 16, 24 or 32 bits'],
    ['one of six channels', patched(22, 6), 'it has 6 channels, and one or two can be sent'],
    ['one of 4,000 a second', wavOf(said, { rateHz: 4_000 }), 'it has 4000 samples a second, and 8,000 to 48,000'],
    ['one of 96,000 a second', wavOf(said, { rateHz: 96_000 }), 'it has 96000 samples a second'],
    ['an empty one', wavOf(new Float32Array()), 'there is no sound in it'],
    ['a cut one', wavOf(said).subarray(0, 30), 'it does not say of what form its sound is'],
    ['one without a form', patched(12, 0x66, 0x6d, 0x74, 0x5f), 'its sound stands before it says'],
    [
      'a long one',
      wavOf(new Float32Array(8_000 * 900 + 1), { rateHz: 8_000, bits: 8 }),
      'it is longer than 15 minutes',
    ],
  ])('is not %s', (_what, wav, words) => expect(() => readWav(wav)).toThrow(words))
})

describe('a sound of another rate', () => {
  it.each([8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 47_999, 48_000])(
    'of %i samples a second is the same at 48,000',
    (rateHz) => {
      const tone = (rate: number, length: number) =>
        Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / rate))
      const { length, into } = resampled({ samples: tone(rateHz, rateHz / 5), rateHz })
      expect(Math.abs(length - 9_600)).toBeLessThan(7)
      const all = new Float32Array(length + 100)
      into(all, 0)
      const block = new Float32Array(960)
      into(block, 960)
      expect(block).toEqual(all.subarray(960, 1920))
      expect([...all.subarray(length)].every((sample) => sample === 0)).toBe(true)
      const wanted = tone(48_000, length)
      // where there is sound on both sides
      const off = [...wanted.subarray(480, length - 480)].map((sample, i) => Math.abs(sample - (all[480 + i] ?? 0)))
      expect(Math.max(...off)).toBeLessThan(0.005)
    },
  )
})

/** What another hand finds in an Ogg file, by RFC 3533: it checks each page by the CRC bit by bit. */
function pagesOf(file: Uint8Array) {
  const pages = []
  for (let at = 0; at < file.length;) {
    const view = new DataView(file.buffer, file.byteOffset + at)
    expect(String.fromCharCode(...file.subarray(at, at + 4))).toBe('OggS')
    const lengths = [...file.subarray(at + 27, at + 27 + view.getUint8(26))]
    const end = at + 27 + lengths.length + lengths.reduce((a, b) => a + b, 0)
    const whole = file.slice(at, end)
    whole.fill(0, 22, 26)
    let crc = 0
    for (const byte of whole) {
      crc ^= byte << 24
      for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
    }
    expect(view.getUint32(22, true)).toBe(crc >>> 0)
    const packets: Uint8Array[] = []
    let [from, size] = [at + 27 + lengths.length, 0]
    for (const length of lengths) {
      size += length
      if (length === 255) continue
      packets.push(file.subarray(from, from + size))
      from += size
      size = 0
    }
    pages.push({
      flags: view.getUint8(5),
      endsAt: Number(view.getBigUint64(6, true)),
      number: view.getUint32(18, true),
      packets,
    })
    at = end
  }
  return pages
}

describe('an Ogg file', () => {
  it('has its pages in order, a second in each, and says where its sound begins and ends', () => {
    const packets = Array.from({ length: 120 }, (_, i) => new Uint8Array([60, 255, 256, 510][i % 4] ?? 0).fill(i))
    const pages = pagesOf(oggFile(packets, 960, { skip: 312, length: 114_000 }))
    expect(pages.map(({ flags, endsAt, number }) => [flags, endsAt, number])).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [0, 48_000, 2],
      [0, 96_000, 3],
      [4, 114_312, 4],
    ])
    expect(pages.slice(2).flatMap((page) => page.packets)).toEqual(packets)
    expect([...(pages[0]?.packets[0] ?? [])].slice(8)).toEqual([1, 1, 56, 1, 0x80, 0xbb, 0, 0, 0, 0, 0])
  })
})

async function encoded(sound: Sound) {
  const source = await voiceSource(sound, libopusEncoder)
  return { source, file: await source.read(0, source.sizeBytes) }
}

describe('a voice', () => {
  it('is Opus of one rate, and sounds as it did', async () => {
    const samples = babble(2.5, 44_100)
    const { source, file } = await encoded({ samples, rateHz: 44_100 })
    expect(source).toMatchObject({ name: 'voice-0m03s.ogg', type: 'audio/ogg', voiceMs: 2500, sizeBytes: file.length })
    const packets = pagesOf(file)
      .slice(2)
      .flatMap((page) => page.packets)
    expect(new Set(packets.map(({ length }) => length))).toEqual(new Set([60]))
    const decoder = await createDecoder({ channels: 1, sampleRate: 48_000 })
    const heard = Float32Array.from(packets.flatMap((packet) => [...decoder.decodeFloat(packet)]))
    decoder.free()
    const wanted = new Float32Array(120_000)
    resampled({ samples, rateHz: 44_100 }).into(wanted, 0)
    expect(correlation(heard.subarray(312), wanted)).toBeGreaterThan(0.8)
  })

  it('and silence of the same length are files of the same size, without a word of whoever made them', async () => {
    const [loud, silent] = [
      await encoded(readWav(wavOf(babble(1, 48_000)))),
      await encoded({ samples: new Float32Array(48_000), rateHz: 48_000 }),
    ]
    expect(loud.file.length).toBe(silent.file.length)
    expect(Buffer.from(loud.file).includes('Alice')).toBe(false)
    expect(loud.file).toEqual((await encoded(readWav(wavOf(babble(1, 48_000))))).file)
  })

  it('lets go of its encoder, also where that fails', async () => {
    const free = vi.fn<() => void>()
    const encode = () => {
      throw new Error('no')
    }
    const failing = voiceSource({ samples: new Float32Array(10), rateHz: 8_000 }, async () => ({
      lookahead: 0,
      encode,
      free,
    }))
    await expect(failing).rejects.toThrow('no')
    expect(free).toHaveBeenCalledOnce()
  })

  it('arrives with its length, and so does the copy for an own other device', async () => {
    const world = await createWorld('voices')
    const [alice, bob] = await world.couple()
    const tablet = await world.link(alice)
    await tablet.goOnline()
    const { source } = await encoded({ samples: babble(0.5, 16_000), rateHz: 16_000 })
    alice.device.writeFile('bob', 'listen', await spoolFile(alice.device.spool, source, alice.random))
    await bob.untilRead('alice', 'listen')
    const voice = { name: 'voice-0m01s.ogg', type: 'audio/ogg', voiceMs: 500 }
    await tablet.until('to have the copy', () => tablet.device.history.attached().length === 1)
    for (const { device } of [alice, bob, tablet])
      expect(device.history.attached().map(({ attachment }) => attachment)).toMatchObject([voice])
  })
})
