import { useState } from 'preact/hooks'
import type { GroupView } from '../device/protocol.ts'
import { ask, view } from './device.ts'
import { Dialog } from './dialog.tsx'
import { open } from './state.ts'

/** What the list of people says of a group. */
export const aboutGroup = ({ people, standing }: GroupView): string => {
  if (standing === 'left') return 'you are not in it any more'
  if (standing === 'leaving') return 'you are leaving it'
  return `${people.length} people${standing === 'request' ? ', you were added' : ''}`
}

/** Founds a group with some of the people in the room. */
export function NewGroup({ onClose }: { readonly onClose: () => void }) {
  const [title, setTitle] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const people = view.value?.people ?? []

  async function found(event: Event): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setFault(null)
    try {
      const peer = await ask('found', { title: title.trim(), people: chosen })
      onClose()
      open(peer)
    } catch (error) {
      setFault((error as Error).message)
      setBusy(false)
    }
  }

  const choose = (user: string, isIn: boolean) =>
    setChosen(isIn ? [...chosen, user] : chosen.filter((name) => name !== user))
  return (
    <Dialog title="A new group" onClose={onClose}>
      <form class="group-form" onSubmit={(event) => void found(event)}>
        <label for="group-title">What is it called?</label>
        <input id="group-title" value={title} maxLength={64} onInput={(event) => setTitle(event.currentTarget.value)} />
        <fieldset>
          <legend>Who is in it, besides you?</legend>
          {people.map(({ user }) => (
            <label key={user} class="choice">
              <input
                type="checkbox"
                checked={chosen.includes(user)}
                onChange={(event) => choose(user, event.currentTarget.checked)}
              />{' '}
              {user}
            </label>
          ))}
        </fieldset>
        {fault !== null && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="main" disabled={busy || title.trim() === '' || chosen.length === 0}>
          Make the group
        </button>
      </form>
    </Dialog>
  )
}

/** Who is in a group, what they compare, and what can be changed. */
export function GroupMembers({ group, onClose }: { readonly group: GroupView; readonly onClose: () => void }) {
  const [fault, setFault] = useState<string | null>(null)
  const now = view.value
  const { people, digits, isAdmin, standing, peer } = group
  const isIn = (user: string) => people.some((person) => person.user === user)
  const others = now?.people.filter(({ user }) => !isIn(user)) ?? []
  const change = (wish: Parameters<typeof ask<'change'>>[1]['wish']) => () => {
    setFault(null)
    void ask('change', { group: peer, wish }).catch((error: Error) => setFault(error.message))
  }
  return (
    <Dialog title={group.title} onClose={onClose}>
      <ul class="members">
        {people.map(({ user, role, isBelow }) => (
          <li key={user}>
            <span>
              {user === now?.me ? 'You' : user} <span class="faint">{role}</span>
            </span>
            {isAdmin && isBelow && (
              <button type="button" class="small" onClick={change({ kind: 'remove', user })}>
                Remove {user}
              </button>
            )}
          </li>
        ))}
      </ul>
      {isAdmin && others.length > 0 && (
        <details>
          <summary>Add somebody</summary>
          <ul class="members">
            {others.map(({ user }) => (
              <li key={user}>
                <span>{user}</span>
                <button type="button" class="small" onClick={change({ kind: 'add', user })}>
                  Add {user}
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <details>
        <summary>The number of the group</summary>
        <p>Whoever knows the same people by the same keys, and the same changes, sees the same number.</p>
        <ol class="digits" aria-label="The number of the group, in groups of five digits">
          {digits.map((five, i) => (
            <li key={i}>{five}</li>
          ))}
        </ol>
      </details>
      <p class="faint">
        Who is in it is signed by its members’ phones. The server is told nothing of it; but it carries each message
        once for every phone, and can count.
      </p>
      {standing === 'leaving' && <p>You are leaving: it takes a moment, until all that was sent to you has come.</p>}
      {(standing === 'accepted' || standing === 'request') && (
        <button type="button" onClick={change({ kind: 'leave' })}>
          Leave the group
        </button>
      )}
    </Dialog>
  )
}
