import { signal } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import { deletionReach } from '../../words/afterword.ts'
import { everybody, type MessageView } from '../device/protocol.ts'
import { ask } from './device.ts'
import { nameOf } from './state.ts'

/*
 * What can be said of a message, below it: an answer, an emoji, and of one's own that it is to go.
 */

const offered = ['👍', '❤️', '😂', '😮', '😢'] as const

/** the message that is being answered, and in which conversation */
export const answering = signal<{ readonly user: string; readonly message: MessageView } | null>(null)

/** What it says, on one line: of a file its name. */
const inShort = ({ lines, file, isLocked }: MessageView) =>
  isLocked ? 'a locked text' : [...lines, ...(file ? [file.words] : [])].join(' ')

interface MenuProps {
  readonly message: MessageView
  readonly user: string
}

export function Menu({ message, user }: MenuProps) {
  const { row, isOurs, deletedAt, reactions } = message
  const menu = useRef<HTMLDetailsElement>(null)
  const [isAsking, setAsking] = useState(false)
  const [fault, setFault] = useState<string | null>(null)

  async function done(work: Promise<unknown>): Promise<void> {
    try {
      await work
      setFault(null)
      setAsking(false)
      if (menu.current) menu.current.open = false
    } catch (error) {
      setFault((error as Error).message)
    }
  }

  function answer(): void {
    answering.value = { user, message }
    if (menu.current) menu.current.open = false
    document.getElementById('text')?.focus()
  }

  if (deletedAt !== null) return null
  // what was written to everybody is a message to each: an answer to it belongs to one conversation
  const isForAll = user === everybody
  const what = isForAll ? 'Delete' : 'Answer or react'
  const ours = reactions.find(({ isOurs: withOurs }) => withOurs)?.emoji
  return (
    <details class="menu" ref={menu}>
      <summary aria-label={`${what}: ${inShort(message)}`}>{what}</summary>
      <div class="choices">
        {!isForAll && (
          <button type="button" class="small" onClick={answer}>
            Reply
          </button>
        )}
        {(isForAll ? [] : offered).map((emoji) => (
          <button
            type="button"
            class="small"
            key={emoji}
            aria-label={`React ${emoji}`}
            aria-pressed={emoji === ours}
            onClick={() => void done(ask('react', { row, emoji: emoji === ours ? '' : emoji }))}
          >
            {emoji}
          </button>
        ))}
        {isOurs && (
          <button type="button" class="small" aria-expanded={isAsking} onClick={() => setAsking(!isAsking)}>
            Delete for everybody
          </button>
        )}
      </div>
      {isAsking && (
        <div class="choices">
          <p>{deletionReach}</p>
          <button type="button" class="small" onClick={() => void done(ask('deleteForAll', { row }))}>
            Delete it
          </button>
        </div>
      )}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </details>
  )
}

/** What others have put on it, with their names. */
export const Reactions = ({ reactions }: Pick<MessageView, 'reactions'>) =>
  reactions.length === 0 ? null : (
    <ul class="reactions" aria-label="Reactions">
      {reactions.map(({ emoji, people, isOurs }) => (
        <li key={emoji} class={isOurs ? 'ours' : ''}>
          {emoji} {people.length} <span class="meta">{people.join(', ')}</span>
        </li>
      ))}
    </ul>
  )

/** Above what is typed, while it is an answer. */
export function Answering({ to }: { readonly to: string }) {
  const now = answering.value
  if (now?.user !== to) return null
  return (
    <p class="answering">
      <span>
        Answers {now.message.isOurs ? 'you' : nameOf(now.message.from)}: {inShort(now.message)}
      </span>
      <button type="button" class="small" onClick={() => (answering.value = null)}>
        Do not answer it
      </button>
    </p>
  )
}
