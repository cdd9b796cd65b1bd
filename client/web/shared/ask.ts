import type { z } from 'zod'
import { roomErrorSchema } from '../../workshop/api.ts'

/** The room said no, in words for a person; `code` is `unreachable` where nobody answered. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const patienceMs = 10_000

/**
 * @param token the host's, for what is the host's alone
 * @param withinMs null waits as long as the room has not hung up
 * @throws NoAnswer
 */
export async function askRoom<S extends z.ZodType>(
  schema: S,
  path: string,
  body?: object,
  token?: string,
  withinMs: number | null = patienceMs,
): Promise<z.output<S>> {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    cache: 'no-store',
    credentials: 'omit',
    ...(withinMs === null ? {} : { signal: AbortSignal.timeout(withinMs) }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new NoAnswer('unreachable', 'The host’s laptop does not answer. Are you in its Wi-Fi?')
  })
  const said: unknown = await response.json().catch(() => null)
  if (response.ok) {
    const parsed = schema.safeParse(said)
    if (parsed.success) return parsed.data
  }
  const no = roomErrorSchema.safeParse(said)
  throw no.success
    ? new NoAnswer(no.data.code, no.data.message)
    : new NoAnswer('unreachable', 'What answers there is not a Doormat workshop.')
}
