import type { Contender, Maybe, Meeting, Side, Text, Wire } from './contender.ts'
import { type Clock, type Figures, timed } from './timing.ts'

export const operations = ['encrypt', 'decrypt', 'ping-pong', 'initiate', 'respond'] as const
export type Operation = (typeof operations)[number]

async function talk(meeting: Meeting, from: Side, by: Side, text: Text): Promise<void> {
  await meeting.decrypt(by, await meeting.encrypt(from, text))
}

/** To wait for an answer that is there would cost whoever gives it a turn of the engine's queue, which no floor takes. */
const isLater = <T>(answer: Maybe<T>): answer is Promise<T> => answer instanceof Promise

/** A batch in one direction, then the same batch read; then a conversation that turns with every message. */
export async function messageTurn(
  meeting: Meeting,
  text: Text,
  messages: number,
  turns: number,
  clock: Clock = timed,
): Promise<Figures> {
  const wires: Wire[] = []
  const encrypt = await clock(messages, async () => {
    for (let i = 0; i < messages; i++) {
      const wire = meeting.encrypt('alice', text)
      wires.push(isLater(wire) ? await wire : wire)
    }
  })
  const decrypt = await clock(messages, async () => {
    for (const wire of wires) {
      const read = meeting.decrypt('bob', wire)
      if (isLater(read)) await read
    }
  })
  const pingPong = await clock(2 * turns, async () => {
    for (let i = 0; i < turns; i++) {
      await talk(meeting, 'bob', 'alice', text)
      await talk(meeting, 'alice', 'bob', text)
    }
  })
  return { encrypt, decrypt, 'ping-pong': pingPong }
}

/** From the bundle to the first message's bytes, and from those to its text. */
export async function setUpTurn(
  contender: Contender,
  text: Text,
  count: number,
  clock: Clock = timed,
): Promise<Figures> {
  const meetings: Meeting[] = []
  for (let i = 0; i < count; i++) meetings.push(await contender.meet())
  const opened: { meeting: Meeting; wire: Wire }[] = []
  const initiate = await clock(count, async () => {
    for (const meeting of meetings) opened.push({ meeting, wire: await meeting.initiate(text) })
  })
  const respond = await clock(count, async () => {
    for (const { meeting, wire } of opened) await meeting.respond(wire)
  })
  return { initiate, respond }
}
