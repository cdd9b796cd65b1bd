// Reads the mail of ghosts and of substituted keys, from docs/protocol.md alone:
// node tests/independent/ghost-opener.mjs ARCHIVE KEYFILE
import { isUtf8 } from 'node:buffer'
import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { ml_kem768 as kem } from '@noble/post-quantum/ml-kem.js'

const fail = (code) => {
  throw new Error(code)
}
const check = (holds, code = 'malformed') => holds || fail(code)
const attempt = (work, code) => {
  try {
    return work()
  } catch {
    return fail(code)
  }
}

// Section 1: integers are big-endian, every length and range is checked, and nothing is left over
const u32 = (n) => Buffer.of(n >>> 24, n >>> 16, n >>> 8, n)
const field = (x) => Buffer.concat([u32(Buffer.from(x).length), Buffer.from(x)])
const reader = (bytes) => {
  let at = 0
  const take = (n) => {
    check(n <= bytes.length - at)
    return bytes.subarray(at, (at += n))
  }
  const u8 = (low = 0, high = 255) => {
    const [n] = take(1)
    check(n >= low && n <= high)
    return n
  }
  const readU32 = () => take(4).readUInt32BE()
  const u64 = () => {
    const n = take(8).readBigUInt64BE()
    check(n < 2n ** 53n)
    return Number(n)
  }
  const readField = () => take(readU32())
  const text = () => {
    const read = readField()
    check(isUtf8(read))
    return read.toString()
  }
  // Section 3: what a name is
  const name = () => {
    const read = text()
    check(/^[a-z][a-z0-9._-]{0,31}$/.test(read))
    return read
  }
  // Section 5: epoch and digest of a policy
  const reference = () => {
    const read = take(36)
    check(read.readUInt32BE() > 0)
    return { bytes: read, epoch: read.readUInt32BE() }
  }
  const optional = (read) => (u8(0, 1) === 1 ? read() : undefined)
  const end = () => check(at === bytes.length)
  const since = (start) => bytes.subarray(start, at)
  const suite = () => u8(1, 1)
  // Section 1: prekeys, handshakes and envelopes are of suite 2, or in an older archive of suite 1
  const conversationSuite = () => SUITES[u8(1, 2)]
  return {
    take,
    u8,
    u32: readU32,
    u64,
    field: readField,
    text,
    name,
    reference,
    optional,
    end,
    since,
    suite,
    conversationSuite,
    at: () => at,
  }
}

// Section 2
const labelled = (version) => {
  const body = (label, parts) =>
    Buffer.concat([field(`doormat ${version} ${label}`), ...parts.map((part) => field(part))])
  const derive = (label, key, parts = [], n = 32) => Buffer.from(blake2b(body(label, parts), { key, dkLen: n }))
  const digest = (label, ...parts) => Buffer.from(blake2b(body(label, parts), { dkLen: 32 }))
  const pair = (label, key, parts) => {
    const both = derive(label, key, parts, 64)
    return [both.subarray(0, 32), both.subarray(32)]
  }
  return { body, derive, digest, pair }
}
const { body, derive, digest } = labelled(1)
const agree = (secret, key) => attempt(() => x25519.getSharedSecret(secret, key), 'bad-key')
const unseal = (key, nonce, box, ad) =>
  attempt(() => Buffer.from(xchacha20poly1305(key, nonce, ad).decrypt(box)), 'not-authentic')

// Sections 7 and 8, as suite 2 has them and as suite 1 had them
const OCTAVES = [1024, 2048, 4096, 8192, 16_384, 32_768]
const suiteOf = (version, steps) => ({ ...labelled(version), ...steps(labelled(version)) })
const SUITES = {
  2: suiteOf(2, ({ derive, digest, pair }) => ({
    rootStep: (root, s) => {
      const [next, chainKey] = pair('root step', root, [s])
      return { root: next, chainKey, nextHeaderKey: derive('next header key', root, [s]) }
    },
    chainStep: (key) => {
      const [chainKey, messageKey] = pair('chain step', key)
      return { chainKey, messageKey }
    },
    bodyKeys: (messageKey) => pair('message keys', messageKey),
    context: ({ transcript, direction }, ...parts) => digest('context', transcript, Buffer.of(direction), ...parts),
    sizes: [128, 256, 512, 1024, ...OCTAVES.flatMap((from) => [1, 2, 3, 4].map((n) => from + (n * from) / 4))],
  })),
  1: suiteOf(1, ({ derive, digest }) => ({
    rootStep: (root, s) => ({
      root: derive('next root key', root, [s]),
      chainKey: derive('first chain key', root, [s]),
      nextHeaderKey: derive('next header key', root, [s]),
    }),
    chainStep: (key) => ({ chainKey: derive('next chain key', key), messageKey: derive('message key', key) }),
    bodyKeys: (messageKey) => [derive('encryption key', messageKey), derive('commitment key', messageKey)],
    context: ({ transcript, sender, recipient }, ...parts) =>
      digest('context', transcript, sender, recipient, ...parts),
    sizes: [128, 256, 512, ...OCTAVES, 65_536],
  })),
}
const checkKey = (key) => {
  const point = attempt(() => ed25519.Point.fromBytes(key), 'bad-key')
  check(!point.isSmallOrder() && point.isTorsionFree(), 'bad-key')
}
// Node verifies without cofactor, as the specification asks
const checkSignature = (label, key, message, signature) => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }
  check(verify(null, body(label, [message]), createPublicKey({ key: jwk, format: 'jwk' }), signature), 'bad-signature')
}

// Section 3: the record of one device, out of a device list that holds
const recordOf = (user, ...keys) => Buffer.concat([Buffer.of(1), field(user), ...keys])
const senderIn = (bytes, from, device) => {
  const list = reader(bytes)
  list.suite()
  const [user, accountKey] = [list.name(), list.take(32)]
  check(list.u32() > 0)
  const devices = Array.from({ length: list.u8(1, 8) }, () => {
    const [id, signingKey, identityKey, proof] = [list.take(32), list.take(32), list.take(32), list.take(64)]
    return { id, signingKey, identityKey, proof, record: recordOf(user, accountKey, id, signingKey, identityKey) }
  })
  const head = list.since(0)
  const signature = list.take(64)
  list.end()
  check(devices.every(({ id }, i) => i === 0 || Buffer.compare(devices[i - 1].id, id) < 0))
  checkKey(accountKey)
  for (const { signingKey, proof, record } of devices) {
    checkKey(signingKey)
    checkSignature('device record', signingKey, record, proof)
  }
  checkSignature('device list', accountKey, head, signature)
  return devices.find(({ id }) => user === from && id.equals(device)) ?? fail('wrong-person')
}

// Section 13e: all that a puppet has comes from the seed
const puppets = (seed) => {
  const stream = (...parts) => {
    let next = 0
    const block = () => derive('access mode', seed, ['puppet', ...parts, u32(next++)], 64)
    return (n) => Buffer.concat(Array.from({ length: Math.ceil(n / 64) }, block)).subarray(0, n)
  }
  const make = (name) => {
    const draw = stream('account', name)
    const [id, account, signing, identity] = [draw(32), draw(32), draw(32), draw(32)]
    const keys = [ed25519.getPublicKey(account), id, ed25519.getPublicKey(signing), x25519.getPublicKey(identity)]
    const agreementPrekey = (prekey) => {
      check(prekey === 1 || (prekey >= 3 && prekey <= 52), 'key-gone')
      const secret = stream('prekey', name, u32(prekey))(32)
      return { secret, key: x25519.getPublicKey(secret) }
    }
    const kemPrekey = (prekey) => {
      check(prekey === 2 || (prekey >= 53 && prekey <= 102), 'key-gone')
      const { secretKey, publicKey } = kem.keygen(stream('prekey', name, u32(prekey))(64))
      return { secret: secretKey, key: publicKey }
    }
    return { id, identity, record: recordOf(name, ...keys), agreementPrekey, kemPrekey }
  }
  const known = new Map()
  const of = (name) => known.get(name) ?? known.set(name, make(name)).get(name)
  const turn = (envelope) => stream('turn', digest('envelope digest', envelope))(32)
  return { of, turn }
}

// Section 6: the first message of a session is answered as B does; section 7: B's first state
const answer = (bytes, puppet, from, device) => {
  const handshake = reader(bytes)
  const suite = handshake.conversationSuite()
  const list = handshake.field()
  const named = handshake.take(32)
  const [startedAt, ephemeral, signedId] = [handshake.u64(), handshake.take(32), handshake.u32()]
  const [oneTimeId, kemId] = [handshake.optional(handshake.u32), handshake.u32()]
  const [ct, { epoch }] = [handshake.take(1088), handshake.reference()]
  handshake.end()
  check(named.equals(device), 'wrong-person')
  const sender = senderIn(list, from, device)
  const [signed, last] = [puppet.agreementPrekey(signedId), puppet.kemPrekey(kemId)]
  const oneTime = oneTimeId === undefined ? undefined : puppet.agreementPrekey(oneTimeId)
  const prekeys = [signed.key, oneTime?.key ?? Buffer.of(), last.key]
  const transcript = suite.digest('transcript', bytes, sender.record, puppet.record, ...prekeys)
  const secrets = [
    Buffer.alloc(32, 0xff),
    agree(signed.secret, sender.identityKey),
    agree(puppet.identity, ephemeral),
    agree(signed.secret, ephemeral),
    oneTime ? agree(oneTime.secret, ephemeral) : Buffer.of(),
    kem.decapsulate(ct, last.secret),
  ]
  const rootSecret = suite.derive('root secret', transcript, [Buffer.concat(secrets)])
  return {
    suite,
    order: { startedAt, ephemeral },
    transcript,
    peer: sender.record,
    root: suite.derive('root key', rootSecret, [transcript]),
    ours: signed.secret,
    nextHeaderKey: suite.derive('initiator header key', rootSecret, [transcript]),
    nextSendingKey: suite.derive('responder header key', rootSecret, [transcript]),
    sending: undefined, // the chain that the puppet writes on
    chains: [], // the receiving chains, newest first
    kept: [], // the keys that were jumped over, oldest first
    epoch,
  }
}

// Section 17
const [JUMP, KEPT, CHAINS, SESSIONS] = [1000, 1000, 5, 4]

const headerUnder = (key, box) => {
  try {
    const header = reader(unseal(key, box.subarray(0, 24), box.subarray(24)))
    return { ratchetKey: header.take(32), previous: header.u32(), index: header.u32() }
  } catch {
    return undefined
  }
}

// Section 7: the chain of a session that a header is of, or a new chain; undefined if it is of none of this session
const findChain = ({ suite, chains, nextHeaderKey }, { suite: spoken, header: box }) => {
  if (suite !== spoken) return undefined
  const [newest, ...older] = chains
  const candidates = [...(newest ? [newest] : []), undefined, ...older]
  for (const chain of candidates) {
    const header = headerUnder(chain?.headerKey ?? nextHeaderKey, box)
    if (header) return { header, chain }
  }
  return undefined
}

// Steps a chain up to an index; the keys on the way are kept, with the bounds of their epochs
const advance = ({ chainStep }, chain, index, low, high) => {
  const kept = []
  const place = { headerKey: chain.headerKey, ratchetKey: chain.ratchetKey }
  let { chainKey, next } = chain
  for (; next < index; next += 1) {
    const step = chainStep(chainKey)
    kept.push({ ...place, index: next, messageKey: step.messageKey, low, high })
    chainKey = step.chainKey
  }
  return { chain: { ...chain, chainKey, next }, kept }
}

// The message key for a header, and the session after it; the session given stays as it is
const step = (session, { header, chain }, epoch, drawTurn) => {
  const { ratchetKey, previous, index } = header
  const { suite } = session
  const [newest, ...older] = session.chains
  if (chain) check(chain.ratchetKey.equals(ratchetKey), 'not-authentic')
  if (chain && (chain !== newest || index < chain.next)) {
    check(index < chain.next, 'not-authentic')
    const ofChain = session.kept.filter((key) => key.headerKey.equals(chain.headerKey))
    const found = ofChain.find((key) => key.index === index) ?? fail('key-gone')
    check(found.low <= epoch && epoch <= found.high, 'policy-dated-back')
    // they are kept in the order in which their messages were sent, over all chains
    const place = session.kept.indexOf(found)
    const [before, after] = [session.kept.slice(0, place), session.kept.slice(place + 1)]
    const kept = [
      ...before.map((key) => ({ ...key, high: Math.min(key.high, epoch) })),
      ...after.map((key) => ({ ...key, low: Math.max(key.low, epoch) })),
    ]
    return { messageKey: found.messageKey, next: { ...session, kept } }
  }
  check(epoch >= session.epoch, 'policy-dated-back')
  let next = { ...session, epoch }
  let jumped = []
  let current = newest
  if (!chain) {
    check(previous >= (newest?.next ?? 0) && (newest || previous === 0), 'not-authentic')
    check(previous - (newest?.next ?? 0) + index <= JUMP, 'too-far-ahead')
    const ended = newest ? advance(suite, newest, previous, session.epoch, epoch) : undefined
    jumped = ended?.kept ?? []
    const receiving = suite.rootStep(session.root, agree(session.ours, ratchetKey))
    const ours = drawTurn()
    const { root, chainKey, nextHeaderKey: nextSendingKey } = suite.rootStep(receiving.root, agree(ours, ratchetKey))
    const sending = { headerKey: session.nextSendingKey, ratchetKey, chainKey, next: 0 }
    current = { headerKey: session.nextHeaderKey, ratchetKey, chainKey: receiving.chainKey, next: 0 }
    const chains = [current, ...(ended ? [ended.chain] : []), ...older].slice(0, CHAINS)
    next = { ...next, root, ours, sending, nextSendingKey, nextHeaderKey: receiving.nextHeaderKey, chains }
  }
  check(index - current.next <= JUMP, 'too-far-ahead')
  const reached = advance(suite, current, index, session.epoch, epoch)
  const { chainKey, messageKey } = suite.chainStep(reached.chain.chainKey)
  const chains = [{ ...reached.chain, chainKey, next: index + 1 }, ...next.chains.slice(1)]
  const held = next.kept.filter((key) => chains.some((each) => each.headerKey.equals(key.headerKey)))
  const kept = [...held, ...jumped, ...reached.kept].slice(-KEPT)
  return { messageKey, next: { ...next, chains, kept } }
}

// Section 9
const decodeEnvelope = (bytes) => {
  const envelope = reader(bytes)
  const suite = envelope.conversationSuite()
  const reference = envelope.reference()
  const handshake = envelope.optional(envelope.field)
  check(handshake?.length !== 0)
  const header = envelope.take(80)
  const start = envelope.at()
  for (let left = envelope.u8(0, 8); left > 0; left -= 1) {
    check(/^[a-z0-9-]{1,48}$/.test(envelope.text()))
    check(envelope.field().length <= 4096)
  }
  const stanzas = envelope.since(start)
  const [nonce, commitment, ciphertext] = [envelope.take(24), envelope.take(32), envelope.field()]
  envelope.end()
  check(suite.sizes.includes(ciphertext.length - 16))
  return { suite, reference, handshake, header, stanzas, nonce, commitment, ciphertext }
}

// Section 8: commitment, decryption, padding
const openBody = (envelope, messageKey, ends) => {
  const { suite, reference, handshake, header, stanzas, nonce, commitment, ciphertext } = envelope
  const context = suite.context(ends, handshake ?? Buffer.of(), header, reference.bytes)
  const ad = Buffer.concat([context, stanzas])
  const [encryptionKey, commitmentKey] = suite.bodyKeys(messageKey)
  const made = suite.derive('commitment', commitmentKey, [nonce, ad, ciphertext])
  check(made.equals(commitment), 'not-authentic')
  const padded = unseal(encryptionKey, nonce, ciphertext, ad)
  const size = reader(padded)
  const content = size.field()
  const smallest = suite.sizes.find((bytes) => bytes >= size.at())
  check(padded.length === smallest && padded.subarray(size.at()).every((byte) => byte === 0))
  return content
}

// Section 10: a copy has the name of the person that its text was sent to, and is of the reader's own name
const decodeContent = (bytes, from, to) => {
  const content = reader(bytes)
  const kind = content.u8(1, 9)
  check(kind !== 6 && kind !== 7)
  check(/^[!-~]{1,64}$/.test(content.text()))
  check(content.u64() > 0 === [1, 3, 4, 8, 9].includes(kind))
  content.u64()
  const places = Array.from({ length: content.u8(0, 32) }, () => ({
    ratchetKey: content.take(32),
    index: content.u32(),
  }))
  const reached = kind === 4 ? content.name() : to
  if (kind === 3) check(content.u32() > 0)
  if (kind === 4) content.u32()
  if (kind === 5) {
    content.u8(1, 2)
    for (let left = content.u8(1, 64); left > 0; left -= 1) check(/^[!-~]{1,64}$/.test(content.text()))
  }
  // section 10d: a reaction or a deletion, here or as a copy
  if (kind === 8 || kind === 9) {
    if (content.u8(0, 1) === 1) content.name()
    if (kind === 8) content.name()
    for (let left = kind === 8 ? 1 : content.u8(1, 64); left > 0; left -= 1) check(/^[!-~]{1,64}$/.test(content.text()))
    if (kind === 8) check(Buffer.byteLength(content.text()) <= 64)
  }
  const text = [5, 8, 9].includes(kind) ? '' : content.text()
  content.end()
  check(Buffer.byteLength(text) <= 64_000 && (kind !== 2 || text === ''))
  const isText = kind === 1 || kind === 3 || (kind === 4 && from === to)
  return { places, said: isText ? { from, to: reached, text } : undefined }
}

// Section 13e, "Reading": what a puppet makes of one record, which is for it or by it
const puppetReader = (seed) => {
  const { of, turn } = puppets(seed)
  const sessions = new Map()
  const between = (...ends) => ends.join(' ')
  const readReceived = ({ from, device, to, bytes }) => {
    const envelope = decodeEnvelope(bytes)
    const puppet = of(to)
    const line = between(to, from, device.toString('hex'))
    const known = sessions.get(line) ?? []
    let session = known.find((each) => findChain(each, envelope))
    if (!session) {
      check(envelope.handshake, 'no-session')
      session = answer(envelope.handshake, puppet, from, device)
    }
    const place = findChain(session, envelope) ?? fail('not-authentic')
    const { messageKey, next } = step(session, place, envelope.reference.epoch, () => turn(bytes))
    // people open the sessions, so what comes to a puppet goes from the initiator to the responder
    const ends = { transcript: session.transcript, direction: 1, sender: session.peer, recipient: puppet.record }
    const { places, said } = decodeContent(openBody(envelope, messageKey, ends), from, to)
    const givenUp = (key) =>
      places.some((place) => place.ratchetKey.equals(key.ratchetKey) && place.index === key.index)
    const after = { ...next, kept: next.kept.filter((key) => !givenUp(key)) }
    const sendingOrder = ({ order: a }, { order: b }) =>
      b.startedAt - a.startedAt || Buffer.compare(b.ephemeral, a.ephemeral)
    const others = known.filter(({ order }) => !order.ephemeral.equals(session.order.ephemeral))
    const all = [after, ...others].toSorted(sendingOrder)
    sessions.set(line, all.slice(0, SESSIONS))
    return { said }
  }
  const readWritten = ({ from, to, toDevice, bytes }) => {
    const envelope = decodeEnvelope(bytes)
    for (const session of sessions.get(between(from, to, toDevice.toString('hex'))) ?? []) {
      const { suite, transcript, peer, sending } = session
      const header = sending && suite === envelope.suite ? headerUnder(sending.headerKey, envelope.header) : undefined
      if (!header || header.index < sending.next || header.index - sending.next > JUMP) continue
      const { chain, kept } = advance(suite, sending, header.index + 1)
      const ends = { transcript, direction: 2, sender: of(from).record, recipient: peer }
      const content = decodeContent(openBody(envelope, kept.at(-1).messageKey, ends), from, to)
      session.sending = chain
      return content
    }
    return undefined
  }
  // undefined for what holds nothing
  return (record) => {
    if (of(record.to).id.equals(record.toDevice)) return readReceived(record)
    return of(record.from).id.equals(record.device) ? readWritten(record) : undefined
  }
}

// Section 14: the archive up to its end, or to what is damaged, and less what stands there twice
const MAGIC = Buffer.from('doormat archive 1\n')
const LONGEST = 102_447
const decodeRecord = (bytes) => {
  const record = reader(bytes)
  record.u64()
  const [from, device, to, toDevice] = [record.name(), record.take(32), record.name(), record.take(32)]
  const envelope = record.field()
  record.end()
  const name = digest('record', from, device, to, toDevice, envelope).toString('hex')
  return { name, from, device, to, toDevice, bytes: envelope }
}
const decodeArchive = (archive) => {
  check(archive.subarray(0, MAGIC.length).equals(MAGIC), 'it does not begin as an archive')
  const records = new Map()
  let at = MAGIC.length
  while (at + 4 <= archive.length) {
    const size = archive.readUInt32BE(at)
    if (size <= LONGEST && at + 4 + size > archive.length) break
    try {
      check(size <= LONGEST)
      const record = decodeRecord(archive.subarray(at + 4, at + 4 + size))
      if (!records.has(record.name)) records.set(record.name, record)
    } catch {
      return { records: [...records.values()], damagedAt: at }
    }
    at += 4 + size
  }
  if (at < archive.length) console.error('the last record is cut off, and left out')
  return { records: [...records.values()] }
}

// Section 13d
const decodeKey = (file) => {
  const key = attempt(() => JSON.parse(file.toString()), 'it is not JSON')
  check(key?.doormat === 'escrow key', 'it is not an escrow key')
  check(['ghost-device', 'key-substitution'].includes(key.mode), 'its mode is neither of section 13e')
  check(
    typeof key.secret === 'string' && /^[A-Za-z0-9_-]{43}$/.test(key.secret),
    'its secret is not 32 bytes in base64url',
  )
  return { seed: Buffer.from(key.secret, 'base64url'), mode: key.mode }
}

const load = (path, decode) => {
  try {
    return decode(readFileSync(path))
  } catch (error) {
    return fail(`${path}: ${error.message}`)
  }
}

const run = (archivePath, keyPath) => {
  check(archivePath && keyPath, 'ghost-opener.mjs ARCHIVE KEYFILE')
  const { seed, mode } = load(keyPath, decodeKey)
  const { records, damagedAt } = load(archivePath, decodeArchive)
  const read = puppetReader(seed)
  const problems = []
  let opened = 0
  for (const record of records) {
    try {
      const content = read(record)
      if (content) opened += 1
      if (content?.said) console.log(JSON.stringify(content.said))
    } catch ({ message }) {
      // a substitution reads these where they were passed on
      if (message !== 'no-session' || mode !== 'key-substitution') problems.push(message)
    }
  }
  for (const code of new Set(problems)) console.error(`not opened: ${code}`)
  console.error(`opened ${opened} of ${opened + problems.length}`)
  check(damagedAt === undefined, `${archivePath}: damaged at byte ${damagedAt}`)
}

process.stdout.on('error', () => process.exit(1))
try {
  run(process.argv[2], process.argv[3])
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
