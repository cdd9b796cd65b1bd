import { type Device, refuses } from '../device/device.ts'
import type { Online } from '../device/online.ts'
import { duration } from './duration.ts'
import { visible } from './visible.ts'
import { isPassing, wordsOf } from '../cli/waiting.ts'
import { widthOf } from '../cli/chat/graphemes.ts'
import { line, type Line } from '../cli/chat/line.ts'
import { wrap } from '../cli/chat/wrap.ts'

/** A piece of the notice. A warning is never left out; a detail is for the screen alone. */
export interface Part {
  readonly text: string
  readonly importance: 'warning' | 'fact' | 'detail'
}

/** With whom, whether verified, which access mode, and whether what is typed goes out: the most important first. */
export function noticeOf(device: Device, connection: Online, name: string): readonly Part[] {
  const contact = device.contacts.get(name)
  const fact = (text: string): Part => ({ text, importance: 'fact' })
  const warning = (text: string): Part => ({ text, importance: 'warning' })
  const detail = (text: string): Part => ({ text, importance: 'detail' })

  const trust = !contact
    ? fact('new')
    : contact.changed
      ? warning('KEY CHANGED: nothing is sent')
      : contact.verified
        ? fact('verified')
        : warning('not verified')
  const head = device.policies.head()?.policy
  const mode = head?.modeId ?? 'none'
  const epoch = `(epoch ${head?.epoch ?? 0})`
  const access =
    mode === 'none'
      ? fact(`access: none ${epoch}`)
      : warning(`access: ${visible(mode)}: its key reads this too ${epoch}`)
  const parts = [warning(name), trust, access]
  const { state, fault } = connection
  if (state === 'offline')
    parts.push(fault && !isPassing(fault) ? warning(`offline: ${wordsOf(fault)}`) : fact('offline'))
  const unsent = device.history.unsent(name)
  if (unsent > 0)
    parts.push(refuses(device) ? warning(`${unsent} kept: this device refuses the mode`) : fact(`${unsent} waiting`))
  if (!contact) return parts
  if (contact.blocked) parts.push(detail('blocked: /unblock'))
  else if (!contact.accepted) parts.push(detail('request: answer, /accept, /block'))
  if (contact.lifetimeSeconds > 0) parts.push(detail(`⌛ ${duration(contact.lifetimeSeconds)}`))
  const devices = contact.list.devices.length
  parts.push(detail(devices === 1 ? '1 device' : `${devices} devices`))
  return parts
}

const between = ' · '

/** In a pipe: one line, without the details. */
export const inOneLine = (parts: readonly Part[]): string =>
  parts
    .filter(({ importance }) => importance !== 'detail')
    .map(({ text }) => text)
    .join(between)

/** Broken between parts if that is enough for two rows, else wherever there is a space. */
function rowsOf(parts: readonly Part[], width: number): string[] {
  const rows: string[] = []
  for (const { text } of parts) {
    const last = rows.at(-1)
    if (last !== undefined && widthOf(last + between + text) <= width) rows[rows.length - 1] = last + between + text
    else rows.push(text)
  }
  if (rows.length <= 2 && rows.every((row) => widthOf(row) <= width)) return rows
  return wrap(parts.map(({ text }) => text).join(between), width)
}

/** Two rows: what is least important is left out, with a sign; but every warning stands there, in more rows if it must. */
export function noticeRows(parts: readonly Part[], width: number): Line[] {
  const warnings = parts.filter(({ importance }) => importance === 'warning')
  const most = Math.max(2, rowsOf(warnings, width - 2).length)
  let kept = parts
  while (rowsOf(kept, width - 2).length > most)
    kept = kept.toSpliced(
      kept.findLastIndex(({ importance }) => importance !== 'warning'),
      1,
    )
  const rows = rowsOf(kept, width - 2)
  if (kept.length < parts.length) rows.push(`${rows.pop() ?? ''} …`)
  return rows.map((text) => line(text, 'inverse'))
}
