import type { Device } from '../device/device.ts'
import { ClientError } from '../device/errors.ts'
import type { HistoryMessage } from '../device/history.ts'
import { visible } from '../words/visible.ts'

/**
 * The message in a conversation whose id begins so: one that is neither deleted nor forgotten.
 * @param whose of one's own alone, or of everybody's
 * @throws ClientError `no-such-message` where there is none, or more than one
 */
export function messageCalled(
  { store, history }: Device,
  peer: string,
  beginning: string,
  whose: 'own' | 'all' = 'all',
): HistoryMessage {
  const found = beginning === '' ? [] : store.tables.history.beginning(beginning)
  const here = found.flatMap(({ row }) => history.message(row) ?? []).filter((message) => message.peer === peer)
  const theirs = whose === 'all' ? here : here.filter(({ direction }) => direction === 'out')
  const exact = theirs.filter(({ id }) => id === beginning)
  const [message, another] = exact.length > 0 ? exact : theirs
  if (another)
    throw new ClientError('no-such-message', `several messages have an id that begins with ${visible(beginning)}`)
  if (message) return message
  throw new ClientError(
    'no-such-message',
    here.length > 0
      ? 'only your own messages can be deleted for everybody'
      : `no message here has an id that begins with ${visible(beginning)}`,
  )
}
