import type { Random } from '../../../crypto/random.ts'
import { seededRandom } from '../simulation/random.ts'
import type { Played } from '../simulation/played.ts'
import type { ExperimentResult } from '../runs/result.ts'
import { badOrders } from './bad-orders.ts'
import { courtsOf } from './courts.ts'
import { dissidents } from './dissidents.ts'
import { insider } from './insider.ts'
import { metadata } from './metadata.ts'
import { openAll } from './opened.ts'
import { otherState } from './other-state.ts'
import { titles } from './titles.ts'
import { twoPaths } from './two-paths.ts'
import { twoStandards } from './two-standards.ts'

/**
 * The experiments about orders and jurisdictions, as far as the runs are there for them: an order needs message key
 * escrow, and the outside alone is looked at under `none`.
 * @param runs one world under several modes
 */
export async function* ordersExperiments(
  runs: readonly Played[],
  seed: string,
  begin: (title: string) => void,
): AsyncIterable<ExperimentResult> {
  const under = (id: string) => runs.filter(({ mode }) => mode.id === id)
  for (const escrow of under('message-key-escrow'))
    yield* underOrders(escrow, under('none'), seededRandom(`${seed} orders`), begin)
  begin(titles['other-state'])
  yield otherState(runs)
  begin(titles.metadata)
  for (const none of under('none')) yield metadata(none)
}

async function* underOrders(
  escrow: Played,
  none: readonly Played[],
  random: Random,
  begin: (title: string) => void,
): AsyncIterable<ExperimentResult> {
  const courts = courtsOf(random)
  const opened = openAll(escrow)
  begin(titles['two-paths'])
  yield twoPaths([escrow, ...none], courts, random)
  begin(titles['two-standards'])
  yield twoStandards(escrow, opened, courts, random)
  begin(titles['bad-orders'])
  yield badOrders(escrow, opened, courts, random)
  begin(titles.insider)
  yield insider(escrow, courts, random)
  begin(titles.dissidents)
  const list = await dissidents(escrow, courts, random)
  if (list) yield list
}
