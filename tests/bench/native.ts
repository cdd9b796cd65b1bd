import { resolve } from 'node:path'
import type { TurnAsked } from './native-host.ts'
import { startPeer } from './relay/processes.ts'
import type { Scale } from './scale.ts'
import type { Figures } from './timing.ts'

/** Our messages with native code; `turn` says what one round of it took. */
export interface NativeSide {
  readonly version: string
  turn(size: number, scale: Scale, clock: TurnAsked['clock']): Promise<Figures>
  stop(): Promise<void>
}

/** Its host lies beside this file, as it is written and as it is built. @returns null where sodium-native cannot be loaded */
export async function startNativeSide(): Promise<NativeSide | null> {
  const peer = await startPeer(resolve(import.meta.dirname, 'native-host'), [])
  const version = await peer.ask<string | null>('version')
  if (version === null) {
    await peer.stop()
    return null
  }
  return {
    version,
    turn: (size, scale, clock) => peer.ask('turn', { size, scale, clock } satisfies TurnAsked),
    stop: () => peer.stop(),
  }
}
