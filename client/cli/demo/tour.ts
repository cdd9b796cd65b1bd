import type { Stage } from './stage.ts'
import { tellEnd } from './ending.ts'
import { meetAndTalk, underTheMat } from './beginning.ts'
import { clerk, oneOrder } from './authority.ts'
import { thief } from './theft.ts'
import { lie } from './lie.ts'

/** Six screens and a last one. Every figure in it was counted in this run. */
export async function tour(stage: Stage): Promise<void> {
  const { narrator } = stage
  const { cast, before, honest } = await meetAndTalk(stage)
  await narrator.pause()
  const sent = await underTheMat(stage, cast)
  await narrator.pause()
  const order = await oneOrder(stage, sent)
  await narrator.pause()
  const newEntries = await clerk(stage, order.readings)
  await narrator.pause()
  const stolen = await thief(stage, cast, { before, sent }, order.readings)
  await narrator.pause()
  const heard = await lie(stage, honest)
  await narrator.pause()
  tellEnd(narrator, { ...order, ...stolen, ...heard, newEntries, before: before.length, sent: sent.length })
}
