import { z } from 'zod'
import { fromBase64url } from '../../../crypto/bytes.ts'
import { type Helper, startHelper } from '../../node/asking.ts'
import { type Executed, executedSchema, type LookedUp, lookedUpSchema } from '../api.ts'
import { type AuthorityAsk, type Ledger, ledgerSchema } from './words.ts'

/** The authority, as the workshop sees it: another process, which holds the keys. */
export interface AuthorityProcess {
  /** A mode's public half, from a key that is made when it is first needed. */
  key(mode: string): Promise<Uint8Array>
  /** What the relay taps these people by. */
  instrument(mode: string, people: readonly string[]): Promise<Uint8Array>
  read(mayShow: readonly string[], onStage: readonly string[]): Promise<Ledger>
  find(from: string, id: string): Promise<string | null>
  /** @returns the names of the files that lie in the folder now */
  copy(into: string): Promise<readonly string[]>
  order(mode: string, person: string, since: number, mayShow: readonly string[]): Promise<Executed>
  lookUp(person: string, mayShow: readonly string[]): Promise<LookedUp>
  /** Ends it. What it held goes with it, unless it is to be kept. */
  stop(): Promise<void>
}

/** @param folder for its keys; @param keep whether they outlast it */
export function startAuthority(folder: string, archive: string, keep: boolean): AuthorityProcess {
  // as it is built it stands beside this file, under a name of its own
  const name = import.meta.url.endsWith('.ts') ? './process.ts' : './workshop-authority.js'
  const helper = startHelper<AuthorityAsk>(
    new URL(name, import.meta.url),
    [folder, archive, keep ? 'keep' : 'remove'],
    "the authority's process",
  )
  const ask: Helper<AuthorityAsk>['ask'] = (asked, schema) => helper.ask(asked, schema)
  return {
    key: async (mode) => fromBase64url(await ask({ do: 'key', mode }, z.string())),
    instrument: async (mode, people) =>
      fromBase64url(await ask({ do: 'instrument', mode, people: [...people] }, z.string())),
    read: (mayShow, onStage) => ask({ do: 'read', mayShow: [...mayShow], onStage: [...onStage] }, ledgerSchema),
    find: (from, id) => ask({ do: 'find', from, id }, z.string().nullable()),
    copy: (into) => ask({ do: 'copy', into }, z.array(z.string())),
    order: (mode, person, since, mayShow) =>
      ask({ do: 'order', mode, person, since, mayShow: [...mayShow] }, executedSchema),
    lookUp: (person, mayShow) => ask({ do: 'look up', person, mayShow: [...mayShow] }, lookedUpSchema),
    stop: () => helper.stop(),
  }
}
