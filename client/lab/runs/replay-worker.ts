import { parentPort } from 'node:worker_threads'
import { type ReplayPart, replayPart } from './replay-part.ts'
import { leaveIfAsked, orderOfThread, untilLeft } from './thread.ts'

/*
 * A thread of its own for one of the two plays of a replay: they share nothing but the files they begin from.
 */

const { order, conduct } = orderOfThread<ReplayPart>()
await untilLeft(() => replayPart(order, conduct, (news) => parentPort?.postMessage(news), leaveIfAsked))
