import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as book from '../vectors/by-the-book.ts'
import { type Vectors, vectorsFile } from '../vectors/v2.ts'

/* As own-vectors: sections 7 to 14, held against the specification and other people's libraries, with nothing of crypto/. */

const { agree, derive, digest, field, join, optional, seal, text, u32, u64, u8 } = book

const v = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vectors
const { transcript, rootSecret } = v.handshakes.full

type State = Vectors['ratchet']['initiator']
type Message = Vectors['messages'][0]
const messages = v.messages.map((message, i) => ({ nth: i + 1, message, before: v.messages.slice(0, i) }))

/** Where somebody stood after these messages. */
function standing(user: string, before: readonly Message[]): State {
  const last = before.at(-1)
  if (last) return last.from === user ? last.sender : last.recipient
  return user === 'alice' ? v.ratchet.initiator : v.ratchet.responder
}

const rootStep = (before: string, secret: string) => {
  const [rootKey, chainKey] = book.pair('root step', before, [secret])
  return { rootKey, chainKey, headerKey: derive('next header key', before, [secret]) }
}

describe('section 7', () => {
  it('starts on both sides', () => {
    const { initiator, responder, secret } = v.ratchet
    const signed = v.prekeys[0] as Vectors['prekeys'][0]
    const rootKey = derive('root key', rootSecret, [transcript])
    const [first, second] = ['initiator', 'responder'].map((who) =>
      derive(`${who} header key`, rootSecret, [transcript]),
    )
    expect(responder).toEqual({
      rootKey,
      ratchetSecret: signed.secret,
      ratchetKey: signed.key,
      sending: null,
      nextSendingHeaderKey: second,
      nextReceivingHeaderKey: first,
      previousCount: 0,
      receiving: [],
      epoch: 1,
    })
    expect(agree(initiator.ratchetSecret, signed.key)).toBe(secret)
    const step = rootStep(rootKey, secret)
    expect(initiator).toEqual({
      rootKey: step.rootKey,
      ratchetSecret: initiator.ratchetSecret,
      ratchetKey: book.agreementKey(initiator.ratchetSecret),
      sending: { chainKey: step.chainKey, headerKey: first, index: 0 },
      nextSendingHeaderKey: step.headerKey,
      nextReceivingHeaderKey: second,
      previousCount: 0,
      receiving: [],
      epoch: 1,
    })
  })

  it.each(messages)('steps the sending chain for message $nth', ({ message, before }) => {
    const { sending, ratchetKey, previousCount, ...rest } = standing(message.from, before)
    const { chainKey = '', headerKey, index = 0 } = sending ?? {}
    expect(message.header.key).toBe(headerKey)
    expect(join(ratchetKey, u32(previousCount), u32(index))).toBe(message.header.header)
    expect(join(message.header.nonce, seal(message.header.key, message.header.nonce, message.header.header))).toBe(
      message.header.encrypted,
    )
    const [nextChainKey, messageKey] = book.pair('chain step', chainKey)
    expect(message.keys).toMatchObject({ chainKey, messageKey })
    const next = { chainKey: nextChainKey, headerKey, index: index + 1 }
    expect(message.sender).toEqual({ ...rest, ratchetKey, previousCount, sending: next })
  })

  it.each(messages.filter(({ message }) => message.turn))('turns for message $nth', ({ message, before }) => {
    const was = standing(message.to, before)
    const { ratchetSecret, ratchetKey, receiving } = message.recipient
    const theirs = message.header.header.slice(0, 64)
    const received = agree(was.ratchetSecret, theirs)
    const sent = agree(ratchetSecret, theirs)
    expect(message.turn).toMatchObject({ receivingSecret: received, sendingSecret: sent })
    const [down, up] = [rootStep(was.rootKey, received), rootStep(message.turn?.rootKeyBetween ?? '', sent)]
    expect(message.turn?.rootKeyBetween).toBe(down.rootKey)
    expect(ratchetKey).toBe(book.agreementKey(ratchetSecret))
    expect(message.keys.chainKey).toBe(down.chainKey)
    expect(message.recipient).toMatchObject({
      rootKey: up.rootKey,
      sending: { chainKey: up.chainKey, headerKey: was.nextSendingHeaderKey, index: 0 },
      nextSendingHeaderKey: up.headerKey,
      nextReceivingHeaderKey: down.headerKey,
      previousCount: was.sending?.index ?? 0,
    })
    expect(receiving[0]).toMatchObject({ ratchetKey: theirs, headerKey: was.nextReceivingHeaderKey })
    expect(receiving.slice(1)).toEqual(
      was.receiving.map((chain, i) => (i === 0 ? { ...chain, chainKey: null } : chain)),
    )
  })

  it.each(messages)('leaves the recipient one step on after message $nth', ({ message }) => {
    expect(message.recipient.epoch).toBe(Number.parseInt(message.reference.slice(0, 8), 16))
    const { chainKey, index } = message.recipient.receiving[0] as State['receiving'][0]
    expect(chainKey).toBe(book.pair('chain step', message.keys.chainKey)[0])
    expect(u32(index - 1)).toBe(message.header.header.slice(-8))
  })

  it('turns three times in five messages', () => {
    expect(v.messages.map(({ turn }) => turn !== null)).toEqual([true, false, true, true, true])
  })
})

describe('sections 8 to 10', () => {
  it.each(messages)('make the content of message $nth', ({ message }) => {
    const { kind, id, sequence, sentAt, abandoned, text: body, encoded } = message.content
    const places = abandoned.map(({ ratchetKey, index }) => join(ratchetKey, u32(index)))
    const start = [u8(kind === 'text' ? 1 : 2), text(id), u64(sequence), u64(sentAt)]
    expect(join(...start, u8(places.length), ...places, text(body))).toBe(encoded)
    expect(join(field(encoded)).padEnd(2 * 128, '00')).toBe(message.padded)
  })

  it.each(messages)('make the envelope of message $nth', ({ message }) => {
    const { keys, header, handshake, context, stanzas, reference, nonce, ciphertext, commitment } = message
    expect([keys.encryptionKey, keys.commitmentKey]).toEqual(book.pair('message keys', keys.messageKey))
    expect(keys.stanzaSeed).toBe(derive('stanza seed', keys.messageKey))
    const direction = u8(message.from === 'alice' ? 1 : 2)
    expect(digest('context', transcript, direction, handshake ?? '', header.encrypted, reference)).toBe(context)
    expect(join(context, stanzas)).toBe(message.associatedData)
    expect(seal(keys.encryptionKey, nonce, message.padded, message.associatedData)).toBe(ciphertext)
    expect(derive('commitment', keys.commitmentKey, [nonce, message.associatedData, ciphertext])).toBe(commitment)
    const start = [book.conversationSuite, reference, optional(handshake && field(handshake)), header.encrypted]
    expect(join(...start, stanzas, nonce, commitment, field(ciphertext))).toBe(message.envelope)
  })

  it('repeat the handshake until the first reply', () => {
    const repeated = [v.handshakes.full.handshake, v.handshakes.full.handshake, null, null, null]
    expect(v.messages.map(({ handshake }) => handshake)).toEqual(repeated)
  })
})

describe('sections 12 and 13', () => {
  it('add no stanza in mode none', () => {
    expect(v.messages.slice(0, 3).map(({ stanzas, escrow }) => [stanzas, escrow])).toEqual([
      [u8(0), null],
      [u8(0), null],
      [u8(0), null],
    ])
  })

  it.each(messages.slice(3))('seal message $nth to the custodian, who opens it', ({ message }) => {
    const { secret, key } = v.policy.custodian
    const { keys, context, reference, escrow, stanzas } = message
    expect(book.xWing.key(secret)).toBe(key)
    const payload = join(keys.encryptionKey, context)
    const coins = derive('message-key-escrow coins', keys.stanzaSeed, [reference, key, payload], 64)
    const { ciphertext, secret: kemSecret } = book.xWing.encapsulate(key, coins)
    const wrapKey = derive('message-key-escrow wrap', kemSecret)
    expect(escrow).toEqual({ payload, coins, kemCiphertext: ciphertext, kemSecret, wrapKey })
    const stanza = join(ciphertext, seal(wrapKey, '00'.repeat(24), payload, reference))
    expect(join(u8(1), text('message-key-escrow'), field(stanza))).toBe(stanzas)
    expect(book.xWing.decapsulate(secret, ciphertext)).toBe(kemSecret)
  })
})

describe('section 11', () => {
  it('makes the safety number', () => {
    const { people, digits, words } = v.safetyNumber
    const ordered = people.toSorted((a, b) =>
      join(text(a.user), a.accountKey) < join(text(b.user), b.accountKey) ? -1 : 1,
    )
    expect(ordered.map(({ user }) => user)).toEqual(['bob', 'alice'])
    for (const { user, accountKey, fingerprint } of people)
      expect(derive('fingerprint', accountKey, [text(user)], 42)).toBe(fingerprint)
    const prints = ordered.map(({ fingerprint }) => fingerprint)
    const groups = prints.flatMap((print) => print.slice(0, 60).match(/.{10}/g) ?? [])
    expect(groups.map((group) => String(Number.parseInt(group, 16) % 100_000).padStart(5, '0'))).toEqual(digits)
    const bytes = prints.flatMap((print) => print.slice(60).match(/../g) ?? [])
    expect(bytes.map((byte) => v.words[Number.parseInt(byte, 16)])).toEqual(words)
  })
})

describe('section 14', () => {
  it('makes an archive', () => {
    const records = v.archive.records.map(({ time, fromUser, fromDevice, toUser, toDevice, bytes, record }) => {
      const recorded = field(join(u64(time), text(fromUser), fromDevice, text(toUser), toDevice, field(bytes)))
      expect(recorded).toBe(record)
      return recorded
    })
    expect(join(Buffer.from('doormat archive 1\n').toString('hex'), ...records)).toBe(v.archive.file)
    expect(records).toHaveLength(3)
  })
})
