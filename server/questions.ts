import { type FromDevice, RelayError, type ToDevice } from './api.ts'
import type { LocalConnection } from './connection.ts'

export type Question = Exclude<FromDevice, { type: 'authenticate' | 'acknowledge' }>

/** How many send counters have been given so far, and the row of the last one. */
export interface Place {
  given: number
  after: number
}

/** What a device asks that is answered by a frame. */
export async function answer(connection: LocalConnection, frame: Question, place: Place): Promise<ToDevice> {
  const { ref } = frame
  switch (frame.type) {
    case 'publish-prekeys':
      await connection.publishPrekeys(frame.prekeys, frame.replace)
      return { type: 'done', ref }
    case 'reserve-link':
      await connection.reserveLink(frame.slot)
      return { type: 'done', ref }
    case 'reserve-blob':
      await connection.reserveBlob(frame.blob, frame.sizeBytes)
      return { type: 'done', ref }
    case 'remove-blob':
      await connection.removeBlob(frame.blob)
      return { type: 'done', ref }
    case 'count-prekeys':
      return { type: 'prekey-counts', ref, ...(await connection.countPrekeys()) }
    case 'devices':
      return { type: 'device-list', ref, list: await connection.devices(frame.user) }
    case 'bundle':
      return { type: 'prekey-bundle', ref, bundle: await connection.bundle(frame) }
    case 'sent': {
      if (frame.skip !== 0 && frame.skip !== place.given)
        throw new RelayError('bad-request', 'the counters come in their order')
      const after = frame.skip === 0 ? 0 : place.after
      const page = await connection.sentPage(after)
      Object.assign(place, { given: frame.skip + page.length, after: page.at(-1)?.row ?? after })
      return {
        type: 'sent-counters',
        ref,
        counters: page.map(({ to, counter, digest }) => ({ ...to, counter, digest })),
      }
    }
  }
}
