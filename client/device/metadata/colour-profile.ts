import { concat } from '../../../crypto/bytes.ts'
import { padded, plainTag } from './colour-tags.ts'
import { ascii, textAt, u32, viewOf } from './parts.ts'

/*
 * A colour profile (ICC.1) says what the numbers of a picture look like, and besides: the name of the screen or the camera, its
 * maker, when it was measured, by which program, and any text. Here only what colours are computed from stays.
 */

const headerSizeBytes = 128
const entrySizeBytes = 12
/** Profiles have about 20. */
const entriesMaximum = 200

const computed = new Set(
  'rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad lumi cicp A2B0 A2B1 A2B2 B2A0 B2A1 B2A2'.split(' '),
)

/** Of the header: who made it and with what, when, for which device, the digest over all of that, and what is reserved or the maker's own. */
const saidInHeader = [
  [4, 8],
  [10, 12],
  [24, 36],
  [40, 46],
  [48, 60],
  [80, headerSizeBytes],
] as const

/** Every profile has to have a description and a copyright: text in no language. */
const noText = concat(ascii('mluc'), u32(0), u32(0), u32(entrySizeBytes))
const described = ['desc', 'cprt']

/** @returns null for what is no profile */
export function plainProfile(profile: Uint8Array): Uint8Array | null {
  if (profile.length < headerSizeBytes + 4 || textAt(profile, 36, 4) !== 'acsp') return null
  const view = viewOf(profile)
  const count = view.getUint32(headerSizeBytes)
  if (count > entriesMaximum || headerSizeBytes + 4 + count * entrySizeBytes > profile.length) return null
  const tags: (readonly [name: string, data: Uint8Array])[] = []
  // curves are often the same for three colours, and stand there once
  const plain = new Map<string, Uint8Array | null>()
  for (let i = 0; i < count; i++) {
    const at = headerSizeBytes + 4 + i * entrySizeBytes
    const [name, from, size] = [textAt(profile, at, 4), view.getUint32(at + 4), view.getUint32(at + 8)]
    if (!computed.has(name)) continue
    if (from + size > profile.length) return null
    const place = `${from}, ${size}`
    if (!plain.has(place)) plain.set(place, plainTag(profile.subarray(from, from + size)))
    const data = plain.get(place)
    if (data) tags.push([name, data])
  }
  for (const name of described) tags.push([name, noText])
  const header = profile.slice(0, headerSizeBytes)
  for (const [from, to] of saidInHeader) header.fill(0, from, to)
  return laidOut(header, tags)
}

/** The same data stands there once. */
function laidOut(header: Uint8Array, tags: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const placed = new Map<Uint8Array, number>()
  const data: Uint8Array[] = []
  const entries: Uint8Array[] = []
  let end = headerSizeBytes + 4 + tags.length * entrySizeBytes
  for (const [name, bytes] of tags) {
    const at = placed.get(bytes) ?? end
    entries.push(ascii(name), u32(at), u32(bytes.length))
    if (placed.has(bytes)) continue
    placed.set(bytes, at)
    const whole = padded(bytes)
    data.push(whole)
    end += whole.length
  }
  const made = concat(header, u32(tags.length), ...entries, ...data)
  viewOf(made).setUint32(0, made.length)
  return made
}
