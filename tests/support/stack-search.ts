import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { encryptAead } from '../../crypto/aead.ts'
import { derive, labels, sign } from '../../crypto/kdf.ts'
import { agree, generateAgreementPair, generateSigningPair } from '../../crypto/keys.ts'
import { systemRandom as random } from '../../crypto/random.ts'
import { loadNative } from '../../server/native.ts'
import { sodiumNative } from './native.ts'

/*
 * A process of its own (Linux): computes natively with secrets, and after each looks for them on the stack of its main thread,
 * where native code works. Prints what it has found, and last that a bare call, which nobody cleans up after, is found.
 */

/** The whole stack, of which only what lies below the functions that run now is old. */
function stack(): Buffer {
  const line = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .find((one) => one.endsWith('[stack]'))
  const [from = 0, to = 0] = (line?.split(' ')[0] ?? '').split('-').map((address) => Number.parseInt(address, 16))
  const bytes = Buffer.alloc(to - from)
  const memory = openSync('/proc/self/mem', 'r')
  for (let at = 0; at < bytes.length;) at += readSync(memory, bytes, at, bytes.length - at, from + at)
  closeSync(memory)
  return bytes
}

/** Works so far down that whoever looks afterwards writes over nothing that it has left. */
const deep = <T>(work: () => T, levels = 200): T => (levels === 0 ? work() : deep(work, levels - 1))

/** Half a key is looked for, at either end: a part of one is enough to be worth finding. */
function lookFor(what: string, secret: Uint8Array): void {
  const bytes = stack()
  const halves = [secret.subarray(0, 16), secret.subarray(-16)].map((half) => Buffer.from(half))
  if (halves.some((half) => bytes.includes(half))) console.log(what)
}

if ((await loadNative()).kind !== 'native') throw new Error('nothing is native here')
for (let i = 0; i < 3; i++) {
  const [ours, theirs] = [deep(() => generateAgreementPair(random)), generateAgreementPair(random)]
  lookFor('an agreement secret', ours.secret)
  lookFor(
    'a shared secret',
    deep(() => agree(ours.secret, theirs.public)),
  )
  const { secret } = generateSigningPair(random)
  deep(() => sign(labels.lab, secret, random(100)))
  lookFor('a signing secret', secret)
  const [key, text] = [random(32), random(20_000)]
  deep(() => encryptAead(key, random(24), text))
  lookFor('an encryption key', key)
  lookFor('a text', text)
  lookFor(
    'a derived key',
    deep(() => derive(labels.lab, key, [text])),
  )
  lookFor('the key that it was derived from', key)
}
const [to, key, over] = [new Uint8Array(32), random(32), random(4096)]
deep(() => sodiumNative()?.crypto_generichash(to, over, key))
lookFor('a bare call', to)
