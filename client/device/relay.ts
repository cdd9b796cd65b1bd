import type { z } from 'zod'
import type { BlobId } from '../../crypto/attachment.ts'
import { base64url } from '../../crypto/bytes.ts'
import type { Digest } from '../../crypto/keys.ts'
import {
  accessSchema,
  blobSchema,
  errorSchema,
  noteSchema,
  policiesMaximum,
  policiesSchema,
  type Relay,
  RelayError,
  relaySchema,
  toJson,
  vouchSchema,
} from '../../server/api.ts'
import type { Network, Question } from './network.ts'
import { connectOver, endless, pagedMaximum, unreachable } from './relay-socket.ts'

/**
 * The relay across the network: requests by HTTP, mail by WebSocket.
 * @param url `http://` or `https://`, without a path
 */
export function relayOver(network: Network, url: string): Relay {
  /** @returns what stands in an answer that is no refusal */
  async function exchanged(path: string, question: Question): Promise<Uint8Array> {
    const { status, bytes } = await network.exchange(new URL(path, url), question)
    if (status >= 200 && status <= 299) return bytes
    const said = errorSchema.safeParse(parseJson(bytes))
    throw said.success ? new RelayError(said.data.code, said.data.message) : unreachable(url)
  }

  async function ask<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S | null,
    body?: unknown,
    token?: string,
  ): Promise<z.output<S>> {
    const answer = await exchanged(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: toJson(body) }),
    })
    if (!schema) return undefined as z.output<S>
    const parsed = schema.safeParse(parseJson(answer))
    if (!parsed.success) throw new RelayError('internal', 'the answer is not that of a doormat relay')
    return parsed.data
  }

  return {
    policyKey: async () => (await ask('GET', '/v1/relay', relaySchema)).policyKey,
    vouch: async (nonce, where) => (await ask('POST', '/v1/whereabouts', vouchSchema, { nonce, ...where })).signature,
    leaveNote: async (slot, step, note) => void (await ask('PUT', notePath(slot, step), null, { note })),
    readNote: async (slot, step) => (await ask('GET', notePath(slot, step), noteSchema)).note,
    register: async (list) => void (await ask('POST', '/v1/accounts', null, { list })),
    blob: (id) => ask('GET', blobPath(id), blobSchema),
    async putBlob(id, at, bytes, signal?: AbortSignal) {
      const headers = { 'content-type': 'application/octet-stream' }
      await exchanged(`${blobPath(id)}/${at}`, { method: 'PUT', headers, body: bytes, signal })
    },
    readBlob: (id, at) => exchanged(`${blobPath(id)}/${at}`, { method: 'GET', headers: {}, isLarge: true }),
    async policies(afterEpoch) {
      const all: Uint8Array[] = []
      for (;;) {
        const { links } = await ask('GET', `/v1/policies?after=${afterEpoch + all.length}`, policiesSchema)
        all.push(...links)
        if (all.length > pagedMaximum) throw endless()
        if (links.length < policiesMaximum) return all
      }
    },
    returnPolicy: async (link) => void (await ask('POST', '/v1/policies', null, { link })),
    access: () => ask('GET', '/v1/access', accessSchema),
    switchAccess: (token, mode, parameters) => ask('PUT', '/v1/access', accessSchema, { mode, parameters }, token),
    installTap: async (token, mode, instrument) =>
      void (await ask('POST', '/v1/taps', null, { mode, instrument }, token)),
    connect: (answer, listener) => connectOver(network, url, answer, listener),
  }
}

const blobPath = (id: BlobId) => `/v1/blobs/${base64url(id)}`
const notePath = (slot: Digest, step: number) => `/v1/links/${base64url(slot)}/${step}`

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}
