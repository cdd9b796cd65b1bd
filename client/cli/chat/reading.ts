import type { Conversation } from '../../device/conversations.ts'
import type { Device } from '../../device/device.ts'
import { quoteFrom } from '../../words/afterword.ts'
import { peerName } from '../../words/peer-name.ts'
import type { Listed } from './people-list.ts'
import { createWindow, type Place, type Seen } from './window.ts'

const nobody: Seen = { rows: [], top: 'newest', atNewest: true, last: 0 }

/** Who there is to talk with, and how far a person has read what was said. */
export function createReading(device: Device) {
  const self = device.self.device.record.user
  const window = createWindow(device.history, quoteFrom(device))
  let known: readonly Conversation[] = []
  let name: string | null = null
  let place: Place = 'newest'
  /** where the line stands that says that what follows is new */
  let firstUnread: number | null = null
  let focused = true
  /** counts what was read anew from the store */
  let revision = 0
  let looked: { readonly key: string; readonly seen: Seen } | null = null

  const current = () => known.find(({ user }) => user === name) ?? null
  const conversationOf = (peer: string, width: number) => ({ peer, self, width, firstUnread })

  /** What is new stays in sight until it has been read, even if it is more than a screenful. */
  function from(): Place {
    const first = current()?.firstUnread ?? null
    return place === 'newest' && first !== null ? { entry: first, row: 0 } : place
  }

  function refresh(): void {
    revision += 1
    known = device.conversations.all()
    if (!focused) firstUnread ??= current()?.firstUnread ?? null
  }

  return {
    get name() {
      return name
    },
    /** Somebody never met is listed too, while the conversation with them is open. */
    people(): readonly Listed[] {
      const muted = new Set(device.mutes.all().map(({ peer }) => peer))
      const listed = known.map((one) => ({
        ...one,
        name: peerName(device, one.user),
        muted: muted.has(one.user),
        current: one.user === name,
      }))
      if (name === null || current()) return listed
      const fresh = {
        user: name,
        name: peerName(device, name),
        standing: 'accepted',
        unread: 0,
        current: true,
      } as const
      return [{ ...fresh, muted: muted.has(name) }, ...listed]
    },
    unread: () => current()?.unread ?? 0,
    atNewest: () => place === 'newest',
    refresh,

    open(user: string): void {
      name = user
      place = 'newest'
      firstUnread = null
      refresh()
      firstUnread = current()?.firstUnread ?? null
    },

    look(width: number, height: number): Seen {
      if (name === null) return nobody
      const key = JSON.stringify([revision, name, from(), firstUnread, width, height])
      if (looked?.key !== key) looked = { key, seen: window.look(from(), height, conversationOf(name, width)) }
      return looked.seen
    },

    /** What was seen last, without a look at the store. */
    lookAgain(height: number): Seen {
      const { rows, ...rest } = looked?.seen ?? nobody
      return { ...rest, rows: rows.slice(Math.max(0, rows.length - height)) }
    },

    /** That is on the screen now, and has been read if somebody looks. @returns whether that was news */
    note(seen: Seen): boolean {
      place = seen.atNewest ? 'newest' : seen.top
      const first = current()?.firstUnread ?? null
      if (!focused || name === null || first === null || seen.last < first) return false
      device.conversations.markRead(name, seen.last)
      refresh()
      return true
    },

    /** @param by rows, less than 0 for higher */
    scroll(by: number, { rows }: Seen, width: number): void {
      if (name !== null) place = window.move(from(), by, rows.length, conversationOf(name, width))
    },

    /** Whatever is between here and the newest counts as read. */
    toNewest(): void {
      if (current()) device.conversations.markRead(name ?? '', device.history.lastRow())
      place = 'newest'
      refresh()
    },

    /** The person has answered: nothing is new any more. */
    answered(): void {
      firstUnread = null
    },

    focus(on: boolean): void {
      if (focused && !on) firstUnread = null
      focused = on
    },
  }
}
