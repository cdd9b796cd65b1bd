import { parentPort, workerData } from 'node:worker_threads'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { openings } from './reading.ts'

/* Reads what it is sent, and answers with how many opened; once at first, for being there. */

const { modeId, held } = workerData as { readonly modeId: string; readonly held: readonly Uint8Array[] }
parentPort?.on('message', (envelopes: readonly RecordedEnvelope[]) =>
  parentPort?.postMessage(openings(modeId, held, envelopes)),
)
parentPort?.postMessage(0)
