import type { Contact } from '../device/contacts.ts'
import { type Device, refuses } from '../device/device.ts'
import type { Group } from '../device/groups/groups.ts'
import { isGroup } from '../device/groups/peers.ts'
import type { OnlineState } from '../device/online.ts'
import { counted } from './counted.ts'
import { duration } from './duration.ts'
import { peerName } from './peer-name.ts'
import { visible } from './visible.ts'

/** A piece of the notice. A warning is never left out, nor is `exposed`: others may read this. A detail is for the screen alone. */
export interface Part {
  readonly text: string
  readonly importance: 'exposed' | 'warning' | 'fact' | 'detail'
}

/** How it stands with the connection. */
export interface Standing {
  readonly state: OnlineState
  /** why it is offline, where that is more than a relay that does not answer; harmless */
  readonly trouble: string | null
}

/** With whom, whether verified, which access mode, and whether what is typed goes out: the most important first. */
export function noticeOf(device: Device, { state, trouble }: Standing, name: string): readonly Part[] {
  const group = isGroup(name) ? device.groups.get(name) : null
  const contact = group ? null : device.contacts.get(name)
  const trust = group ? membersOf(group) : trustIn(contact)
  const head = device.policies.head()?.policy
  const mode = head?.modeId ?? 'none'
  const epoch = `(epoch ${head?.epoch ?? 0})`
  const access: Part =
    mode === 'none'
      ? fact(`access: none ${epoch}`)
      : { text: `access: ${visible(mode)}: a third party may read this ${epoch}`, importance: 'exposed' }
  const parts = [warning(peerName(device, name)), trust, access]
  if (state === 'offline') parts.push(trouble === null ? fact('offline') : warning(`offline: ${trouble}`))
  const unsent = device.history.unsent(name)
  if (unsent > 0)
    parts.push(
      refuses(device)
        ? warning(`${unsent} held back: this device sends nothing under a mode`)
        : fact(`${unsent} waiting`),
    )
  if (group?.isOnHold) parts.push(warning('from a backup: waits until members say who is in it'))
  if (group && !group.isAccepted) parts.push(detail('request: answer, or leave it'))
  if (!contact) return parts
  if (contact.blocked) parts.push(detail('blocked: /unblock'))
  else if (!contact.accepted) parts.push(detail('request: answer, /accept, /block'))
  if (contact.lifetimeSeconds > 0) parts.push(detail(`⌛ ${duration(contact.lifetimeSeconds)}`))
  const devices = contact.list.devices.length
  parts.push(detail(counted(devices, 'device')))
  return parts
}

const fact = (text: string): Part => ({ text, importance: 'fact' })
const warning = (text: string): Part => ({ text, importance: 'warning' })
const detail = (text: string): Part => ({ text, importance: 'detail' })

function trustIn(contact: Contact | null): Part {
  if (!contact) return fact('new')
  if (contact.changed) return warning('KEY CHANGED: nothing is sent')
  return contact.verified ? fact('verified') : warning('not verified')
}

const membersOf = ({ now, isOurs }: Group): Part =>
  isOurs ? fact(counted(now.members.length, 'person', 'people')) : warning('you are not in it any more')

/** Stands between two parts. */
export const between = ' · '

/** In a pipe: one line, without the details. */
export const inOneLine = (parts: readonly Part[]): string =>
  parts
    .filter(({ importance }) => importance !== 'detail')
    .map(({ text }) => text)
    .join(between)
