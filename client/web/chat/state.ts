import { signal } from '@preact/signals'
import { z } from 'zod'
import { type Room, roomSchema, ticketPattern } from '../../workshop/api.ts'
import { everybody, type GroupView, type KeptDevice } from '../device/protocol.ts'
import { askRoom, NoAnswer } from '../shared/ask.ts'
import { ask, over, Refused, startWorker, view } from './device.ts'

/*
 * Where this phone stands, from the first look at the room until it is left.
 */

export type Stage =
  | { readonly at: 'looking' }
  | { readonly at: 'choosing'; readonly kept: readonly KeptDevice[] }
  | { readonly at: 'joining' }
  | { readonly at: 'inside'; readonly device: KeptDevice }

export const stage = signal<Stage>({ at: 'looking' })
export const room = signal<Room | null>(null)
/** whether the host has taken this phone's seat away: whoever has come in is on the room's list until then */
export const isSentOut = signal(false)
/** what was said about the room last that somebody has to know: a new round, texts that were deleted */
export const news = signal<string | null>(null)
/** whether the host's laptop did not answer the last time */
export const isAlone = signal(false)

/** whether this browser is given the page again and again, and no connection: some refuse that for a certificate which they only warn of */
export const isRefused = signal(false)

const lookEveryMs = 2_500
/** A connection that was lost is back sooner. */
const looksBeforeRefused = 4
const tabKey = 'doormat:device'
const deletionsKey = (id: string) => `doormat:deletions:${id}`
const seatKey = (id: string) => `doormat:seat:${id}`
const ticketKey = (name: string) => `doormat:ticket:${name}`

/** From now on, looks at the room again and again. */
export async function begin(): Promise<void> {
  startWorker()
  let looks = 0
  for (;;) {
    try {
      await look()
      isAlone.value = false
      looks = stage.value.at === 'inside' && !isSentOut.value && view.value?.connection !== 'online' ? looks + 1 : 0
      isRefused.value = location.protocol === 'https:' && looks >= looksBeforeRefused
    } catch (error) {
      if (!(error instanceof NoAnswer) && !(error instanceof Refused)) throw error
      isAlone.value = error instanceof NoAnswer
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}

async function look(): Promise<void> {
  const before = room.value
  const asker = stage.value.at === 'inside' ? stage.value.device : null
  const now = await askRoom(roomSchema, '/room')
  room.value = now
  isSentOut.value = asker !== null && now.id === before?.id && !now.people.includes(asker.name)
  if (before && before.id !== now.id) {
    startWorker()
    over.value = null
    opened.value = null
    answered.value = {}
    stage.value = { at: 'looking' }
    news.value = 'The host has begun a new round. Everything of the last one is deleted, here too.'
  }
  if (stage.value.at === 'looking') await arrive(now)
  if (stage.value.at !== 'inside' || over.value !== null) return
  await ask('people', { names: now.people })
  await deleteIfAsked(stage.value.device.id, now.deletions)
}

/** Goes on as the device that this tab had; asks where the browser keeps others. */
async function arrive(now: Room): Promise<void> {
  const kept = await ask('kept', { room: now.id })
  const ours = kept.find(({ id }) => id === sessionStorage.getItem(tabKey))
  if (ours) await resume(ours)
  else stage.value = kept.length > 0 ? { at: 'choosing', kept } : { at: 'joining' }
}

export async function resume(device: KeptDevice): Promise<void> {
  await ask('resume', { id: device.id, url: location.origin })
  await moveIn(device)
}

async function moveIn(device: KeptDevice): Promise<void> {
  sessionStorage.setItem(tabKey, device.id)
  await ask('people', { names: room.value?.people ?? [] })
  stage.value = { at: 'inside', device }
}

/** @throws NoAnswer | Refused with words for the person */
export async function join(code: string, name: string, mayShow: boolean): Promise<void> {
  const now = room.value
  if (!now) throw new NoAnswer('unreachable', 'The host’s laptop does not answer. Are you in its Wi-Fi?')
  const ticket = ticketFor(name)
  await askRoom(z.object({}), '/room/seats', { code, name, mayShow, ticket, account: null })
  try {
    const device = await ask('join', {
      room: now.id,
      name,
      url: location.origin,
      receipts: true,
      seat: { code, mayShow, ticket },
    })
    localStorage.setItem(deletionsKey(device.id), String(now.deletions))
    localStorage.setItem(seatKey(device.id), JSON.stringify({ code, mayShow }))
    news.value = null
    await moveIn(device)
  } catch (error) {
    // the worker has begun a store that nobody will use
    startWorker()
    throw error
  }
}

const seatSchema = z.object({ code: z.string(), mayShow: z.boolean() })

/** What this person chose when they joined, or since; null where this browser does not know any more. */
export function choice(): boolean | null {
  if (stage.value.at !== 'inside') return null
  const seat = seatSchema.safeParse(JSON.parse(localStorage.getItem(seatKey(stage.value.device.id)) ?? 'null'))
  return seat.success ? seat.data.mayShow : null
}

/** @throws NoAnswer with words for the person */
export async function choose(mayShow: boolean): Promise<void> {
  if (stage.value.at !== 'inside') return
  const { id, name } = stage.value.device
  const { code } = seatSchema.parse(JSON.parse(localStorage.getItem(seatKey(id)) ?? 'null'))
  await askRoom(z.object({}), '/room/seats', { code, name, mayShow, ticket: ticketFor(name), account: null })
  localStorage.setItem(seatKey(id), JSON.stringify({ code, mayShow }))
}

/** Deletes this person's keys and messages here; the room goes on without them. */
export async function leave(): Promise<void> {
  await ask('remove', {})
  startWorker()
  sessionStorage.removeItem(tabKey)
  opened.value = null
  answered.value = {}
  news.value = 'You have left the room. Your keys and messages are deleted from this phone.'
  stage.value = { at: 'joining' }
}

/** What proves later that the same phone asks: its own, and drawn once for a name. */
export function ticketFor(name: string): string {
  const known = localStorage.getItem(ticketKey(name))
  if (known && ticketPattern.test(known)) return known
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const drawn = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  localStorage.setItem(ticketKey(name), drawn)
  return drawn
}

/** The host has asked everybody to delete what they wrote and read. */
async function deleteIfAsked(id: string, asked: number): Promise<void> {
  if (asked <= Number(localStorage.getItem(deletionsKey(id)) ?? 0) || stage.value.at !== 'inside') return
  const count = await ask('forget', {})
  localStorage.setItem(deletionsKey(id), String(asked))
  news.value = `The host asked everybody to delete. ${count} messages are gone from this phone. Now look at the wall.`
  await askRoom(z.object({}), '/room/deleted', { ticket: ticketFor(stage.value.device.name), count })
}

/** what this phone has answered, by question */
export const answered = signal<Readonly<Record<string, number>>>({})

export async function answer(question: string, option: number): Promise<void> {
  if (stage.value.at !== 'inside') return
  await askRoom(z.object({}), '/room/answers', { ticket: ticketFor(stage.value.device.name), question, option })
  answered.value = { ...answered.value, [question]: option }
}

/** whether somebody is writing a message: then it needs the room that there is */
export const isWriting = signal(false)

/** What is open, a person's name or everybody; null for the list. The phone's own back button leads there too. */
export const opened = signal<string | null>(null)

export function open(user: string): void {
  if (opened.value === null) history.pushState({ open: true }, '')
  show(user)
}
export const close = (): void => history.back()

function show(user: string | null): void {
  opened.value = user
  void ask('open', { user }).catch(() => show(null))
}

addEventListener('popstate', () => show(null))

export const groupCalled = (peer: string): GroupView | undefined => view.value?.groups.find((one) => one.peer === peer)

export const nameOf = (user: string): string => (user === everybody ? 'Everybody' : (groupCalled(user)?.title ?? user))
