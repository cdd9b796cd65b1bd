import { concat, decode, equal, field, hex, type Reader as Bytes, u32, u8, utf8 } from '../bytes.ts'
import { type Content, writeContent } from '../content.ts'
import { CryptoError } from '../errors.ts'
import { encodeEnvelope, type Envelope, type Stanza } from '../envelope.ts'
import { encodeDeviceRecord, readDeviceRecord } from '../identity.ts'
import { derive, labels } from '../kdf.ts'
import { type ChainKey, type Digest, type HeaderKey, keySizeBytes } from '../keys.ts'
import { sealBody } from '../message.ts'
import { encodePolicyReference } from '../policy.ts'
import { decryptHeader, encryptHeader, type Header } from '../ratchet.ts'
import type { MessageSeams, StanzaInput } from '../seams.ts'
import { type Direction, directions, type SuiteNumber } from '../suite.ts'
import { suiteNumbered } from '../suites.ts'
import {
  checkCustodianKey,
  coinsSizeBytes,
  custodianPair,
  openAsCustodian,
  openWithCoins,
  sealedSizeBytes,
  sealToCustodian,
  setupCustodian,
} from './custodian.ts'
import { withAnyOf } from './held.ts'
import {
  advance,
  type ChainPlace,
  createKnownChains,
  type KnownChains,
  openAt,
  type OpenedMessage,
} from './known-chains.ts'
import type { AccessMode, RecordedEnvelope } from './mode.ts'

const id = 'session-key-escrow'

/** Both device records, each behind its length, and zeros up to the room that the longest names take. */
const recordsSizeBytes = 2 * (4 + 1 + 4 + 32 + 4 * keySizeBytes)
/** Suite 2 has one more: which way the chain goes. */
const payloadSizeBytes = (suite: SuiteNumber) => 3 * keySizeBytes + 4 + (suite === 1 ? 0 : 1) + recordsSizeBytes
export const stanzaSizeBytes = (suite: SuiteNumber): number => sealedSizeBytes(payloadSizeBytes(suite))

const wrapKey = (sharedSecret: Uint8Array) =>
  derive<Uint8Array>(labels.accessMode, sharedSecret, [utf8(id), utf8('wrap')])

/** The payload is a function of the chain and the index, as the seed is: no two payloads share their coins. */
const coinsOf = ({ seed, policy }: StanzaInput, custodianKey: Uint8Array) =>
  derive<Uint8Array>(
    labels.accessMode,
    seed,
    [utf8(id), utf8('coins'), encodePolicyReference(policy), custodianKey],
    coinsSizeBytes,
  )

function encodeChain(place: ChainPlace): Uint8Array {
  const { suite, chainKey, headerKey, index, transcript, direction, sender, recipient } = place
  const way = suite === 1 ? new Uint8Array() : u8(directions[direction])
  const records = concat(field(encodeDeviceRecord(sender)), field(encodeDeviceRecord(recipient)))
  const zeros = new Uint8Array(recordsSizeBytes - records.length)
  return concat(chainKey, headerKey, u32(index), transcript, way, records, zeros)
}

const decodeChain = (suite: SuiteNumber, payload: Uint8Array): ChainPlace =>
  decode(payload, (reader) => {
    const chain = {
      suite,
      chainKey: reader.take(keySizeBytes) as ChainKey,
      headerKey: reader.take(keySizeBytes) as HeaderKey,
      index: reader.u32(),
      transcript: reader.take(keySizeBytes) as Digest,
      // nothing is bound to it in suite 1
      direction: suite === 1 ? 'initiator to responder' : readDirection(reader),
      sender: readRecord(reader),
      recipient: readRecord(reader),
    }
    const rest = reader.take(payload.length - reader.offset)
    if (rest.some((byte) => byte !== 0)) throw new CryptoError('malformed', 'a sealed chain with something behind it')
    return chain
  })

function readDirection(reader: Bytes): Direction {
  const byte = reader.u8()
  for (const [direction, value] of Object.entries(directions)) if (value === byte) return direction as Direction
  throw new CryptoError('malformed', 'a chain that goes no way')
}

const readRecord = (reader: Bytes) => decode(reader.field(recordsSizeBytes), readDeviceRecord)

function seal(custodianKey: Uint8Array, input: StanzaInput, chainKey: ChainKey): Stanza {
  const { sender, recipient, policy, chain } = input
  const payload = encodeChain({ chainKey, ...chain, sender, recipient })
  const reference = encodePolicyReference(policy)
  return {
    modeId: id,
    payload: sealToCustodian(custodianKey, coinsOf(input, custodianKey), wrapKey, payload, reference),
  }
}

/**
 * A recipient may have stepped past the chain key already. It finds the key in the stanza again and checks that it is
 * this message's.
 */
function isRight(custodianKey: Uint8Array, input: StanzaInput, { payload }: Stanza): boolean {
  const { suite } = input.chain
  if (payload.length !== stanzaSizeBytes(suite)) return false
  const coins = coinsOf(input, custodianKey)
  const reference = encodePolicyReference(input.policy)
  const sealed = openWithCoins(custodianKey, coins, payload, payloadSizeBytes(suite), wrapKey, reference)
  if (!sealed) return false
  const chainKey = sealed.slice(0, keySizeBytes) as ChainKey
  const { sender, recipient, chain } = input
  return chain.begins(chainKey) && equal(sealed, encodeChain({ chainKey, ...chain, sender, recipient }))
}

function joinCustodian(custodianKey: Uint8Array): MessageSeams {
  return {
    outgoing: (offer, chainKey) => [seal(custodianKey, offer(), chainKey)],
    incoming(offer, stanzas) {
      const [given, ...rest] = stanzas
      if (!given || rest.length > 0 || given.modeId !== id || !isRight(custodianKey, offer(), given))
        throw new CryptoError(
          'stanza-refused',
          'the message does not carry the chain key that the access mode asks for',
        )
    },
  }
}

/**
 * Escrow of session keys. What is sealed opens its message and every later one of the same sending chain, even for
 * somebody who has only recorded the rest. It is the whole chain key, so the holder can also make the messages that
 * come next.
 */
export const sessionKeyEscrow: AccessMode = {
  id,
  title: 'Session key escrow',
  summary: 'One authority can read every conversation, and can also write in the name of either side.',
  year: 1996,
  source:
    'The data recovery field of Denning and Branstad, "A Taxonomy for Key Escrow Encryption Systems" (1996), here for each session, as in the Escrowed Encryption Standard (FIPS 185, 1994)',
  simplifies:
    'One recovery field for each session would be enough. Here headers are encrypted, and a relay cannot tell where a chain begins. So every message carries the chain key at its own place; otherwise nobody could insist on a field at all.',
  remembers: true,

  setup: setupCustodian,

  join(parameters) {
    return {
      ...joinCustodian(checkCustodianKey(parameters)),
      admit: ([stanza, ...rest], suite) =>
        rest.length === 0 && stanza?.modeId === id && stanza.payload.length === stanzaSizeBytes(suite),
    }
  },

  reader(held) {
    const pairs = held.map(custodianPair)
    /** both ends by their names and devices -> what has opened messages between them */
    const known = new Map<string, KnownChains>()

    /**
     * Reads what a message's own stanza has sealed. Null where it has none.
     * @throws CryptoError for a stanza that does not open its message
     */
    function openByStanza(recorded: RecordedEnvelope, envelope: Envelope): OpenedMessage | null {
      const stanza = envelope.stanzas.find(({ modeId }) => modeId === id)
      if (!stanza) return null
      const reference = encodePolicyReference(envelope.policy)
      const payload = withAnyOf(pairs, (pair) =>
        openAsCustodian(pair, stanza.payload, payloadSizeBytes(envelope.suite), wrapKey, reference),
      )
      if (!payload) return null
      const here = decodeChain(envelope.suite, payload)
      const header = decryptHeader(envelope.encryptedHeader, here.headerKey)
      if (header?.index !== here.index)
        throw new CryptoError('not-authentic', 'what is sealed is not of the place of its message')
      const opened = openAt(here, header, envelope)
      // anybody who has seen an envelope can hand it in as their own, so the sender must be the one that was sealed
      if (!isBetween(here, recorded))
        throw new CryptoError('wrong-person', 'what is sealed names other people than the relay')
      return opened
    }

    /**
     * Tries a message's own stanza first, and chains that have opened other messages only where that does not open it.
     */
    function open(recorded: RecordedEnvelope, envelope: Envelope): OpenedMessage | null {
      const ends = endsOf(recorded)
      const chains = known.get(ends) ?? createKnownChains()
      const own = orRefusal(() => openByStanza(recorded, envelope))
      if (own && !(own instanceof CryptoError)) {
        chains.remember(own.here)
        known.set(ends, chains)
        return own
      }
      // it has opened, and is of other people: it is nobody's here, whatever chain it is on
      if (own?.code === 'wrong-person') throw own
      const opened = chains.open(envelope)
      if (!opened && own) throw own
      return opened
    }

    return {
      read(recorded, envelope) {
        const opened = open(recorded, envelope)
        return opened && { recorded, content: opened.content, modeId: id, epoch: envelope.policy.epoch }
      },
      /** Makes the next message of the chain just as its sender would, before the sender has sent one. */
      forge(recorded, envelope, text, random) {
        const opened = open(recorded, envelope)
        const [custodian] = pairs
        return opened && custodian
          ? forgeNext(opened.here, opened.header, { ...opened.content, text }, envelope, custodian.publicKey, random)
          : null
      },
    }
  },
}

function orRefusal<T>(work: () => T): T | CryptoError {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) return error
    throw error
  }
}

const isBetween = ({ sender, recipient }: ChainPlace, recorded: RecordedEnvelope): boolean =>
  sender.user === recorded.fromUser &&
  equal(sender.id, recorded.fromDevice) &&
  recipient.user === recorded.toUser &&
  equal(recipient.id, recorded.toDevice)

/** Names have no space in them, so no two pairs share a key. */
const endsOf = ({ fromUser, fromDevice, toUser, toDevice }: RecordedEnvelope) =>
  [fromUser, hex(fromDevice), toUser, hex(toDevice)].join(' ')

function forgeNext(
  here: ChainPlace,
  header: Header,
  said: Content,
  { policy, handshake }: Envelope,
  custodianKey: Uint8Array,
  random: (sizeBytes: number) => Uint8Array,
): Uint8Array {
  const next = advance(here, here.index + 1)
  const { suite, headerKey, transcript, direction, sender, recipient, index, chainKey } = next
  const encryptedHeader = encryptHeader({ ...header, index }, headerKey, random)
  const context = suiteNumbered(suite).context({ ...next, handshake, encryptedHeader, policy })
  const content = { ...said, id: hex(random(16)), sequence: said.sequence + 1, abandoned: [] }
  const place = { context, policy, sender, recipient, chain: { suite, transcript, direction, headerKey, index } }
  const seams = joinCustodian(custodianKey)
  const { messageKey } = suiteNumbered(suite).stepChain(chainKey)
  return sealBody(
    { messageKey, chainKey, place, seams, random },
    (to) => writeContent(to, content),
    (body) => encodeEnvelope({ policy, handshake, encryptedHeader, ...body }),
  )
}
