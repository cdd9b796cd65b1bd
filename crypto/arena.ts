import { equal, publicRoom, Writer } from './bytes.ts'
import { type Address, inWebAssembly, primitives, type Span } from './primitives.ts'
import sodium, { raw } from './sodium.ts'

/*
 * A piece of libsodium's own memory, used as a stack. libsodium works on addresses in its WebAssembly memory; its wrapper
 * copies every argument there and every result back, and leaves both behind: keys and plaintext too. Here a computation
 * opens a frame, puts in what it begins with, lets libsodium work from address to address, and copies out only what it
 * ends with. When the frame ends, all that was in it is overwritten.
 *
 *   within(() => {
 *     const key = put(chainKey)
 *     const next = take(32)
 *     hash(next, 32, label, key)
 *     return copy(next, 32)
 *   })
 *
 * A frame is for one synchronous computation. Frames nest; whatever is taken inside belongs to the innermost.
 */

export type { Address, Span } from './primitives.ts'

/** Several of the longest messages lie in it at once; nothing that passes in a conversation comes near. */
const arenaSizeBytes = 512 * 1024

const bottom = allocate(arenaSizeBytes)
const end = bottom + arenaSizeBytes
raw.HEAPU8.fill(0, bottom, end)
let top = bottom
/** Where `wash` puts what it has made. */
const basin = allocate(64)
let frames = 0
/** Memory besides the arena, for what does not fit in it: the whole of a backup, say. */
const blocks: Span[] = []
/** Whether a key may lie on libsodium's own stack: see `hash`. */
let isStained = false

function allocate(sizeBytes: number): Address {
  const address = raw._malloc(sizeBytes)
  if (address === 0) throw new RangeError(`libsodium has no ${sizeBytes} bytes of memory left`)
  return address
}

/** Opens a frame for some work. At its end, however it ends, what lies in the frame is wiped, and its room is free again. */
export function within<T>(work: () => T): T {
  const before = top
  const blocksBefore = blocks.length
  frames += 1
  try {
    return work()
  } finally {
    if (isStained && frames === 1) wash()
    raw.HEAPU8.fill(0, before, top)
    top = before
    frames -= 1
    if (blocks.length > blocksBefore) free(blocks.splice(blocksBefore))
  }
}

/**
 * BLAKE2b wipes its state and leaves its last result on libsodium's own stack, which may be a key. Here it makes another,
 * of nothing, in the same place: once for the outermost frame, and only if no public result has taken that place since.
 */
function wash(): void {
  raw._crypto_generichash(basin, 64, basin, 0, 0, basin, 32)
  isStained = false
}

function free(own: readonly Span[]): void {
  for (const { address, sizeBytes } of own) {
    raw.HEAPU8.fill(0, address, address + sizeBytes)
    raw._free(address)
  }
}

/** Room for some bytes, which are zero. @throws Error outside a frame, RangeError when libsodium's memory is full */
export function take(sizeBytes: number): Address {
  if (frames === 0) throw new Error('nothing is taken from the arena outside a frame')
  if (sizeBytes > end - top) return takeBlock(sizeBytes)
  const address = top
  top += sizeBytes
  return address
}

function takeBlock(sizeBytes: number): Address {
  const address = allocate(sizeBytes)
  blocks.push({ address, sizeBytes })
  raw.HEAPU8.fill(0, address, address + sizeBytes)
  return address
}

/** Copies bytes in. */
export function put(bytes: Uint8Array): Address {
  const address = take(bytes.length)
  raw.HEAPU8.set(bytes, address)
  return address
}

/** Copies bytes out, to keep. */
export const copy = (address: Address, sizeBytes: number): Uint8Array => raw.HEAPU8.slice(address, address + sizeBytes)

/** The same, for what anybody may see: see `publicRoom`. */
export function copyPublic(address: Address, sizeBytes: number): Uint8Array {
  const bytes = publicRoom(sizeBytes)
  bytes.set(view(address, sizeBytes))
  return bytes
}

/**
 * The bytes themselves, to read or write them where they lie. Good only until something else is taken or called: the
 * memory moves when it grows. So nobody holds a view while an access mode is asked.
 */
export const view = (address: Address, sizeBytes: number): Uint8Array =>
  raw.HEAPU8.subarray(address, address + sizeBytes)

/** Puts something public where it stays for good: a label, of which there are some forty. */
export function keep(bytes: Uint8Array): Address {
  const address = allocate(bytes.length)
  raw.HEAPU8.set(bytes, address)
  return address
}

/** A writer over room that was taken; good as long as a view. */
export const writerAt = (address: Address, sizeBytes: number): Writer =>
  new Writer(raw.HEAPU8, address, address + sizeBytes)

/**
 * The bytes where they lie, for work that is handed in.
 * @param work nothing may be taken meanwhile
 */
export const lend = <T>({ address, sizeBytes }: Span, work: (bytes: Uint8Array) => T): T =>
  undisturbed(() => work(view(address, sizeBytes)))

/** Work with a view or a writer, which are lost when the memory moves: what it wrote would be nowhere, and nobody told. */
function undisturbed<T>(work: () => T): T {
  const topBefore = top
  const blocksBefore = blocks.length
  const memory = raw.HEAPU8
  const result = work()
  if (top !== topBefore || blocks.length !== blocksBefore || raw.HEAPU8 !== memory)
    throw new Error('something was taken from the arena while its memory was in use')
  return result
}

/**
 * Lays out something whose size shows only when it is written.
 * @param maximumBytes it may be as large; what it does not need is free again
 * @param write nothing may be taken meanwhile
 */
export function layOut(maximumBytes: number, write: (to: Writer) => void): Span {
  const address = take(maximumBytes)
  const to = writerAt(address, maximumBytes)
  undisturbed(() => write(to))
  // a writer has left nothing behind its end
  if (top === address + maximumBytes) top = to.offset
  return { address, sizeBytes: to.offset - address }
}

/** The same, copied out: for an encoding of its own. */
export const written = (maximumBytes: number, write: (to: Writer) => void): Uint8Array =>
  within(() => {
    const { address, sizeBytes } = layOut(maximumBytes, write)
    return copy(address, sizeBytes)
  })

/**
 * BLAKE2b (RFC 7693).
 * @param sizeBytes of the result, 16 to 64
 * @param key 32 bytes; null for a hash without one
 * @param isPublic whether anybody may see the result
 * @throws RangeError for another size
 */
export function hash(
  to: Address,
  sizeBytes: number,
  over: Span,
  key: Address | null,
  isPublic: boolean = key === null,
): void {
  if (!primitives.hash(to, sizeBytes, over, key)) throw new RangeError('a hash has 16 to 64 bytes')
  if (!isPublic) isStained = true
  // native code has a stack of its own, and overwrites nothing on this one
  else if (primitives.hash === inWebAssembly.hash) isStained = false
}

/** Where nothing lies. */
const nowhere: Span = { address: 0, sizeBytes: 0 }

/**
 * XChaCha20-Poly1305, in place: the text becomes the ciphertext, and its tag of 16 bytes follows it.
 * @param text with room for the tag behind it
 * @param nonce 24 bytes
 * @param key 32 bytes
 */
export const seal = (text: Span, nonce: Address, key: Address, associated = nowhere): void =>
  primitives.seal(text, nonce, key, associated)

/**
 * The reverse, in place: the text is 16 bytes shorter.
 * @param ciphertext with its tag: 16 bytes or more
 * @returns false when the tag does not hold; no text is there then
 */
export const open = (ciphertext: Span, nonce: Address, key: Address, associated = nowhere): boolean =>
  primitives.open(ciphertext, nonce, key, associated)

/** Once, before anything is trusted to it: whether libsodium answers here as it does through its wrapper. */
function checkAnswers(): void {
  const [key, nonce, text] = [32, 24, 100].map((size) => new Uint8Array(size).fill(size)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, key, null, nonce, key)
  const answers = within(() => {
    const [at, body] = [put(key), take(sealed.length)]
    const [keySpan, bodySpan] = [
      { address: at, sizeBytes: key.length },
      { address: body, sizeBytes: text.length },
    ]
    writerAt(body, text.length).bytes(text)
    seal(bodySpan, put(nonce), at, keySpan)
    const hashed = [at, null].map((by) => {
      const to = take(32)
      hash(to, 32, { address: body, sizeBytes: sealed.length }, by)
      return copy(to, 32)
    })
    const ciphertext = copy(body, sealed.length)
    const opened = open({ address: body, sizeBytes: sealed.length }, put(nonce), at, keySpan)
    return [...hashed, ciphertext, opened ? copy(body, text.length) : nonce]
  })
  const hashes = [key, null].map((by) => sodium.crypto_generichash(32, sealed, by))
  if (![...hashes, sealed, text].every((known, i) => equal(known, answers[i] ?? nonce)))
    throw new Error('libsodium answers otherwise than its wrapper')
}

checkAnswers()
