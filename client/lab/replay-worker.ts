import { parentPort, workerData } from 'node:worker_threads'
import type { Conduct } from './operator.ts'
import { type ReplayOrder, replayPart } from './replay-part.ts'

/*
 * A thread of its own for one of the two plays of a replay: they share nothing but the files they begin from.
 */

const { order, conduct } = workerData as { readonly order: ReplayOrder; readonly conduct: Conduct }
await replayPart(order, conduct, (news) => parentPort?.postMessage(news))
