import { concat, decode, equal, field, textField, u8, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { checkName, deviceIn, deviceListMaximumBytes, nameMaximumBytes, openDeviceList } from '../identity.ts'
import { keySizeBytes, sized } from '../keys.ts'
import { checkPrekey, decodePrekey, encodePrekey, type Prekey, prekeyMaximumBytes } from '../prekeys.ts'
import type { DirectoryView } from '../seams.ts'
import type { AccessMode } from './mode.ts'
import { puppetOf, puppetReader } from './puppet.ts'
import { silentSeams } from './silent.ts'
import type { PuppetListing, Tapping } from './tap.ts'

const id = 'ghost-device'

/** The first bytes of a directory's answer that names a ghost. */
const magic = utf8('doormat ghost 1\n')
const instrumentMagic = utf8('doormat ghost instrument 1\n')

/**
 * The lie. Everything else in a client stays honest. This one function makes the client write to a device that the
 * account has never signed, and show the device list without it.
 * @throws CryptoError `malformed`
 */
export function hideGhost(answer: Uint8Array): DirectoryView {
  if (!equal(answer.subarray(0, magic.length), magic)) return { signedList: answer, hidden: [] }
  return decode(answer.subarray(magic.length), (reader) => {
    const signedList = reader.field(deviceListMaximumBytes)
    const ghost = openDeviceList(reader.field(deviceListMaximumBytes))
    const genuine = openDeviceList(signedList)
    if (ghost.user !== genuine.user) throw new CryptoError('malformed', 'a ghost under the name of somebody else')
    // otherwise mail for the one could not be told from mail for the other
    if (ghost.devices.some(({ id }) => deviceIn(genuine, id)))
      throw new CryptoError('malformed', 'a ghost under the id of another device')
    return { signedList, hidden: ghost.devices }
  })
}

/** A ghost that the authority has made for one person: its public half. */
interface Listed extends PuppetListing {
  readonly signedList: Uint8Array
}

const encodeInstrument = (ghosts: readonly Listed[]) =>
  concat(
    instrumentMagic,
    ...ghosts.map(({ record: { user }, signedList, prekeys }) =>
      concat(textField(user), field(signedList), u8(prekeys.length), ...prekeys.map((one) => field(encodePrekey(one)))),
    ),
  )

/** An instrument that is installed is looked at twice, and has thousands of signatures where it is for everybody. */
const decoded = new WeakMap<Uint8Array, readonly Listed[]>()

function openInstrument(bytes: Uint8Array): readonly Listed[] {
  const ghosts = decoded.get(bytes) ?? decodeInstrument(bytes)
  decoded.set(bytes, ghosts)
  return ghosts
}

function decodeInstrument(bytes: Uint8Array): readonly Listed[] {
  if (!equal(bytes.subarray(0, instrumentMagic.length), instrumentMagic))
    throw new CryptoError('malformed', 'not the instrument of a ghost')
  return decode(bytes.subarray(instrumentMagic.length), (reader) => {
    const ghosts: Listed[] = []
    while (reader.offset < bytes.length - instrumentMagic.length) {
      const user = checkName(reader.text(nameMaximumBytes))
      const signedList = reader.field(deviceListMaximumBytes)
      const [record] = openDeviceList(signedList).devices
      if (!record || record.user !== user) throw new CryptoError('malformed', 'a ghost of somebody else')
      if (ghosts.some(({ record: other }) => other.user === user))
        throw new CryptoError('malformed', 'two ghosts beside one person')
      const prekeys: Prekey[] = Array.from({ length: reader.u8() }, () =>
        decodePrekey(reader.field(prekeyMaximumBytes)),
      )
      // nobody could write to it otherwise, and so to its target
      for (const prekey of prekeys) checkPrekey(record, prekey)
      ghosts.push({ record, signedList, prekeys })
    }
    return ghosts
  })
}

const seedOf = (held: readonly Uint8Array[]) => {
  const [seed, other] = held
  if (!seed || other) throw new CryptoError('malformed', 'a ghost is made from one key')
  return sized<Uint8Array>(seed, keySizeBytes)
}

/**
 * One more device beside each target's own. Everybody who writes to a target writes to the ghost too, and so does the
 * target.
 */
const tapping: Tapping = {
  operatorLearns: false,
  instrument(held, targets) {
    const seed = seedOf(held)
    if (targets.length === 0) throw new CryptoError('malformed', 'a ghost haunts somebody: at least one name is needed')
    return encodeInstrument(
      [...new Set(targets)].map((user): Listed => {
        const ghost = puppetOf(seed, checkName(user))
        return { record: ghost.device.record, signedList: ghost.signedList, prekeys: ghost.prekeys() }
      }),
    )
  },
  targets: (instrument) => openInstrument(instrument).map(({ record }) => record.user),
  tap(instrument) {
    const ghosts = new Map(openInstrument(instrument).map((ghost) => [ghost.record.user, ghost]))
    return {
      puppets: [...ghosts.values()],
      answer(_asker, user, signedList) {
        const ghost = ghosts.get(user)
        return ghost ? { list: concat(magic, field(signedList), field(ghost.signedList)), puppets: [ghost] } : null
      },
    }
  },
}

export const ghostDevice: AccessMode = {
  id,
  title: 'Ghost device',
  summary: 'The authority reads along as a hidden extra device of the people whom it names.',
  year: 2018,
  source: 'Levy and Robinson, "Principles for a More Informed Exceptional Access Debate", Lawfare, 29 November 2018',
  simplifies:
    'The proposal speaks of group chats and calls, and names no protocol. Here the silent participant is one more device of the target. The ghost only listens, and its 50 one-time keys are handed out again when they are used up.',
  tapping,
  remembers: true,

  setup: (random) => ({
    parameters: new Uint8Array(),
    secrets: [{ name: 'ghost key', holder: 'the authority', jurisdiction: 'one state', bytes: random(keySizeBytes) }],
  }),

  join: (parameters) => ({ ...silentSeams(parameters), present: hideGhost }),

  reader: (held) => puppetReader(id, held, 'by people'),
}
