import { createHash, timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { base64url } from '../../crypto/bytes.ts'
import type { Random } from '../../crypto/random.ts'
import { writeWhole } from '../../server/disk/whole-file.ts'
import { codeAlphabet, codeLength } from './api.ts'
import type { Door } from './door.ts'
import { RoomError } from './errors.ts'

const seatSchema = z.object({
  name: z.string(),
  /** whether this person's texts may be read out */
  mayShow: z.boolean(),
  /** SHA-256 of the phone's ticket, base64url; null for somebody with a terminal */
  ticket: z.string().nullable(),
  /** of whoever may make an account under it, base64url: of a phone that has said so, or of somebody on stage */
  account: z.string().nullable().default(null),
  /** whether an account was made under it */
  isHere: z.boolean(),
  /** of the built-in world, and no guest */
  isOnStage: z.boolean().default(false),
  /** the host has taken it away: its name stays taken, and its phone stays outside */
  isRemoved: z.boolean().default(false),
  /** how many messages the phone has deleted because the host asked for it, and at which request last */
  deleted: z.number(),
  deletedAt: z.number().default(0),
  /** question -> option */
  answers: z.record(z.string(), z.number()),
})
const bookSchema = z.object({
  code: z.string(),
  hostToken: z.string(),
  deletions: z.number(),
  seats: z.array(seatSchema),
  /** the last mode that was switched on, and whom it taps */
  switched: z
    .object({ mode: z.string(), tapped: z.array(z.string()) })
    .nullable()
    .default(null),
})
type Book = z.output<typeof bookSchema>
type Seat = Book['seats'][number]

const nobodyYet = {
  mayShow: false,
  ticket: null,
  account: null,
  isHere: false,
  isOnStage: false,
  isRemoved: false,
  deleted: 0,
  deletedAt: 0,
  answers: {},
}

/** So many wrong codes in a minute, from all phones together, and the door stays shut for the rest of it. */
const wrongMaximum = 60
const minuteMs = 60_000

/** Who sits in the room. It is written down, so that a room goes on after the laptop was restarted. */
export interface Seats {
  readonly code: string
  readonly hostToken: string
  /** how often everybody was asked to delete */
  readonly deletions: number
  /** of the people in the room, without those whom the host has sent out */
  guests(): readonly Seat[]
  all(): readonly Seat[]
  /** Whether an account of this key, base64url, may be made under a name; why not, in words for a person. */
  refusal(name: string, account: string): string | null
  /** The same phone asking for the same name again is let in again, and may say which account it makes. @throws RoomError */
  take(asked: {
    readonly code: string
    readonly name: string
    readonly mayShow: boolean
    readonly ticket: string
    readonly account: string | null
    /** from where */
    readonly address: string
  }): void
  /** For somebody with a terminal; nothing that they write is shown. @throws RoomError */
  admit(name: string): void
  /** Sends a guest out, for good: the seat is free for somebody with another name. @throws RoomError */
  remove(name: string): void
  /** Why somebody may not come in again; null where they may. */
  whySentOut(name: string): string | null
  /** For the people on stage, who take nobody's seat away, each with the account that is theirs. */
  cast(accounts: Readonly<Record<string, string>>): void
  /** An account was made under this name. */
  noteArrival(name: string): void
  askToDelete(): void
  noteDeleted(ticket: string, count: number): void
  /** Who has shown this ticket; null for a stranger. */
  whose(ticket: string): string | null
  /** A phone's answer; the last one counts. */
  noteAnswer(ticket: string, question: string, option: number): void
  readonly switched: Book['switched']
  noteSwitched(mode: string, tapped: readonly string[]): void
}

interface Limits {
  /** people who come in by the code */
  readonly maximum: number
  /** names that nobody in the room may take */
  readonly reserved: readonly string[]
  /** how many of one address come in without a word */
  readonly door: Pick<Door, 'check' | 'noteTaken'>
}

const digest = (ticket: string) => createHash('sha256').update(ticket).digest('base64url')

const newCode = (random: Random) =>
  Array.from(random(codeLength), (byte) => codeAlphabet[byte % codeAlphabet.length]).join('')

/**
 * @param path of the file; what stands in it goes on
 * @param known from before a reset: the host's own link stays good
 */
export function openSeats(
  path: string,
  { maximum, reserved, door }: Limits,
  random: Random,
  hostToken: string | null,
): Seats {
  let book: Book = existsSync(path)
    ? bookSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    : { code: newCode(random), hostToken: hostToken ?? base64url(random(24)), deletions: 0, seats: [], switched: null }
  let wrong = { since: 0, count: 0 }
  write(book)

  function write(next: Book): void {
    writeWhole(path, `${JSON.stringify(next)}\n`, 0o600)
    book = next
  }

  const guests = () => book.seats.filter(({ isOnStage, isRemoved }) => !isOnStage && !isRemoved)
  const whySentOut = (name: string) =>
    book.seats.some((seat) => seat.name === name && seat.isRemoved)
      ? `the host has taken the seat of ${name} away`
      : null

  function changeSeat(ticket: string, change: (seat: Seat) => Seat): void {
    const whose = digest(ticket)
    // a stranger's ticket costs nothing but this look
    if (!book.seats.some((seat) => seat.ticket === whose)) return
    write({ ...book, seats: book.seats.map((seat) => (seat.ticket === whose ? change(seat) : seat)) })
  }

  function checkCode(given: string): void {
    const now = performance.now()
    if (now - wrong.since > minuteMs) wrong = { since: now, count: 0 }
    if (wrong.count >= wrongMaximum)
      throw new RoomError('too-many', 'Too many wrong codes were tried. Wait a minute, then try again.')
    const [ours, theirs] = [book.code, given.trim().toLowerCase()].map((code) => Buffer.from(digest(code)))
    if (ours && theirs && timingSafeEqual(ours, theirs)) return
    wrong.count += 1
    throw new RoomError('wrong-code', 'That is not the code of this room. It stands on the wall.')
  }

  /** @param address null for whom the host lets in */
  function add(seat: Seat, address: string | null): void {
    if (reserved.includes(seat.name) || book.seats.some(({ name }) => name === seat.name))
      throw new RoomError('name-taken', `Somebody here is called ${seat.name} already. Choose another name.`)
    if (address !== null) {
      if (guests().length >= maximum)
        throw new RoomError('room-full', `All ${maximum} seats of this room are taken. Ask the host for one more.`)
      door.check(address)
      door.noteTaken(address)
    }
    write({ ...book, seats: [...book.seats, seat] })
  }

  return {
    get code() {
      return book.code
    },
    get hostToken() {
      return book.hostToken
    },
    get deletions() {
      return book.deletions
    },
    guests,
    all: () => book.seats,
    refusal(name, account) {
      const seat = book.seats.find((one) => one.name === name)
      if (seat?.isRemoved) return whySentOut(name)
      if (!seat) return `${name} has no seat in this room: join by the code on the wall, or ask the host`
      // a phone says first which account it makes; who has a terminal has no ticket, and the host's word
      const isExpected = seat.account === account || (seat.account === null && seat.ticket === null && !seat.isOnStage)
      return isExpected ? null : `the seat of ${name} is somebody else's`
    },
    take({ code, name, mayShow, ticket, account, address }) {
      checkCode(code)
      const known = book.seats.find((seat) => seat.name === name)
      if (known?.ticket === digest(ticket)) {
        if (known.isRemoved) throw new RoomError('sent-out', 'The host has taken your seat away. Talk to the host.')
        // once there is an account it is that one
        const own = known.isHere ? known.account : (account ?? known.account)
        write({
          ...book,
          seats: book.seats.map((seat) => (seat === known ? { ...known, mayShow, account: own } : seat)),
        })
        return
      }
      add({ ...nobodyYet, name, mayShow, ticket: digest(ticket), account }, address)
    },
    // the host may let in one more
    admit: (name) => add({ ...nobodyYet, name }, null),
    remove(name) {
      if (!guests().some((seat) => seat.name === name))
        throw new RoomError('bad-request', `Nobody here has a seat as ${name}.`)
      // nothing of theirs is shown any more, whatever they had agreed to
      const sentOut = { isRemoved: true, mayShow: false }
      write({ ...book, seats: book.seats.map((seat) => (seat.name === name ? { ...seat, ...sentOut } : seat)) })
    },
    whySentOut,
    cast(accounts) {
      const others = book.seats.filter(({ name }) => !(name in accounts))
      const cast = Object.entries(accounts).map(([name, account]) => {
        const known = book.seats.find((seat) => seat.name === name)
        return { ...nobodyYet, ...known, name, account, mayShow: true, isOnStage: true }
      })
      write({ ...book, seats: [...others, ...cast] })
    },
    get switched() {
      return book.switched
    },
    noteSwitched: (mode, tapped) => write({ ...book, switched: { mode, tapped: [...tapped] } }),
    noteArrival: (name) =>
      write({ ...book, seats: book.seats.map((seat) => (seat.name === name ? { ...seat, isHere: true } : seat)) }),
    whose: (ticket) => guests().find((seat) => seat.ticket === digest(ticket))?.name ?? null,
    askToDelete: () => write({ ...book, deletions: book.deletions + 1 }),
    noteDeleted: (ticket, count) =>
      changeSeat(ticket, (seat) =>
        seat.isHere && seat.deletedAt < book.deletions
          ? { ...seat, deleted: seat.deleted + count, deletedAt: book.deletions }
          : seat,
      ),
    noteAnswer: (ticket, question, option) =>
      changeSeat(ticket, (seat) => ({ ...seat, answers: { ...seat.answers, [question]: option } })),
  }
}
