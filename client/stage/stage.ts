import { z } from 'zod'
import { type Helper, startHelper } from '../node/asking.ts'
import { type Followed, followedSchema, type Played, playedSchema, type Spoken, spokenSchema } from './words.ts'
import type { StageAsk, Story } from './words.ts'

/** The people on stage, as the workshop sees them: another process, which holds their devices. */
export interface StageProcess {
  /** @returns account keys, base64url, by name */
  prepare(): Promise<Readonly<Record<string, string>>>
  enter(): Promise<void>
  /** Lines of these people come first from now on. */
  attend(people: readonly string[]): Promise<void>
  /** Resolves when everybody has heard of that link of the policy chain, or the relay is out of their reach. */
  learn(epoch: number): Promise<void>
  /** @returns null after the last line */
  say(): Promise<Spoken | null>
  play(isPlaying: boolean): Promise<void>
  look(): Promise<Played>
  follow(message: Spoken): Promise<Followed>
  /** @returns how many messages were deleted */
  forget(): Promise<number>
  stop(): Promise<void>
}

export interface StagePlace {
  readonly url: string
  /** of the certificate that the relay shows; empty for plain http */
  readonly caFile: string
}

/** @param folder for their devices; @param keep whether it outlasts them */
export function startStage(folder: string, relay: StagePlace, story: Story, keep: boolean): StageProcess {
  // as it is built it stands beside this file, under a name of its own
  const name = import.meta.url.endsWith('.ts') ? './process.ts' : './workshop-stage.js'
  const helper = startHelper<StageAsk>(
    new URL(name, import.meta.url),
    [folder, relay.url, relay.caFile, story, keep ? 'keep' : 'remove'],
    "the stage's process",
  )
  const ask: Helper<StageAsk>['ask'] = (asked, schema) => helper.ask(asked, schema)
  return {
    prepare: () => ask({ do: 'prepare' }, z.record(z.string(), z.string())),
    enter: async () => void (await ask({ do: 'enter' }, z.null())),
    attend: async (people) => void (await ask({ do: 'attend', people: [...people] }, z.null())),
    learn: async (epoch) => void (await ask({ do: 'learn', epoch }, z.null())),
    say: () => ask({ do: 'say' }, spokenSchema.nullable()),
    play: async (isPlaying) => void (await ask({ do: 'play', isPlaying }, z.null())),
    look: () => ask({ do: 'look' }, playedSchema),
    follow: (message) => ask({ do: 'follow', ...message }, followedSchema),
    forget: () => ask({ do: 'forget' }, z.number()),
    stop: () => helper.stop(),
  }
}
