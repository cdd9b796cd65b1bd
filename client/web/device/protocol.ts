import type { Wish } from '../../device/groups/groups.ts'
import type { MessageState } from '../../device/history-kinds.ts'
import type { GroupStanding } from '../../words/group.ts'

/*
 * What passes between a page and the worker that has the device: plain JSON both ways, but for the bytes of files and the sound of a voice. The page asks, and is answered or told why not; and
 * it is shown a view whenever something may have changed. No key and no session ever leaves the worker.
 */

/** The name under which a page speaks of all people in the room; no person can be called so. */
export const everybody = '*'

/** The largest file that a page sends, fetches and shows, for it is in memory as a whole: 8 MB. */
export const fileMaximumBytes = 8_000_000

export interface MessageView {
  readonly kind: 'message'
  readonly row: number
  readonly from: string
  readonly isOurs: boolean
  readonly isToEverybody: boolean
  /** milliseconds since 1970, by the clock of whoever wrote it */
  readonly sentAt: number
  /** made harmless, a line each */
  readonly lines: readonly string[]
  /** its file, in words; null where it has none */
  readonly file: {
    readonly words: string
    readonly isVoice: boolean
    readonly isTooLarge: boolean
  } | null
  /** of ours: how far it has come. For a message to everybody, how many of how many have it, and have read it */
  readonly state: MessageState
  readonly counts: {
    readonly all: number
    readonly sent: number
    readonly delivered: number
    readonly read: number
    readonly failed: number
  } | null
  /** the access mode in force when its envelope was made; null for none */
  readonly mode: Omit<ModeView, 'epoch'> | null
  /** whether its writer had locked the text before the messenger had it */
  readonly isLocked: boolean
  /** what it answers, as it stands on this device: made harmless; null where it answers nothing */
  readonly answers: string | null
  /** when its writer has deleted it for everybody, by their clock: then nothing of it is left */
  readonly deletedAt: number | null
  /** emoji, and whose: `You` for one's own */
  readonly reactions: readonly {
    readonly emoji: string
    readonly people: readonly string[]
    readonly isOurs: boolean
  }[]
}

export interface NoticeView {
  readonly kind: 'notice'
  readonly row: number
  readonly at: number
  readonly text: string
  readonly isWarning: boolean
}

export interface PersonView {
  readonly user: string
  /** `numbers differ`: that was the last thing its owner said when they compared */
  readonly trust: 'new' | 'not verified' | 'verified' | 'key changed' | 'numbers differ'
  readonly unread: number
  readonly devices: number
}

/** A group, and what its people compare. */
export interface GroupView {
  /** what stands for it where a person's name would stand */
  readonly peer: string
  /** made harmless */
  readonly title: string
  readonly people: readonly {
    readonly user: string
    readonly role: string
    /** whether this person ranks above them */
    readonly isBelow: boolean
  }[]
  readonly digits: readonly string[]
  readonly unread: number
  readonly standing: GroupStanding
  /** whether this account may add people and remove some */
  readonly isAdmin: boolean
}

export interface ModeView {
  readonly id: string
  readonly title: string
  readonly epoch: number
  /** whether it opens what some people send and get, whom nobody is told, and not what everybody does */
  readonly isForSome: boolean
  /** who opens it, as the subject of "can read" */
  readonly reader: string
}

export interface View {
  readonly me: string
  readonly connection: 'offline' | 'online' | 'elsewhere'
  /** why it is offline, where that is more than a server that does not answer */
  readonly trouble: string | null
  readonly mode: ModeView
  readonly people: readonly PersonView[]
  readonly groups: readonly GroupView[]
  readonly unreadToEverybody: number
  readonly unsent: number
  readonly open: { readonly user: string; readonly entries: readonly (MessageView | NoticeView)[] } | null
}

export interface NumberView {
  readonly user: string
  readonly digits: readonly string[]
  readonly words: readonly string[]
  readonly isVerified: boolean
  readonly isChanged: boolean
  readonly policy: string | null
  /** theirs, under the account key that the number is of, then this account's own */
  readonly devices: readonly { readonly name: string; readonly whose: 'this' | 'ours' | 'theirs' }[]
}

/** What left this device, or never did, for one message. */
export interface InsideView {
  /** null where the bytes are not known any more: they are kept in memory alone */
  readonly envelope: {
    readonly to: string
    readonly sizeBytes: number
    readonly ciphertextBytes: number
    /** a key of this message that is sealed for somebody else, by the name of the mode */
    readonly sealed: readonly { readonly mode: string; readonly sizeBytes: number }[]
    /** the first of them, or all */
    readonly hex: string
  } | null
  readonly readableBy: string
}

/** A file that was fetched, and is the one that its message names. */
export interface FileView {
  readonly bytes: Uint8Array
  /** safe, to be saved under */
  readonly name: string
  /** the media type of what a browser shows or plays by itself, by the file's own bytes; null for all else */
  readonly shownAs: string | null
}

export interface KeptDevice {
  readonly id: string
  readonly name: string
}

/** What a seat in the room is asked for by, once this device has an account to name. */
export interface SeatAsk {
  readonly code: string
  readonly mayShow: boolean
  readonly ticket: string
}

/** What a page can ask, and what it gets. */
export interface Asks {
  /** Devices that this browser keeps for a room; those of other rooms are removed. */
  kept: { ask: { room: string }; answer: readonly KeptDevice[] }
  /** Makes a device, registers it, and works with it. */
  join: {
    ask: { room: string; name: string; url: string; receipts: boolean; seat: SeatAsk }
    answer: KeptDevice
  }
  resume: { ask: { id: string; url: string }; answer: KeptDevice }
  /** Who is in the room, by the host's list. */
  people: { ask: { names: readonly string[] }; answer: null }
  open: { ask: { user: string | null }; answer: null }
  /** What is open has been looked at, up to this row. */
  seen: { ask: { row: number }; answer: null }
  /** Answered when it is kept: only then may what was typed go. @param answers the row of the message that it answers */
  write: { ask: { to: string; text: string; answers?: number | null }; answer: null }
  /** One emoji on the message in that row, or an empty one. */
  react: { ask: { row: number; emoji: string }; answer: null }
  /** The message in that row goes here, and where programs are honest. */
  deleteForAll: { ask: { row: number }; answer: null }
  /** As `write`, of a text that is locked with a passphrase first. */
  lock: { ask: { to: string; text: string; passphrase: string; answers?: number | null }; answer: null }
  /** Sends a file, and is answered when it is kept. */
  sendFile: { ask: { to: string; name: string; bytes: Uint8Array }; answer: null }
  /** Sends what was spoken: one channel of 48,000 samples a second. */
  sendVoice: { ask: { to: string; samples: Float32Array }; answer: null }
  file: { ask: { row: number }; answer: FileView }
  /** @returns what had been locked, a line each */
  unlock: { ask: { row: number; passphrase: string }; answer: readonly string[] }
  /** Founds a group with people of the room. @returns what stands for it */
  found: { ask: { title: string; people: readonly string[] }; answer: string }
  /** Changes a group. */
  change: { ask: { group: string; wish: Wish }; answer: null }
  number: { ask: { user: string }; answer: NumberView }
  confirm: { ask: { user: string }; answer: null }
  refuse: { ask: { user: string }; answer: null }
  /** The number that was shown is another one there: nobody is verified by it any more. */
  differ: { ask: { user: string }; answer: null }
  inside: { ask: { row: number }; answer: InsideView }
  /** Forgets all texts on this device. @returns how many */
  forget: { ask: Record<string, never>; answer: number }
  /** Ends the device and removes all that is kept of it. */
  remove: { ask: Record<string, never>; answer: null }
}
export type AskName = keyof Asks

export interface ToWorker {
  readonly ask: number
  readonly name: AskName
  readonly given: Asks[AskName]['ask']
}

/** `over`: the device has stopped for good in this tab, and why, as a person is told it. */
export type FromWorker =
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly fault: { readonly code: string; readonly message: string } }
  | { readonly view: View }
  | { readonly over: string }
