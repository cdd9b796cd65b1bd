import type { Afterword } from '../../crypto/afterword.ts'
import type { Content } from '../../crypto/content.ts'
import type { MessageName } from '../../crypto/message-name.ts'
import { shortened } from '../words/afterword.ts'
import { visible } from '../words/visible.ts'

/** A message that another one names, as it was read: null where it was not opened, or not before. */
export interface Named extends MessageName {
  readonly text: string | null
}

/** What is said of messages: whose copies that were read stay, whatever it says. */
export type ReadAfterword =
  | { readonly kind: 'reaction'; readonly of: Named; readonly emoji: string }
  | { readonly kind: 'deletion'; readonly of: readonly Named[] }

/** What a line of a transcript says of others. */
export interface Naming {
  readonly answers?: Named
  readonly afterword?: ReadAfterword
}

/** Of each message so much is remembered, to be quoted. */
const quotedMaximum = 400

/** Remembers what was read, and finds what is named later. */
export interface Quotes {
  note(conversation: string, name: MessageName, text: string): void
  /** What a message says of others. @param author of it: nobody deletes what others have written */
  namingOf(conversation: string, author: string, content: Content): Naming
}

export function createQuotes(): Quotes {
  const read = new Map<string, string>()
  const keyOf = (conversation: string, { author, id }: MessageName) => JSON.stringify([conversation, author, id])
  return {
    note(conversation, name, text) {
      const key = keyOf(conversation, name)
      if (!read.has(key)) read.set(key, text.slice(0, quotedMaximum))
    },
    namingOf(conversation, author, content) {
      const named = ({ author, id }: MessageName): Named => ({
        author,
        id,
        text: read.get(keyOf(conversation, { author, id })) ?? null,
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

const quoted = ({ text }: Named) =>
  text === null ? 'a message that was not opened before' : `“${visible(shortened(text))}”`

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
