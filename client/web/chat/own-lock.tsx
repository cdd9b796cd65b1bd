import { computed, effect, signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { everybody } from '../device/protocol.ts'
import { ask, view } from './device.ts'
import { room } from './state.ts'

/*
 * A lock of one's own: a passphrase for one conversation, agreed upon aloud. It stays in this tab's memory, and goes when the page does.
 */

interface OwnLock {
  readonly passphrase: string
  /** whether what is written is locked, and not only what comes unlocked */
  readonly isLocking: boolean
}
const locks = signal<Readonly<Record<string, OwnLock>>>({})

/** those of another round are of nobody here */
const round = computed(() => room.value?.id)
effect(() => {
  locks.value = round.value === undefined ? locks.peek() : {}
})

const setLock = (user: string, lock: OwnLock | null): void => {
  const { [user]: _before, ...others } = locks.value
  locks.value = lock ? { ...others, [user]: lock } : others
}

export const isLocking = (user: string): boolean => locks.value[user]?.isLocking ?? false

/** Hands a text to the messenger, locked where that was asked for. Resolves when it is kept. @throws Refused */
export function write(to: string, text: string, answers: number | null): Promise<null> {
  const lock = locks.value[to]
  return lock?.isLocking
    ? ask('lock', { to, text, passphrase: lock.passphrase, answers })
    : ask('write', { to, text, answers })
}

/** Where two agree on a passphrase: offered while the room tries to evade a key, and wherever a locked text has come. */
export function LockBar({ user }: { readonly user: string }) {
  const [typed, setTyped] = useState('')
  const lock = locks.value[user]
  const isTrying = room.value?.exercise?.id === 'evade' && !room.value.exercise.isOver
  const hasLocked = view.value?.open?.entries.some((entry) => entry.kind === 'message' && entry.isLocked) ?? false
  if (user === everybody || !(isTrying || hasLocked || lock)) return null
  if (lock)
    return (
      <div class="lock">
        <label>
          <input
            type="checkbox"
            checked={lock.isLocking}
            onChange={(event) => setLock(user, { ...lock, isLocking: event.currentTarget.checked })}
          />{' '}
          Lock what I write to {user} with our passphrase
        </label>
        <button type="button" class="small" onClick={() => setLock(user, null)}>
          Forget the passphrase
        </button>
      </div>
    )
  return (
    <form
      class="lock"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed !== '') setLock(user, { passphrase: typed, isLocking: true })
        setTyped('')
      }}
    >
      <label class="all" for="passphrase">
        A lock of your own: a passphrase agreed on, aloud
      </label>
      <input
        id="passphrase"
        type="text"
        value={typed}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        minLength={8}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit">Use it</button>
    </form>
  )
}

interface LockedTextProps {
  readonly row: number
  /** whose conversation it stands in */
  readonly user: string
  /** as it came, a line each */
  readonly lines: readonly string[]
}

/** A text that its writer had locked: opened with the passphrase of the conversation, and otherwise as everybody else sees it. */
export function LockedText({ row, user, lines }: LockedTextProps) {
  const [opened, setOpened] = useState<readonly string[] | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const passphrase = locks.value[user]?.passphrase
  useEffect(() => {
    setOpened(null)
    setFault(null)
    if (passphrase === undefined) return
    ask('unlock', { row, passphrase }).then(setOpened, (error: Error) => setFault(error.message))
  }, [row, passphrase])
  return (
    <>
      {opened && <p class="meta">Unlocked with your passphrase:</p>}
      {opened?.map((line, i) => (
        <p class="text" key={i}>
          {line}
        </p>
      ))}
      {!opened && <p>A locked text. {fault ?? (passphrase === undefined ? 'It opens with your passphrase.' : '…')}</p>}
      <details class="meta">
        <summary>What the messenger carries</summary>
        <p class="text">{lines.join('\n')}</p>
      </details>
    </>
  )
}
