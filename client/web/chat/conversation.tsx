import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { everybody, type MessageView, type NoticeView, type PersonView } from '../device/protocol.ts'
import { Answering, answering, Menu, Reactions } from './afterwords.tsx'
import { Attach } from './attach.tsx'
import { ask, view } from './device.ts'
import { MessageFile } from './file.tsx'
import { Inside } from './inside.tsx'
import { LockBar, LockedText, write } from './own-lock.tsx'
import { aboutGroup, GroupMembers } from './groups.tsx'
import { close, groupCalled, isWriting, nameOf } from './state.ts'
import { Verify } from './verify.tsx'

export function Conversation({ user }: { readonly user: string }) {
  const [isVerifying, setVerifying] = useState(false)
  const [isShowingGroup, setShowingGroup] = useState(false)
  const [inside, setInside] = useState<number | null>(null)
  const now = view.value
  const entries = now?.open?.user === user ? now.open.entries : []
  const person = now?.people.find((one) => one.user === user)
  const group = groupCalled(user)
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
        {group && (
          <button type="button" onClick={() => setShowingGroup(true)}>
            {aboutGroup(group)}
          </button>
        )}
        {user !== everybody && !group && (
          <button type="button" onClick={() => setVerifying(true)} disabled={person?.trust === 'new'}>
            {trustWords[person?.trust ?? 'new']}
          </button>
        )}
      </div>
      {person?.trust === 'key changed' && (
        <p class="fault" role="alert">
          <strong>{user}’s key has changed.</strong> Nothing is sent to {user} until you have compared the new number.
          It may be a new phone, or somebody in between.
        </p>
      )}
      {person?.trust === 'numbers differ' && (
        <p class="fault" role="alert">
          <strong>You have said that the numbers differ.</strong> Somebody may read what you and {user} write here, and
          change it. What you write is sent all the same.
        </p>
      )}
      <div class="entries" ref={list} tabIndex={0} role="log" aria-label="Messages">
        {entries.map((entry) =>
          entry.kind === 'message' ? (
            <Message
              key={entry.row}
              message={entry}
              user={user}
              isHeld={person?.trust === 'key changed'}
              onLook={() => setInside(entry.row)}
            />
          ) : (
            <Notice key={`notice ${entry.row}`} notice={entry} />
          ),
        )}
        {entries.length === 0 && <p class="faint pad">Nothing has been said yet.</p>}
      </div>
      <div class="below">
        {!group && <LockBar user={user} />}
        {group?.standing === 'left' || group?.standing === 'leaving' ? (
          <p class="pad faint">
            {group.standing === 'left' ? 'You are not in this group any more.' : 'You are leaving this group.'}
          </p>
        ) : (
          <>
            {user !== everybody && (
              <Attach key={user} to={user} isInTheWay={isWriting.value || answering.value?.user === user} />
            )}
            <Composer to={user} />
          </>
        )}
      </div>
      {group && isShowingGroup && <GroupMembers group={group} onClose={() => setShowingGroup(false)} />}
      {isVerifying && <Verify user={user} onClose={() => setVerifying(false)} />}
      {inside !== null && <Inside row={inside} onClose={() => setInside(null)} />}
    </main>
  )
}

const timeOf = (ms: number) => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

const states: Record<MessageView['state'], string> = {
  uploading: 'its file is on its way to the server',
  waiting: 'kept here, waits for the server',
  sealed: 'encrypted, waits for the server',
  sent: 'sent',
  delivered: 'arrived',
  read: 'read',
  failed: 'NOT SENT',
  received: '',
  restored: '',
}

/** What stands on the button that opens the number. */
const trustWords: Record<PersonView['trust'], string> = {
  'new': 'Compare numbers',
  'not verified': 'Compare numbers',
  'verified': '✓ Verified',
  'key changed': '⚠ Key changed',
  'numbers differ': '⚠ Numbers differ',
}

/** @param isHeld whether it waits for its writer to compare numbers */
function standing({ state, counts }: MessageView, isHeld: boolean): string {
  if (state === 'waiting' && isHeld) return 'kept here until you have compared numbers'
  if (counts === null) return states[state]
  const { all, sent, delivered, read, failed } = counts
  if (failed > 0) return `NOT SENT to ${failed} of ${all}, sent to ${sent}`
  if (sent < all) return `sent to ${sent} of ${all}`
  if (delivered === 0) return `sent to all ${all}`
  return `sent to all ${all}, arrived at ${delivered}${read > 0 ? `, read by ${read}` : ''}`
}

const countsHelp =
  'A phone says what has arrived only to people whom its owner has written to: the true count may be higher.'

interface MessageProps {
  readonly message: MessageView
  readonly user: string
  readonly isHeld: boolean
  readonly onLook: () => void
}

function Message({ message, user, isHeld, onLook }: MessageProps) {
  const {
    isOurs,
    from,
    sentAt,
    lines,
    file,
    state,
    mode,
    isToEverybody,
    isLocked,
    row,
    answers,
    deletedAt,
    reactions,
  } = message
  return (
    <article class={`message${isOurs ? ' ours' : ''}${mode === null ? '' : ' readable'}`}>
      <p class="meta">
        <strong>{isOurs ? 'You' : from}</strong>
        {isToEverybody && ' to everybody'} <time>{timeOf(sentAt)}</time>
      </p>
      {answers !== null && <p class="quoted">{answers}</p>}
      {isLocked ? (
        <LockedText {...{ row, user, lines }} />
      ) : (
        lines.map((line, i) => (
          <p class="text" key={i}>
            {line}
          </p>
        ))
      )}
      {file !== null && <MessageFile {...{ row, file }} isThere={!['uploading', 'failed'].includes(state)} />}
      {deletedAt !== null && <p class="text faint">Deleted for everybody, {timeOf(deletedAt)}</p>}
      <Reactions reactions={reactions} />
      <p class="meta facts">
        {isOurs && <span title={message.counts ? countsHelp : undefined}>{standing(message, isHeld)}</span>}
        {mode !== null && (
          <span class={isLocked ? '' : 'exposed'}>
            {mode.reader} {mode.isForSome ? 'may be able to' : 'can'}{' '}
            {isLocked ? 'open this, and will find a lock' : 'read this'}
          </span>
        )}
        {/* of what came, the bytes are not kept */}
        {isOurs && deletedAt === null && (
          <button type="button" class="small" onClick={onLook}>
            Look inside
          </button>
        )}
      </p>
      {(user !== everybody || isOurs) && <Menu message={message} user={user} />}
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
  useEffect(() => {
    isWriting.value = text !== ''
    return () => (isWriting.value = false)
  }, [text !== ''])

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    if (text.trim() === '' || busy) return
    setBusy(true)
    setFault(null)
    try {
      // what was typed goes only when it is kept
      await write(to, text, answering.value?.user === to ? answering.value.message.row : null)
      answering.value = null
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
      <Answering to={to} />
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
