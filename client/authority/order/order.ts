import { concat, decode, equal, field, type Reader, textField, u64, u8, utf8 } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { digest, labels, sign, verify } from '../../../crypto/kdf.ts'
import {
  checkSigningKey,
  type Digest,
  keySizeBytes,
  signatureSizeBytes,
  type SigningKey,
  type SigningSecret,
} from '../../../crypto/keys.ts'
import { AuthorityError } from '../errors.ts'
import type { Kind, Path } from './law.ts'

/** Who signs orders: a court, a minister. */
export interface Issuer {
  readonly name: string
  readonly jurisdiction: string
  readonly key: SigningKey
}

export interface IssuerSecret extends Issuer {
  readonly secret: SigningSecret
}

/** What an issuer asks for. Times are milliseconds since 1970. */
export interface Request {
  /** the issuer's own number for it: a letter or digit, then up to 63 of `A-Z`, `a-z`, `0-9`, `.`, `_`, `/`, `-` */
  readonly serial: string
  /** the state whose investigators ask; on the direct path the issuer's own */
  readonly requestedBy: string
  readonly standard: string
  /** as it was written; that it names one person is a check, not a matter of form */
  readonly person: string
  readonly from: number
  /** the first moment that is not meant any more */
  readonly to: number
  readonly kind: Kind
  readonly path: Path
  /** the access mode whose custodian it is addressed to */
  readonly mode: string
  readonly custodian: string
  readonly issued: number
  readonly expires: number
}

export interface Order extends Request {
  readonly issuer: Issuer
}

/** An order with the bytes that were signed. */
export interface SignedOrder {
  readonly order: Order
  readonly body: Uint8Array
  readonly signature: Uint8Array
  /** of the body: what the audit log calls it */
  readonly digest: Digest
}

const format = 1
const kinds: readonly Kind[] = ['content', 'metadata']
const paths: readonly Path[] = ['direct', 'government']
const sizes = { serial: 64, name: 100, id: 48, person: 200 } as const
export const orderMaximumBytes = 4096

/**
 * format (1), serial, issuer's name, issuer's key (32), jurisdiction, requested by, standard, person, each text behind
 * its length; from (8), to (8), kind (1), path (1), mode, custodian, issued (8), expires (8)
 */
const encodeOrder = ({ issuer, ...request }: Order): Uint8Array =>
  concat(
    u8(format),
    textField(request.serial),
    textField(issuer.name),
    issuer.key,
    textField(issuer.jurisdiction),
    textField(request.requestedBy),
    textField(request.standard),
    textField(request.person),
    u64(request.from),
    u64(request.to),
    u8(kinds.indexOf(request.kind) + 1),
    u8(paths.indexOf(request.path) + 1),
    textField(request.mode),
    textField(request.custodian),
    u64(request.issued),
    u64(request.expires),
  )

function readOrder(reader: Reader): Order {
  if (reader.u8() !== format) throw new CryptoError('malformed', 'not an order of format 1')
  const serial = reader.text(sizes.serial)
  if (!isSerial(serial))
    throw new CryptoError('malformed', 'a serial is a letter or digit, then up to 63 of A-Z a-z 0-9 . _ / -')
  const name = reader.text(sizes.name)
  const key = checkSigningKey(reader.take(keySizeBytes) as SigningKey)
  return {
    serial,
    issuer: { name, key, jurisdiction: reader.text(sizes.id) },
    requestedBy: reader.text(sizes.id),
    standard: reader.text(sizes.id),
    person: reader.text(sizes.person),
    from: reader.u64(),
    to: reader.u64(),
    kind: oneOf(kinds, reader),
    path: oneOf(paths, reader),
    mode: reader.text(sizes.id),
    custodian: reader.text(sizes.name),
    issued: reader.u64(),
    expires: reader.u64(),
  }
}

function oneOf<T>(all: readonly T[], reader: Reader): T {
  const one = all[reader.u8() - 1]
  if (one === undefined) throw new CryptoError('malformed', 'an unknown kind or path')
  return one
}

/** Nothing that a shell or a program takes for more than a word: serials stand in the commands to type next. */
const isSerial = (text: string) => /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/.test(text)

/**
 * An order as its issuer signs it. Whether it is valid is for the order desk to find out.
 * @throws AuthorityError `bad-order` for what no order can say
 */
export function draftOrder(request: Request, { name, jurisdiction, key, secret }: IssuerSecret): SignedOrder {
  const body = badOrder('the order', () => {
    const encoded = encodeOrder({ ...request, issuer: { name, jurisdiction, key } })
    decode(encoded, readOrder)
    return encoded
  })
  return decodeOrder(concat(field(body), sign(labels.order, secret, body)))
}

/** @returns the order behind its length, and 64 bytes of signature */
export const orderBytes = ({ body, signature }: SignedOrder): Uint8Array => concat(field(body), signature)

/**
 * Takes an order apart, and asks nobody whether it is genuine.
 * @throws CryptoError `malformed` | `bad-key`
 */
export function decodeOrder(bytes: Uint8Array): SignedOrder {
  const [body, signature] = decode(
    bytes,
    (reader) => [reader.field(orderMaximumBytes), reader.take(signatureSizeBytes)] as const,
  )
  return { order: decode(body, readOrder), body, signature, digest: digest(labels.order, body) }
}

/** Whether the key that an order names has signed it. */
export function isGenuine({ order, body, signature }: SignedOrder): boolean {
  try {
    verify(labels.order, order.issuer.key, body, signature)
    return true
  } catch (error) {
    if (error instanceof CryptoError) return false
    throw error
  }
}

export const issuerOf = <I extends Issuer>({ issuer }: Order, known: readonly I[]): I | null =>
  known.find(({ key }) => equal(key, issuer.key)) ?? null

/**
 * Takes an order from somebody: its form, whether the issuer is known, and the signature.
 * @param what names it in an error
 * @throws AuthorityError `bad-order` | `unknown-issuer` | `forged-order`
 */
export function openOrder(bytes: Uint8Array, issuers: readonly Issuer[], what = 'the order'): SignedOrder {
  const signed = badOrder(what, () => decodeOrder(bytes))
  const { name } = signed.order.issuer
  if (!issuerOf(signed.order, issuers))
    throw new AuthorityError(
      'unknown-issuer',
      `${what} names the issuer ${name}, with a key that this order desk does not know`,
    )
  if (!isGenuine(signed))
    throw new AuthorityError('forged-order', `${what} was not signed by ${name}, or was changed since`)
  return signed
}

function badOrder<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError || error instanceof RangeError)
      throw new AuthorityError('bad-order', `${what} is not well-formed: ${error.message}`)
    throw error
  }
}

/** What an issuer can be called: something, in up to 100 bytes. */
export const isIssuerName = (text: string): boolean => text.trim() !== '' && utf8(text).length <= sizes.name
