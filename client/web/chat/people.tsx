import { useState } from 'preact/hooks'
import { everybody, type PersonView } from '../device/protocol.ts'
import { view } from './device.ts'
import { aboutGroup, NewGroup } from './groups.tsx'
import { Seat } from './seat.tsx'
import { open, opened } from './state.ts'

const trustWords: Record<PersonView['trust'], string> = {
  'new': 'no messages yet',
  'not verified': 'not verified',
  'verified': '✓ verified',
  'key changed': '⚠ key changed',
  'numbers differ': '⚠ numbers differ',
}

export function People() {
  const [isFounding, setFounding] = useState(false)
  const now = view.value
  if (!now) return null
  return (
    <nav class="people" aria-label="People in the room">
      <Row
        user={everybody}
        title="Everybody"
        about={now.people.length === 1 ? '1 other in the room' : `all ${now.people.length} others in the room`}
        unread={now.unreadToEverybody}
      />
      {now.people.map(({ user, trust, unread, devices }) => (
        <Row
          key={user}
          user={user}
          title={user}
          about={`${trustWords[trust]}${devices > 1 ? `, ${devices} devices` : ''}`}
          unread={unread}
          isWarning={trust === 'key changed' || trust === 'numbers differ'}
        />
      ))}
      {now.groups.map((group) => (
        <Row
          key={group.peer}
          user={group.peer}
          title={group.title}
          about={aboutGroup(group)}
          unread={group.unread}
          isGroup
        />
      ))}
      {now.people.length > 0 && (
        <button type="button" class="new-group" onClick={() => setFounding(true)}>
          New group
        </button>
      )}
      {isFounding && <NewGroup onClose={() => setFounding(false)} />}
      {now.people.length === 0 && <p class="faint pad">Nobody else is here yet.</p>}
      <Seat />
    </nav>
  )
}

interface RowProps {
  readonly user: string
  readonly title: string
  readonly about: string
  readonly unread: number
  readonly isWarning?: boolean
  readonly isGroup?: boolean
}

function Row({ user, title, about, unread, isWarning = false, isGroup = false }: RowProps) {
  return (
    <button
      type="button"
      class="person"
      aria-current={opened.value === user ? 'true' : undefined}
      onClick={() => open(user)}
    >
      <span class="title">
        {isGroup && <span class="group-mark">Group</span>}
        {isGroup ? ` ${title}` : title}
      </span>
      <span class={isWarning ? 'about warn' : 'about faint'}>{about}</span>
      {unread > 0 && (
        <span class="unread">
          {unread}
          <span class="unseen"> not read</span>
        </span>
      )}
    </button>
  )
}
