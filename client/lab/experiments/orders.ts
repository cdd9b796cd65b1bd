import { seededRandom } from '../random.ts'
import type { Played } from '../play.ts'
import type { ExperimentResult } from '../result.ts'
import { badOrders } from './bad-orders.ts'
import { courtsOf } from './courts.ts'
import { dissidents } from './dissidents.ts'
import { insider } from './insider.ts'
import { metadata } from './metadata.ts'
import { openAll } from './opened.ts'
import { otherState } from './other-state.ts'
import { twoPaths } from './two-paths.ts'
import { twoStandards } from './two-standards.ts'

/**
 * The experiments about orders and jurisdictions.
 * @param runs one world under several modes, `none` and `message-key-escrow` among them
 */
export async function ordersExperiments(runs: readonly Played[], seed: string): Promise<readonly ExperimentResult[]> {
  const random = seededRandom(`${seed} orders`)
  const courts = courtsOf(random)
  const [none, escrow] = [runUnder(runs, 'none'), runUnder(runs, 'message-key-escrow')]
  const opened = openAll(escrow)
  const list = dissidents(escrow, courts, random)
  return [
    await twoPaths([escrow, none], courts, random),
    await twoStandards(escrow, opened, courts, random),
    await badOrders(escrow, opened, courts, random),
    await insider(escrow, courts, random),
    await otherState(runs),
    ...(list ? [await list] : []),
    await metadata(none),
  ]
}

function runUnder(runs: readonly Played[], id: string): Played {
  const played = runs.find(({ mode }) => mode.id === id)
  if (!played) throw new Error(`the orders are tried under ${id}, which was not played`)
  return played
}
