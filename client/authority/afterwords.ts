import type { Afterword } from '../../crypto/afterword.ts'
import type { Content } from '../../crypto/content.ts'
import type { MessageName } from '../../crypto/message-name.ts'
import { shortened } from '../words/afterword.ts'
import { visible } from '../words/visible.ts'

/** A message that another one names, as whoever names it was sent it: null where that was not opened, or not before. */
export interface Named extends MessageName {
  readonly text: string | null
  /** where the text is not certain: only a copy says it, or they were sent several messages under that id */
  readonly doubt: 'copy' | 'several' | null
}

/** What is said of messages: whose copies that were read stay, whatever it says. */
export type ReadAfterword =
  | { readonly kind: 'reaction'; readonly of: Named; readonly emoji: string }
  | { readonly kind: 'deletion'; readonly of: readonly Named[] }

/** What a line of a transcript says of others. */
export interface Naming {
  readonly answers?: Named
  readonly afterword?: ReadAfterword
  /** there where its reader had been told that it is deleted before it came */
  readonly deletedBefore?: true
}

/** Of each message so much is remembered, to be quoted. */
const quotedMaximum = 400

/** Remembers who was sent what, and finds what is named later. */
export interface Quotes {
  /** @param reader who has it on a device of theirs @param isCopy whether their own other device has said so */
  note(conversation: string, reader: string, name: MessageName, text: string, isCopy: boolean): void
  /** Somebody was told that messages of that author are deleted. */
  noteDeletion(conversation: string, reader: string, author: string, content: Content): void
  /** Whether somebody had been told that before they were sent it: an honest program then does not show it. */
  isDeleted(conversation: string, reader: string, name: MessageName): boolean
  /** What a message says of others. @param author of it: nobody deletes what others have written */
  namingOf(conversation: string, author: string, content: Content): Naming
}

/** What one person was sent under one name: of either kind the first two that differ. */
interface Noted {
  readonly delivered: string[]
  readonly copied: string[]
}

export function createQuotes(): Quotes {
  const noted = new Map<string, Noted>()
  const deleted = new Set<string>()
  /** a text that many were sent stands here once */
  const texts = new Map<string, string>()
  const keyOf = (conversation: string, reader: string, { author, id }: MessageName) =>
    JSON.stringify([conversation, reader, author, id])

  function textFor(conversation: string, reader: string, name: MessageName): Pick<Named, 'text' | 'doubt'> {
    const { delivered = [], copied = [] } = noted.get(keyOf(conversation, reader, name)) ?? {}
    // what only a copy says was perhaps never sent
    const [some, isCopy] = delivered.length > 0 ? [delivered, false] : [copied, true]
    if (some.length > 1) return { text: null, doubt: 'several' }
    return { text: some[0] ?? null, doubt: isCopy && some.length > 0 ? 'copy' : null }
  }

  return {
    note(conversation, reader, name, text, isCopy) {
      const key = keyOf(conversation, reader, name)
      const known = noted.get(key) ?? { delivered: [], copied: [] }
      noted.set(key, known)
      const some = isCopy ? known.copied : known.delivered
      const short = text.slice(0, quotedMaximum)
      const one = texts.get(short) ?? short
      texts.set(short, one)
      if (some.length < 2 && !some.includes(one)) some.push(one)
    },
    noteDeletion(conversation, reader, author, content) {
      if (!('said' in content) || content.said.kind !== 'deletion') return
      for (const id of content.said.ids) deleted.add(keyOf(conversation, reader, { author, id }))
    },
    isDeleted: (conversation, reader, name) =>
      deleted.has(keyOf(conversation, reader, name)) && !noted.get(keyOf(conversation, reader, name))?.delivered.length,
    namingOf(conversation, author, content) {
      const reader = author
      const named = (name: MessageName): Named => ({
        author: name.author,
        id: name.id,
        ...textFor(conversation, reader, name),
      })
      const readOf = (said: Afterword): ReadAfterword =>
        said.kind === 'reaction'
          ? { kind: 'reaction', of: named(said.of), emoji: said.emoji }
          : { kind: 'deletion', of: said.ids.map((id) => named({ author, id })) }
      if ('said' in content) return { afterword: readOf(content.said) }
      return 'answers' in content && content.answers ? { answers: named(content.answers) } : {}
    },
  }
}

function quoted({ text, doubt }: Named): string {
  if (doubt === 'several') return 'one of several messages under one id'
  if (text === null) return 'a message that was not opened before'
  return `“${visible(shortened(text))}”${doubt === 'copy' ? ' (by a copy alone)' : ''}`
}

/** Harmless. */
export const answersWords = (answers: Named): string => `answers ${visible(answers.author)}: ${quoted(answers)}`

/** On one line, harmless. A deletion does not reach whoever holds the key. */
export function afterwordWords(afterword: ReadAfterword): string {
  if (afterword.kind === 'reaction') {
    const { of, emoji } = afterword
    const what = `${visible(of.author)}: ${quoted(of)}`
    return emoji === '' ? `[took back the reaction to ${what}]` : `[reacted ${visible(emoji)} to ${what}]`
  }
  const there = afterword.of.filter(({ text }) => text !== null).length
  const stays = there === 0 ? '' : there === 1 ? '; the copy above stays' : '; the copies above stay'
  return `[deleted for everybody: ${afterword.of.map(quoted).join(', ')}${stays}]`
}

/** The same for what says the same, whatever was read before it. */
export const sameNaming = ({ answers, afterword }: Naming): unknown => {
  const bare = ({ author, id }: Named) => [author, id]
  if (afterword?.kind === 'reaction') return [afterword.emoji, bare(afterword.of)]
  return afterword ? afterword.of.map(bare) : ((answers && bare(answers)) ?? null)
}
