import { nothing, textOf, type Typed, typedText } from './editor.ts'

/** What is being written to somebody, and what was sent to them before: each conversation has its own. */
export interface Desk {
  readonly typed: Typed
  readonly sent: readonly string[]
  /** which of those sent stands in the editor; behind the last: what is being written */
  readonly at: number
  /** what was being written when the first of those sent came back */
  readonly unfinished: Typed
}

export const emptyDesk: Desk = { typed: nothing, sent: [], at: 0, unfinished: nothing }

export function finish({ sent }: Desk, text: string): Desk {
  return { ...emptyDesk, sent: [...sent, text], at: sent.length + 1 }
}

/** One of those sent, earlier or later, in the editor; the same desk where there is none. */
export function recall(desk: Desk, by: 1 | -1): Desk {
  const at = desk.at + by
  if (at < 0 || at > desk.sent.length) return desk
  const unfinished = desk.at === desk.sent.length ? desk.typed : desk.unfinished
  const back = desk.sent[at]
  return { ...desk, at, unfinished, typed: back === undefined ? unfinished : typedText(back) }
}

/** What has been written there and not sent. */
export function unsentOf({ typed, sent, at, unfinished }: Desk): readonly string[] {
  const texts = at === sent.length ? [textOf(typed)] : [textOf(unfinished), textOf(typed)]
  return texts.filter((text) => text.trim() !== '' && text !== sent[at])
}
