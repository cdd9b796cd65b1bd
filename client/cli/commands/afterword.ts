import type { Device } from '../../device/device.ts'
import type { HistoryAfterword } from '../../device/history-entries.ts'
import { deletionReach } from '../../words/afterword.ts'
import { safeJson } from '../../words/visible.ts'
import { addressee } from '../addressee.ts'
import { whileOnline } from '../context.ts'
import { jsonOf } from '../entries.ts'
import { Stop } from '../exit.ts'
import { messageCalled } from '../message-called.ts'
import { print, tell } from '../output.ts'
import { untilAllSent } from '../waiting.ts'

interface Flags {
  readonly home: string
  readonly json?: boolean
}

/** One emoji on a message, or none any more. */
export async function react(
  name: string,
  id: string,
  emoji: string | undefined,
  flags: Flags & { readonly off?: boolean },
): Promise<void> {
  if ((emoji === undefined) !== (flags.off ?? false))
    throw new Stop('user', 'give one emoji, or --off to take yours back', `doormat react ${name} ${id} 👍`)
  await say(name, flags, emoji === undefined ? 'reaction taken back' : 'reaction sent', (device, peer) =>
    device.react(peer, device.afterwords.nameOf(messageCalled(device, peer, id)), emoji ?? ''),
  )
}

export const deleteForAll = (name: string, ids: readonly string[], flags: Flags): Promise<void> =>
  say(name, flags, deletionReach, (device, peer) => {
    const own = new Set(ids.map((id) => messageCalled(device, peer, id, 'own').id))
    const said = device.deleteForAll(peer, [...own])
    device.store.tidy()
    return said
  })

/** Says something of a message, and waits until it is on its way. */
const say = (
  name: string,
  { home, json }: Flags,
  done: string,
  work: (device: Device, peer: string) => HistoryAfterword,
): Promise<void> =>
  whileOnline(home, async (device, connection) => {
    const said = work(device, addressee(device, name))
    await untilAllSent(device, connection, name, [said], (sent) => {
      if (json) print(safeJson(jsonOf(sent)))
    })
    if (!json) tell(done)
  })
