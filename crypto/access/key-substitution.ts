import { concat, decode, equal, hex, textField, u32, utf8 } from '../bytes.ts'
import type { Content } from '../content.ts'
import { decodeEnvelope } from '../envelope.ts'
import { CryptoError } from '../errors.ts'
import { checkName, type DeviceRecord, encodeDeviceRecord, nameMaximumBytes } from '../identity.ts'
import { keySizeBytes, sized } from '../keys.ts'
import { createListOpener } from '../opened-lists.ts'
import { encodeBundle, openBundle } from '../prekeys.ts'
import type { Random } from '../random.ts'
import { encrypt, openSession, type Session } from '../session.ts'
import type { AccessMode } from './mode.ts'
import { createPuppetMail, type Puppet, puppetReader, streamOf } from './puppet.ts'
import { silentSeams } from './silent.ts'
import type { PuppetListing, Tap, TapAddress, TapLine, Tapping } from './tap.ts'

const id = 'key-substitution'
const instrumentMagic = utf8('doormat substitution instrument 1\n')
const targetsMaximum = 1000

/**
 * The middle: everybody who asks about a target is given an impostor's key, and so is a target about everybody else. What
 * comes for an impostor is read, encrypted again by the impostor of its sender, and passed on.
 * @param seed 32 bytes, of all impostors
 * @param targets names; none: everybody
 * @param sparesAcquainted whether two people who have written to each other before are left alone, who would notice
 */
export function middle(seed: Uint8Array, targets: readonly string[], sparesAcquainted: boolean, line: TapLine): Tap {
  const mail = createPuppetMail(seed)
  /** how many bundles with one-time keys each impostor has handed out */
  const handedOut = new Map<string, number>()
  /** how many messages an impostor has passed on to a device, for their numbers */
  const passed = new Map<string, number>()

  const isTarget = (user: string) => targets.length === 0 || targets.includes(user)

  const listingOf = (user: string): PuppetListing => ({ record: mail.puppet(user).device.record, prekeys: [] })

  async function sessionWith(impostor: Puppet, theirs: DeviceRecord, random: Random): Promise<Session | null> {
    const known = mail.sessions(impostor.device.record, theirs).find(({ ratchet }) => ratchet.sending)
    if (known) return known
    const bytes = await line.bundle({ user: theirs.user, device: theirs.id })
    if (!bytes) return null
    const bundle = openBundle(bytes, theirs, Math.floor(line.now() / 1000))
    const { device, signedList } = impostor
    return openSession(device, signedList, theirs, bundle, line.policy().reference, line.now(), random)
  }

  const openList = createListOpener(4096)

  /** Messages are numbered for each device that is written to, and the impostor is another device than the sender's. */
  function numbered(content: Content, impostor: DeviceRecord, theirs: DeviceRecord): Content {
    if (content.sequence === 0) return { ...content, abandoned: [] }
    const key = hex(concat(encodeDeviceRecord(impostor), encodeDeviceRecord(theirs)))
    const sequence = (passed.get(key) ?? 0) + 1
    passed.set(key, sequence)
    return { ...content, sequence, abandoned: [] }
  }

  async function passOn(content: Content, from: TapAddress, to: TapAddress, envelope: Uint8Array): Promise<void> {
    const list = await line.signedList(to.user)
    if (!list) return
    const impostor = mail.puppet(from.user)
    const { record } = impostor.device
    const { reference, seams } = line.policy()
    for (const theirs of openList(list).devices) {
      const random = streamOf(seed, utf8('passed on'), theirs.id, envelope)
      const session = await sessionWith(impostor, theirs, random)
      if (!session) continue
      const { next, envelope: again } = encrypt(
        session,
        record,
        numbered(content, record, theirs),
        reference,
        seams,
        random,
      )
      mail.keep(record, next)
      await line.submit({ user: from.user, device: record.id }, { user: to.user, device: theirs.id }, again)
    }
  }

  return {
    puppets: [],
    async answer(asker, user) {
      if (asker === user || !(isTarget(user) || isTarget(asker))) return null
      if (sparesAcquainted && (await line.areAcquainted(asker, user))) return null
      return { list: mail.puppet(user).signedList, puppets: [listingOf(user), listingOf(asker)] }
    },
    bundle({ user, device }, fresh) {
      if (!equal(mail.puppet(user).device.record.id, device)) return null
      const turn = handedOut.get(user) ?? 0
      if (fresh) handedOut.set(user, turn + 1)
      return encodeBundle(mail.puppet(user).bundle(fresh ? turn : null))
    },
    async take(from, to, bytes) {
      const ends = { fromUser: from.user, fromDevice: from.device, toUser: to.user, toDevice: to.device }
      const content = mail.open({ time: line.now(), ...ends, bytes }, decodeEnvelope(bytes))
      if (content && content.kind !== 'reset' && !isCopy(content)) await passOn(content, from, to, bytes)
    },
  }
}

/** Of what passes between one's own devices, nobody else is to know. */
const isCopy = (content: Content) =>
  content.kind === 'copy' || (content.kind === 'afterword' && content.to !== undefined)

function decodeInstrument(bytes: Uint8Array): { readonly seed: Uint8Array; readonly targets: readonly string[] } {
  if (!equal(bytes.subarray(0, instrumentMagic.length), instrumentMagic))
    throw new CryptoError('malformed', 'not the instrument of a substitution')
  return decode(bytes.subarray(instrumentMagic.length), (reader) => {
    const seed = reader.take(keySizeBytes)
    const count = reader.u32()
    if (count > targetsMaximum) throw new CryptoError('malformed', 'too many targets')
    return { seed, targets: Array.from({ length: count }, () => checkName(reader.text(nameMaximumBytes))) }
  })
}

const tapping: Tapping = {
  operatorLearns: true,
  instrument(held, targets) {
    const [seed, other] = held
    if (!seed || other) throw new CryptoError('malformed', 'impostors are made from one key')
    return concat(
      instrumentMagic,
      sized(seed, keySizeBytes),
      u32(targets.length),
      ...targets.map((user) => textField(checkName(user))),
    )
  },
  targets: (instrument) => decodeInstrument(instrument).targets,
  tap(instrument, line) {
    const { seed, targets } = decodeInstrument(instrument)
    return middle(seed, targets, false, line)
  },
}

export const keySubstitution: AccessMode = {
  id,
  title: 'Key substitution',
  summary: 'The relay hands out false keys for the people whom the authority names, and reads in between.',
  year: 2015,
  source: 'The lying key directory in Green, "Let\'s talk about iMessage (again)", 9 September 2015',
  simplifies:
    'The relay itself decrypts and encrypts again, so the operator also holds the key while the tap is in place. The relay keeps the sessions in between in memory only: when it restarts, the conversations that it stood in the middle of break.',
  tapping,
  remembers: true,

  setup: (random) => ({
    parameters: new Uint8Array(),
    secrets: [
      { name: 'impostor key', holder: 'the authority', jurisdiction: 'one state', bytes: random(keySizeBytes) },
    ],
  }),

  join: silentSeams,
  reader: (held) => puppetReader(id, held, 'by either'),
}
