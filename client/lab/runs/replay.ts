import { conducts, type News, type ReplayOrder, type ReplayPart } from './replay-part.ts'
import { allOf, startThread } from './thread.ts'

/**
 * Plays a dataset twice at once, each time in a thread of its own: with an operator within the order, and with a relay that
 * answers as it likes.
 * @param tell what has come, from either, in no order between the two
 * @param signal ends both; what was told before it stands
 * @returns whether both came to their end
 * @throws what one of the two threw
 */
export async function replay(order: ReplayOrder, tell: (news: News) => void, signal: AbortSignal): Promise<boolean> {
  const threads = conducts.map((conduct) => {
    const thread = startThread('replay-worker', { order, conduct } satisfies ReplayPart)
    thread.worker.on('message', tell)
    return thread
  })
  return allOf(threads, signal)
}
