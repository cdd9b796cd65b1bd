import { ClientError } from '../errors.ts'
import type { Group } from './groups.ts'

/** So much of an id is enough to name a group by it. */
const idMinimum = 8

/** As much of each as tells them from one another. */
function shortIds(peers: readonly string[]): readonly string[] {
  for (let length = 1 + idMinimum; ; length++) {
    const ids = peers.map((peer) => peer.slice(0, length))
    if (new Set(ids).size === peers.length) return ids
  }
}

const isBeginningOf = (words: string, peer: string) => words.length >= idMinimum && peer.startsWith(`+${words}`)

/**
 * The group that somebody means: by its title, or the beginning of its id.
 * @throws ClientError `no-such-group` where none, or more than one, is called that
 */
export function groupCalled(all: readonly Group[], words: string): Group {
  const found =
    [
      all.filter(({ isAccepted, isOurs }) => isAccepted && isOurs),
      // a title is somebody's choice, and so is the beginning of an id for whoever tries for long enough
      all.filter(({ isAccepted, isOurs }) => !isAccepted || !isOurs),
    ]
      .map((some) => some.filter(({ peer, now }) => now.title === words || isBeginningOf(words, peer)))
      .find((some) => some.length > 0) ?? []
  const [only] = found
  if (only && found.length === 1) return only
  if (!only) throw new ClientError('no-such-group', `you are in no group called ${words}`, 'doormat group list')
  const ids = shortIds(found.map(({ peer }) => peer)).join(', ')
  throw new ClientError('no-such-group', `${found.length} groups are called ${words}: say which by its id, ${ids}`)
}
