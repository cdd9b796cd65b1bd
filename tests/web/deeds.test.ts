import { afterEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { askRoom } from '../../client/web/shared/ask.ts'
import { act } from '../../client/web/shared/host.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/*
 * What the host does is done on the laptop, one deed after the other, and stealing a key starts a program. On a busy laptop that
 * takes longer than a page waits for an answer; a host who is told that nobody answers presses again, and does it twice.
 */
it('waits for what comes of a deed of the host as long as it takes, and for all else ten seconds', async () => {
  vi.stubGlobal('location', { hash: '' })
  vi.stubGlobal('sessionStorage', { getItem: () => 'token' })
  // the time is over at once
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort())
  vi.stubGlobal('fetch', async (_path: string, { signal }: RequestInit) => {
    signal?.throwIfAborted()
    return Response.json({})
  })
  await expect(askRoom(z.object({}), '/host')).rejects.toThrow('The host’s laptop does not answer')
  await expect(act('/host/take', { by: 'thief', all: false })).resolves.toEqual({})
})
