import type { Device } from '../device/device.ts'
import { ClientError } from '../device/errors.ts'
import type { HistoryMessage } from '../device/history-entries.ts'
import { visible } from '../words/visible.ts'
import { shownOfIds } from './entries.ts'

/**
 * The message in a conversation whose id begins so, or `AUTHOR/` and the beginning of its id: one that is neither deleted nor forgotten.
 * @param whose of one's own alone, or of everybody's
 * @throws ClientError `no-such-message` where there is none, or more than one
 */
export function messageCalled(
  device: Device,
  peer: string,
  called: string,
  whose: 'own' | 'all' = 'all',
): HistoryMessage {
  const here = messagesCalled(device, peer, called)
  const theirs = whose === 'all' ? here : here.filter(({ direction }) => direction === 'out')
  // anybody can choose an id that is what somebody else's begins with: as long as is shown, it is no exact one
  const exact = called.length > shownOfIds ? theirs.filter(({ id }) => id === called) : []
  const [message, another] = exact.length > 0 ? exact : theirs
  if (another)
    throw new ClientError(
      'no-such-message',
      `several messages have an id that begins with ${visible(called)}: say more of it, or whose it is, as in alice/${visible(called)}`,
    )
  if (message) return message
  throw new ClientError(
    'no-such-message',
    here.length > 0
      ? 'only your own messages can be deleted for everybody'
      : `no message here has an id that begins with ${visible(called)}`,
  )
}

function messagesCalled(device: Device, peer: string, called: string): readonly HistoryMessage[] {
  const beginning = (id: string) =>
    (id === '' ? [] : device.store.tables.history.beginning(id))
      .flatMap(({ row }) => device.history.message(row) ?? [])
      .filter((message) => message.peer === peer)
  const found = beginning(called)
  const slash = called.indexOf('/')
  if (found.length > 0 || slash < 0) return found
  const author = called.slice(0, slash)
  return beginning(called.slice(slash + 1)).filter((message) => device.afterwords.nameOf(message).author === author)
}
