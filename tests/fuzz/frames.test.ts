import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { base64url } from '../../crypto/bytes.ts'
import * as api from '../../server/api.ts'
import { counting, inTime, parameters, patience } from '../support/fuzz.ts'
import { hostileFrames } from '../support/hostile.ts'

const key = base64url(new Uint8Array(32).fill(7))
const signature = base64url(new Uint8Array(64).fill(7))
const link = base64url(new Uint8Array(200).fill(7))

interface Schema {
  readonly name: string
  readonly schema: z.ZodType
  readonly frames: readonly Readonly<Record<string, unknown>>[]
}

/** Every schema of the contract between relay and client, with values it takes. */
const schemas: readonly Schema[] = [
  { name: 'registerSchema', schema: api.registerSchema, frames: [{ list: link }, { list: '' }] },
  {
    name: 'whereaboutsSchema',
    schema: api.whereaboutsSchema,
    frames: [
      { nonce: key, address: 'https://relay.example:443', authority: key },
      { nonce: key, address: 'http://[::1]:80', authority: null },
    ],
  },
  { name: 'vouchSchema', schema: api.vouchSchema, frames: [{ signature }] },
  { name: 'returnPolicySchema', schema: api.returnPolicySchema, frames: [{ link }, { link: '' }] },
  { name: 'policiesQuerySchema', schema: api.policiesQuerySchema, frames: [{ after: '0' }, { after: '4294967295' }] },
  {
    name: 'switchAccessSchema',
    schema: api.switchAccessSchema,
    frames: [
      { mode: 'none', parameters: '' },
      { mode: 'message-key-escrow', parameters: link },
    ],
  },
  {
    name: 'installTapSchema',
    schema: api.installTapSchema,
    frames: [
      { mode: 'ghost-device', instrument: '' },
      { mode: 'key-substitution', instrument: link },
    ],
  },
  {
    name: 'noteAddressSchema',
    schema: api.noteAddressSchema,
    frames: [
      { slot: key, step: '1' },
      { slot: key, step: '4' },
    ],
  },
  { name: 'blobAddressSchema', schema: api.blobAddressSchema, frames: [{ blob: key }] },
  {
    name: 'blobPartSchema',
    schema: api.blobPartSchema,
    frames: [
      { blob: key, at: '0' },
      { blob: key, at: '262144' },
    ],
  },
  { name: 'blobSchema', schema: api.blobSchema, frames: [{ sizeBytes: 1296, receivedBytes: 0 }] },
  { name: 'leaveNoteSchema', schema: api.leaveNoteSchema, frames: [{ note: link }, { note: '' }] },
  { name: 'noteSchema', schema: api.noteSchema, frames: [{ note: link }, { note: null }] },
  { name: 'relaySchema', schema: api.relaySchema, frames: [{ policyKey: key }] },
  { name: 'policiesSchema', schema: api.policiesSchema, frames: [{ links: [] }, { links: [link, link] }] },
  {
    name: 'accessSchema',
    schema: api.accessSchema,
    frames: [{ epoch: 1, mode: 'none', since: 1_700_000_000_000, archive: false }],
  },
  { name: 'errorSchema', schema: api.errorSchema, frames: [{ code: 'internal', message: 'the relay failed' }] },
  {
    name: 'fromDeviceSchema',
    schema: api.fromDeviceSchema,
    frames: [
      { type: 'authenticate', user: 'alice', device: key, signature, suite: 2 },
      { type: 'acknowledge', sequence: 7 },
      { type: 'publish-prekeys', ref: 1, replace: true, prekeys: [link, link] },
      { type: 'count-prekeys', ref: 2 },
      { type: 'devices', ref: 3, user: 'bob' },
      { type: 'bundle', ref: 4, user: 'bob', device: key },
      { type: 'sent', ref: 5, skip: 0 },
      { type: 'reserve-link', ref: 1, slot: key },
      { type: 'reserve-blob', ref: 1, blob: key, sizeBytes: 1296 },
      { type: 'remove-blob', ref: 1, blob: key },
    ],
  },
  {
    name: 'toDeviceSchema',
    schema: api.toDeviceSchema,
    frames: [
      { type: 'challenge', challenge: key, policyKey: key },
      { type: 'ready' },
      { type: 'done', ref: 1 },
      { type: 'refused', ref: null, code: 'bad-request', message: 'no' },
      { type: 'policy', link },
      { type: 'prekey-counts', ref: 2, oneTime: 50, kemOneTime: 50 },
      { type: 'device-list', ref: 3, list: link },
      { type: 'prekey-bundle', ref: 4, bundle: link },
      { type: 'sent-counters', ref: 5, counters: [{ user: 'bob', device: key, counter: 3, digest: key }] },
    ],
  },
]

const count = counting()

/** Values in the order of their members' names, so that two can be compared as text. */
const sorted = (text: string): string =>
  JSON.stringify(JSON.parse(text), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

describe.each(schemas)('$name', ({ name, schema, frames }) => {
  const isStrict = [
    'registerSchema',
    'whereaboutsSchema',
    'returnPolicySchema',
    'leaveNoteSchema',
    'switchAccessSchema',
    'installTapSchema',
    'fromDeviceSchema',
  ].includes(name)

  it('takes what is valid', () => {
    for (const frame of frames) expect(schema.safeParse(frame).success).toBe(true)
  })

  it('takes what says the same again, and throws at nothing', { timeout: patience(2) }, () => {
    const counted = count(name)
    fc.assert(
      fc.property(hostileFrames(frames), (text) => {
        const value = parsedJson(text)
        const parsed = inTime(() => schema.safeParse(value))
        counted(parsed.success)
        if (!parsed.success) return
        const again = api.toJson(parsed.data)
        expect(api.toJson(schema.parse(JSON.parse(again)))).toBe(again)
        // nothing in it that the relay would have dropped without a word
        if (isStrict) expect(sorted(again)).toBe(sorted(text))
      }),
      parameters(2),
    )
    expect('polluted' in {}).toBe(false)
  })
})

it('the table has every schema', () => {
  const exported = Object.keys(api).filter((name) => name.endsWith('Schema'))
  expect(schemas.map(({ name }) => name).sort()).toEqual(exported.sort())
})
