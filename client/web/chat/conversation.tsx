import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { everybody, type MessageView, type NoticeView } from '../device/protocol.ts'
import { ask, view } from './device.ts'
import { Inside } from './inside.tsx'
import { LockBar, LockedText, write } from './own-lock.tsx'
import { close, nameOf } from './state.ts'
import { Verify } from './verify.tsx'

export function Conversation({ user }: { readonly user: string }) {
  const [isVerifying, setVerifying] = useState(false)
  const [inside, setInside] = useState<number | null>(null)
  const now = view.value
  const entries = now?.open?.user === user ? now.open.entries : []
  const person = now?.people.find((one) => one.user === user)
  const list = useRef<HTMLDivElement>(null)
  const last = entries.at(-1)?.row ?? 0

  useLayoutEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [last])
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible' && last > 0) void ask('seen', { row: last }).catch(() => undefined)
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [last])

  return (
    <main class="conversation" aria-label={`Conversation with ${nameOf(user)}`}>
      <div class="with">
        <button type="button" class="back" onClick={close} aria-label="Back to the list">
          ←
        </button>
        <h1>{nameOf(user)}</h1>
        {user !== everybody && (
          <button type="button" onClick={() => setVerifying(true)} disabled={person?.trust === 'new'}>
            {person?.trust === 'verified'
              ? '✓ Verified'
              : person?.trust === 'key changed'
                ? '⚠ Key changed'
                : 'Compare numbers'}
          </button>
        )}
      </div>
      {person?.trust === 'key changed' && (
        <p class="fault" role="alert">
          <strong>{user}’s key has changed.</strong> Nothing is sent to {user} until you have compared the new number.
          It may be a new phone, or somebody in between.
        </p>
      )}
      <div class="entries" ref={list} tabIndex={0} role="log" aria-label="Messages">
        {entries.map((entry) =>
          entry.kind === 'message' ? (
            <Message key={entry.row} message={entry} user={user} onLook={() => setInside(entry.row)} />
          ) : (
            <Notice key={`notice ${entry.row}`} notice={entry} />
          ),
        )}
        {entries.length === 0 && <p class="faint pad">Nothing has been said yet.</p>}
      </div>
      <div class="below">
        <LockBar user={user} />
        <Composer to={user} />
      </div>
      {isVerifying && <Verify user={user} onClose={() => setVerifying(false)} />}
      {inside !== null && <Inside row={inside} onClose={() => setInside(null)} />}
    </main>
  )
}

const timeOf = (ms: number) => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

const states: Record<MessageView['state'], string> = {
  waiting: 'kept here, waits for the server',
  sealed: 'encrypted, waits for the server',
  sent: 'sent',
  delivered: 'arrived',
  read: 'read',
  failed: 'NOT SENT',
  received: '',
}

function standing({ state, counts }: MessageView): string {
  if (counts === null) return states[state]
  const { all, sent, delivered, read } = counts
  if (sent < all) return `sent to ${sent} of ${all}`
  // a phone says nothing of what has arrived to people whom its owner has never written to
  return `sent to all ${all}${delivered > 0 ? `, ${delivered} say that it arrived` : ''}${read > 0 ? `, ${read} that it was read` : ''}`
}

interface MessageProps {
  readonly message: MessageView
  readonly user: string
  readonly onLook: () => void
}

function Message({ message, user, onLook }: MessageProps) {
  const { isOurs, from, sentAt, lines, mode, isToEverybody, isLocked, row } = message
  return (
    <article class={`message${isOurs ? ' ours' : ''}${mode === null ? '' : ' readable'}`}>
      <p class="meta">
        <strong>{isOurs ? 'You' : from}</strong>
        {isToEverybody && ' to everybody'} <time>{timeOf(sentAt)}</time>
      </p>
      {isLocked ? (
        <LockedText {...{ row, user, lines }} />
      ) : (
        lines.map((line, i) => (
          <p class="text" key={i}>
            {line}
          </p>
        ))
      )}
      <p class="meta">
        {isOurs && <span>{standing(message)} · </span>}
        {mode !== null && !isLocked && (
          <span class="exposed">the authority {mode.isForSome ? 'may be able to' : 'can'} read this · </span>
        )}
        {mode !== null && isLocked && (
          <span>the authority {mode.isForSome ? 'may be able to' : 'can'} open this, and finds a lock · </span>
        )}
        <button type="button" class="small" onClick={onLook}>
          Look inside
        </button>
      </p>
    </article>
  )
}

const Notice = ({ notice }: { readonly notice: NoticeView }) => (
  <p class={notice.isWarning ? 'entry-notice warn' : 'entry-notice'}>
    {timeOf(notice.at)} {notice.text}
  </p>
)

function Composer({ to }: { readonly to: string }) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    if (text.trim() === '' || busy) return
    setBusy(true)
    setFault(null)
    try {
      // what was typed goes only when it is kept
      await write(to, text)
      setText('')
    } catch (error) {
      setFault((error as Error).message)
    }
    setBusy(false)
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) void send(event)
  }

  return (
    <form class="composer" onSubmit={(event) => void send(event)}>
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <label class="unseen" for="text">
        Message to {nameOf(to)}
      </label>
      <textarea
        id="text"
        rows={1}
        value={text}
        placeholder={`Message to ${nameOf(to)}`}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="main" disabled={busy || text.trim() === ''}>
        Send
      </button>
    </form>
  )
}
