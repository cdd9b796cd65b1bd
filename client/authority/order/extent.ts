import { hex } from '../../../crypto/bytes.ts'
import type { Reading } from '../../../crypto/access/mode.ts'
import type { Digest } from '../../../crypto/keys.ts'
import type { GroupId } from '../../../crypto/membership.ts'
import { copiedTo } from '../filter.ts'
import { createGroupTitles } from '../group-titles.ts'

/** How much was read, and of how many people. */
export interface Extent {
  readonly messages: number
  readonly people: number
}

/** Gathers whom messages expose. */
export interface Exposed {
  /** Notes whom a message exposes; of news of a group only who is in it. */
  note(reading: Reading): void
  /** Of news alone: it came before what was asked for, and says who is in a group all the same. */
  noteNews(reading: Reading): void
  people(): number
}

/**
 * Whoever wrote a message is exposed by it, and whoever was sent it, also by a copy that says so. What was said in a group
 * exposes all who were in it then, by the signed changes that the same key opens: an order for one of them opens the one
 * envelope that is theirs. Where it does not open those changes, those count who were seen to be sent it.
 */
export function createExposed(): Exposed {
  const groups = createGroupTitles()
  const seen = new Set<string>()
  /** what was said upon which change of which group */
  const heads = new Map<string, readonly [GroupId, Digest]>()
  const noteNews = ({ content }: Reading) => {
    if (content.kind === 'news') groups.note(content)
  }
  return {
    noteNews,
    note(reading) {
      const { recorded, content } = reading
      const { fromUser, toUser } = recorded
      noteNews(reading)
      const copy = copiedTo(content)
      if (copy !== null && fromUser === toUser) seen.add(fromUser).add(copy)
      if (content.kind === 'text' || (content.kind === 'afterword' && copy === null)) seen.add(fromUser).add(toUser)
      if (content.kind !== 'group' && content.kind !== 'group afterword') return
      seen.add(fromUser).add(toUser)
      heads.set(hex(content.head), [content.group, content.head])
    },
    people: () =>
      new Set([...seen, ...[...heads.values()].flatMap(([group, head]) => groups.membersAt(group, head))]).size,
  }
}
