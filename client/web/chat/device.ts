import { signal } from '@preact/signals'
import type { AskName, Asks, FromWorker, ToWorker, View } from '../device/protocol.ts'

/*
 * The page's end of the talk with the worker that has the device.
 */

export const view = signal<View | null>(null)
/** why the device has stopped for good in this tab */
export const over = signal<string | null>(null)

/** The device did not do what it was asked, and why: made harmless. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

let worker: Worker | null = null
let ready: Promise<void> = Promise.resolve()
let last = 0
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()

/** A worker without a device, in the place of the one before. */
export function startWorker(): void {
  worker?.terminate()
  for (const { reject } of waiting.values()) reject(new Refused('stopped', 'this was stopped'))
  waiting.clear()
  view.value = null
  worker = new Worker(new URL('../device/worker.ts', import.meta.url), { type: 'module' })
  let begin = () => {}
  ready = new Promise((resolve) => (begin = resolve))
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if ('view' in data) view.value = data.view
    else if ('over' in data) over.value = data.over
    else if (data.answer === 0) begin()
    else {
      const asked = waiting.get(data.answer)
      waiting.delete(data.answer)
      if ('fault' in data) asked?.reject(new Refused(data.fault.code, data.fault.message))
      else asked?.resolve(data.value)
    }
  })
  worker.addEventListener('error', () => {
    over.value =
      'This browser cannot run Doormat: it is too old, or keeps nothing in a private window. Open the link in another browser.'
  })
}

/** @throws Refused */
export async function ask<N extends AskName>(name: N, given: Asks[N]['ask']): Promise<Asks[N]['answer']> {
  await ready
  return new Promise((resolve, reject) => {
    last += 1
    waiting.set(last, { resolve: (value) => resolve(value as Asks[N]['answer']), reject })
    worker?.postMessage({ ask: last, name, given } satisfies ToWorker)
  })
}
