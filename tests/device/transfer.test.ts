import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Attachment, type BlobId, blobSize, pieceSizeBytes } from '../../crypto/attachment.ts'
import { concat, equal, hex } from '../../crypto/bytes.ts'
import {
  type Carrier,
  fetchBlob,
  openSpooled,
  type Progress,
  type Source,
  type SpoolFiles,
  spoolFile,
  upload,
} from '../../client/device/transfer.ts'
import { blobPartMaximumBytes, type Connection, type Relay, RelayError } from '../../server/api.ts'
import { blobFilesInMemory } from '../../server/disk/blob-files.ts'
import { verdict } from '../support/decoding.ts'
import { answerTo, postOffice, signIn } from '../support/relay.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('transfer')
const silent = () => undefined

/** As a device does: what is reserved already is reserved once more. */
async function handIn(
  relay: Carrier,
  connection: Pick<Connection, 'reserveBlob'>,
  spool: SpoolFiles,
  blob: BlobId,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const sizeBytes = await spool.size(blob)
  await connection.reserveBlob(blob, sizeBytes)
  await upload(relay, { read: spool.read, place: hex }, { blob, sizeBytes }, progress, signal)
}

const sourceOf = (bytes: Uint8Array): Source => ({
  name: 'notes.txt',
  type: 'text/plain',
  sizeBytes: bytes.length,
  async read(at, sizeBytes) {
    if (at + sizeBytes > bytes.length) throw new Error('the file has become shorter')
    return bytes.subarray(at, at + sizeBytes)
  },
})

async function opened(spool: SpoolFiles, attachment: Attachment): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  await openSpooled(spool, attachment, async (bytes) => void parts.push(bytes))
  return concat(...parts)
}

/** Why it is not opened: the code of a refusal. */
async function refusal(spool: SpoolFiles, attachment: Attachment): Promise<string> {
  try {
    await opened(spool, attachment)
    return 'accepted'
  } catch (error) {
    return verdict(() => {
      throw error
    })
  }
}

/** Breaks at the n-th request, before the relay hears of it or after. */
function breaking<R extends Pick<Relay, 'putBlob' | 'readBlob' | 'blob'>>(
  relay: R,
  nth: number,
  when: 'before' | 'after',
) {
  let count = 0
  const cut = () => new RelayError('unreachable', 'the wire is cut')
  async function pass<T>(work: () => Promise<T>): Promise<T> {
    count += 1
    if (count === nth && when === 'before') throw cut()
    const answer = await work()
    if (count === nth) throw cut()
    return answer
  }
  return {
    blob: (id: Parameters<Relay['blob']>[0]) => pass(() => relay.blob(id)),
    putBlob: (...asked: Parameters<Relay['putBlob']>) => pass(() => relay.putBlob(...asked)),
    readBlob: (...asked: Parameters<Relay['readBlob']>) => pass(() => relay.readBlob(...asked)),
  }
}

async function meeting(seed: string) {
  const { relay, alice } = await postOffice(seed)
  const { connection } = await signIn(relay, alice)
  return { relay, connection, ours: blobFilesInMemory(), theirs: blobFilesInMemory() }
}

describe('a file', () => {
  it.each([0, 1, 1000, pieceSizeBytes, 3 * pieceSizeBytes + 5, 600_000])('of %i bytes arrives equal', async (size) => {
    const { relay, connection, ours, theirs } = await meeting(`a file of ${size}`)
    const file = random(size)
    const attachment = await spoolFile(ours, sourceOf(file), random)
    expect(attachment).toMatchObject({ name: 'notes.txt', type: 'text/plain', sizeBytes: size })
    expect(await ours.size(attachment.blob)).toBe(blobSize(size))
    await handIn(relay, connection, ours, attachment.blob, silent)
    await fetchBlob(relay, theirs, attachment, silent)
    expect(equal(await opened(theirs, attachment), file)).toBe(true)
  })

  it('arrives equal however often the way breaks, either way, and no part goes twice without need', async () => {
    const { relay, connection, ours, theirs } = await meeting('breaks')
    const file = random(5 * blobPartMaximumBytes)
    const attachment = await spoolFile(ours, sourceOf(file), random)
    let handedIn = 0
    const counted = {
      ...relay,
      putBlob: (...asked: Parameters<Relay['putBlob']>) => ((handedIn += asked[2].length), relay.putBlob(...asked)),
    }
    for (const when of ['before', 'after', 'before', 'after'] as const)
      expect(await answerTo(handIn(breaking(counted, 2, when), connection, ours, attachment.blob, silent))).toBe(
        'unreachable',
      )
    await handIn(counted, connection, ours, attachment.blob, silent)
    // two that broke afterwards had come all the same
    expect(handedIn).toBe(blobSize(file.length))
    // a relay that is not there is not waited for; one that goes away on the way is
    expect(await answerTo(fetchBlob(breaking(relay, 1, 'before'), theirs, attachment, silent))).toBe('unreachable')
    for (const when of ['before', 'after'] as const) {
      await theirs.remove(attachment.blob)
      await fetchBlob(breaking(relay, 2, when), theirs, attachment, silent)
    }
    expect(equal(await opened(theirs, attachment), file)).toBe(true)
  })

  it('tells how far it is', async () => {
    const { relay, connection, ours, theirs } = await meeting('progress')
    const attachment = await spoolFile(ours, sourceOf(random(blobPartMaximumBytes)), random)
    const size = blobSize(blobPartMaximumBytes)
    const told: number[] = []
    const progress = (done: number) => void told.push(done)
    await handIn(relay, connection, ours, attachment.blob, progress)
    const up = told.splice(0)
    await fetchBlob(relay, theirs, attachment, progress)
    for (const way of [up, told]) {
      expect([way[0], way.at(-1)]).toEqual([0, size])
      expect(way).toEqual(way.toSorted((one, other) => one - other))
      expect(way.length).toBeGreaterThan(2)
    }
  })

  it('goes to the relay through a way so narrow that a part of full size is given up', async () => {
    const { relay, connection, ours } = await meeting('narrow')
    const attachment = await spoolFile(ours, sourceOf(random(600_000)), random)
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    onTestFinished(() => void vi.restoreAllMocks())
    const sizes: number[] = []
    const narrow = {
      blob: relay.blob,
      async putBlob(...asked: Parameters<Relay['putBlob']>) {
        const tookMs = asked[2].length / 2
        now += Math.min(tookMs, 15_000)
        sizes.push(asked[2].length)
        if (tookMs > 15_000) throw new RelayError('unreachable', 'no answer within fifteen seconds')
        await relay.putBlob(...asked)
      },
    }
    await handIn(narrow, connection, ours, attachment.blob, silent)
    expect((await relay.blob(attachment.blob)).receivedBytes).toBe(blobSize(600_000))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16 * 1024)
  })

  it('goes no further when its sender is told to stop', async () => {
    const { relay, connection, ours } = await meeting('stopped')
    const attachment = await spoolFile(ours, sourceOf(random(600_000)), random)
    const stopping = new AbortController()
    const signals: (AbortSignal | undefined)[] = []
    const carrier = {
      blob: relay.blob,
      async putBlob(id: Parameters<Relay['putBlob']>[0], at: number, bytes: Uint8Array, signal?: AbortSignal) {
        signals.push(signal)
        await relay.putBlob(id, at, bytes)
        stopping.abort()
      },
    }
    await expect(handIn(carrier, connection, ours, attachment.blob, silent, stopping.signal)).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(signals).toEqual([stopping.signal])
  })

  it('that becomes shorter while it is read leaves nothing behind', async () => {
    const spool = blobFilesInMemory()
    const shrinking = { ...sourceOf(random(100_000)), sizeBytes: 200_000 }
    await expect(spoolFile(spool, shrinking, random)).rejects.toThrow('shorter')
    expect(spool.ids()).toEqual([])
  })

  it('is padded: files of one padded size cannot be told apart by their blobs', async () => {
    const spool = blobFilesInMemory()
    const sizes = await Promise.all(
      [40_961, 45_000, 49_152].map(async (size) =>
        spool.size((await spoolFile(spool, sourceOf(random(size)), random)).blob),
      ),
    )
    expect(new Set(sizes).size).toBe(1)
  })
})

describe('a relay that gives something else', () => {
  async function sent(seed: string, size = 300_000) {
    const place = await meeting(seed)
    const file = random(size)
    const attachment = await spoolFile(place.ours, sourceOf(file), random)
    await handIn(place.relay, place.connection, place.ours, attachment.blob, silent)
    return { ...place, file, attachment }
  }

  it('is found out before anything is released, and what it gave is fetched anew', async () => {
    const { relay, theirs, attachment, file } = await sent('altered')
    const lying = {
      readBlob: async (...asked: Parameters<Relay['readBlob']>) => {
        const part = await relay.readBlob(...asked)
        return asked[1] === 0 ? part : part.with(5, (part[5] ?? 0) ^ 1)
      },
    }
    await fetchBlob(lying, theirs, attachment, silent)
    expect(await refusal(theirs, attachment)).toBe('not-authentic')
    expect(await theirs.size(attachment.blob)).toBe(0)
    await fetchBlob(relay, theirs, attachment, silent)
    expect(equal(await opened(theirs, attachment), file)).toBe(true)
  })

  it('is found out at its last byte too, and nothing has been written by then', async () => {
    const { relay, theirs, attachment } = await sent('the last byte')
    await fetchBlob(relay, theirs, attachment, silent)
    const last = blobSize(attachment.sizeBytes) - 1
    const [byte = 0] = await theirs.read(attachment.blob, last, 1)
    await theirs.write(attachment.blob, last, new Uint8Array([byte ^ 1]))
    let written = 0
    const writing = openSpooled(theirs, attachment, async (bytes) => void (written += bytes.length))
    await expect(writing).rejects.toMatchObject({ code: 'not-authentic' })
    expect(written).toBe(0)
  })

  it('or nothing, or too much, is not waited for', async () => {
    const { relay, theirs, attachment } = await sent('nothing')
    const empty = { readBlob: async () => new Uint8Array() }
    expect(await answerTo(fetchBlob(empty, theirs, attachment, silent))).toBe('internal')
    const endless = { readBlob: async () => random(blobPartMaximumBytes) }
    expect(await answerTo(fetchBlob(endless, theirs, attachment, silent))).toBe('internal')
    await theirs.remove(attachment.blob)
    expect(await answerTo(fetchBlob(relay, theirs, { ...attachment, blob: random(32) as never }, silent))).toBe(
      'not-found',
    )
  })

  it('cannot make one attachment two: another ciphertext under the same key does not open', async () => {
    const { theirs, attachment } = await sent('two')
    const other = blobFilesInMemory()
    const again = await spoolFile(other, sourceOf(random(300_000)), () => attachment.key)
    await theirs.write(attachment.blob, 0, await other.read(again.blob, 0, blobSize(300_000)))
    expect(await refusal(theirs, attachment)).toBe('not-authentic')
  })
})
