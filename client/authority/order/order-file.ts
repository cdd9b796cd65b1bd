import { base64url, fromBase64url, hex } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { readHanded } from '../../../server/disk/handed.ts'
import { writeNew } from '../../../server/disk/whole-file.ts'
import { AuthorityError } from '../errors.ts'
import { asciiJson } from './json-file.ts'
import { decodeOrder, type Issuer, openOrder, orderBytes, type SignedOrder } from './order.ts'

/** A time as files and screens have it; what no calendar has stays a number. */
export function instant(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().replace('.000Z', 'Z')
}

/**
 * The file of an order: one JSON object, one line for each thing that it says, so that people can read what was signed,
 * and the signed bytes below. The lines are made from the bytes, and whoever opens the file compares them.
 */
export function renderOrder(signed: SignedOrder): string {
  const { issuer, ...request } = signed.order
  const said = {
    doormat: 'order',
    serial: request.serial,
    issuer: issuer.name,
    issuerKey: hex(issuer.key),
    jurisdiction: issuer.jurisdiction,
    requestedBy: request.requestedBy,
    standard: request.standard,
    person: request.person,
    from: instant(request.from),
    to: instant(request.to),
    kind: request.kind,
    path: request.path,
    mode: request.mode,
    custodian: request.custodian,
    issued: instant(request.issued),
    expires: instant(request.expires),
    signed: base64url(orderBytes(signed)),
  }
  return `${asciiJson(said, 2)}\n`
}

/**
 * @param name of the file, for errors
 * @throws AuthorityError `bad-order`, and what `openOrder` throws
 */
export function parseOrder(text: string, name: string, issuers: readonly Issuer[]): SignedOrder {
  const bytes = signedBytes(text, name)
  const [given, meant] = [lines(text), lines(renderOrder(decoded(bytes, name)))]
  const i = meant.findIndex((line, i) => line !== given[i])
  const at = i === -1 && given.length > meant.length ? meant.length : i
  if (at !== -1)
    throw new AuthorityError(
      'bad-order',
      `${name}, line ${at + 1}: it differs from what was signed: ${meant[at]?.trim().replace(/,$/, '') ?? 'nothing stands there'}`,
    )
  return openOrder(bytes, issuers, name)
}

/** What mail does to the ends of lines changes nothing. */
const lines = (text: string) => text.trimEnd().split(/\r?\n/)

function signedBytes(text: string, name: string): Uint8Array {
  const value = jsonIn(text, name)
  try {
    if (value !== null && typeof value === 'object' && 'signed' in value && typeof value.signed === 'string')
      return fromBase64url(value.signed)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
  }
  throw new AuthorityError('bad-order', `${name} is not an order of doormat`)
}

/** Where it is no JSON, with the line as far as the engine can tell. */
function jsonIn(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const [, position] = /at position (\d+)/.exec(error.message) ?? []
    const before =
      position === undefined && /end of JSON/.test(error.message) ? text : text.slice(0, Number(position ?? 0))
    throw new AuthorityError(
      'bad-order',
      `${name}, line ${lines(before).length}: it is not JSON, and so not an order of doormat`,
    )
  }
}

function decoded(bytes: Uint8Array, name: string): SignedOrder {
  try {
    return decodeOrder(bytes)
  } catch (error) {
    if (error instanceof CryptoError) throw new AuthorityError('bad-order', `${name} is damaged: ${error.message}`)
    throw error
  }
}

/** An existing file is never written over. */
export function writeOrder(path: string, signed: SignedOrder): void {
  writeNew([{ path, content: renderOrder(signed), mode: 0o600 }])
}

/** The text of an order's file. @throws AuthorityError `bad-order` for what is no text */
export const readOrderText = (path: string): string =>
  readHanded(path, (message, hint) => new AuthorityError('bad-order', message, hint))

export const readOrderFile = (path: string, issuers: readonly Issuer[]): SignedOrder =>
  parseOrder(readOrderText(path), path, issuers)
