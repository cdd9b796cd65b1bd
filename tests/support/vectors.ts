import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { missing } from './missing.ts'

/** Published vectors lie beside the repository and are never copied into it. */
const folder = new URL('../../../shared/vectors/', import.meta.url)

/** Why published vectors cannot be run here, in brackets; empty when they can. */
export const vectorsMissing: string = missing(existsSync(folder), 'there are no published vectors at ../shared/vectors')

export interface WycheproofCase {
  readonly tcId: number
  readonly comment?: string
  readonly flags?: readonly string[]
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

interface WycheproofFile<G, C> {
  readonly numberOfTests: number
  readonly testGroups: readonly (G & { readonly tests: readonly (C & WycheproofCase)[] })[]
}

/**
 * Every case of a Wycheproof file, with its group.
 * @throws Error when the file has another number of cases than it says
 */
export function wycheproof<C, G = object>(name: string): { readonly group: G; readonly vector: C & WycheproofCase }[] {
  const bytes = gunzipSync(readFileSync(new URL(`wycheproof/${name}_test.json.gz`, folder)))
  const file = JSON.parse(bytes.toString()) as WycheproofFile<G, C>
  const cases = file.testGroups.flatMap((group) => group.tests.map((vector) => ({ group, vector })))
  if (cases.length !== file.numberOfTests) throw new Error(`${name} is not whole`)
  return cases
}

/** The known answers of the X-Wing draft, everything in hex. */
export const xwingAnswers = () =>
  JSON.parse(readFileSync(new URL('xwing_draft_kat.json', folder), 'utf8')) as readonly Record<
    'seed' | 'eseed' | 'ss' | 'sk' | 'pk' | 'ct',
    string
  >[]
