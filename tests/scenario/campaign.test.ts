import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { campaign } from '../support/campaign.ts'
import { lettersFaults, listenerFaults, readEnvelopes } from '../support/campaign-check.ts'
import { few } from '../support/long.ts'
import { scratch } from '../support/program.ts'

/*
 * Relay, senders and receivers as processes, killed twice here; 1,000 times with DOORMAT_KILLS=1000, as
 * `npm run test:long` does. A run that fails is repeated with DOORMAT_SEED=its seed: who is killed where, and what the
 * network does, comes from there. How fast the machine is does not, so a fault may need several runs to come back.
 */
const kills = Number(process.env['DOORMAT_KILLS'] ?? 4)
const seed = Number(process.env['DOORMAT_SEED'] ?? 1)

describe(`a campaign of kills (seed ${seed})`, () => {
  const folders = scratch()
  afterEach(folders.remove)

  const lines = [
    { hostile: true, how: 'envelopes that are doubled, reordered and dropped', kills: Math.floor(kills / 2) },
    { hostile: false, how: 'connections that are cut at any byte, delayed and stalled', kills: Math.ceil(kills / 2) },
  ]
  it.for(few(lines, 1))(
    'loses nothing unseen, shows nothing twice and uses no key twice, with $how',
    { timeout: 3_600_000 },
    async ({ hostile, kills }, { annotate }) => {
      const path = (name: string) => join(folders.path(hostile ? 'hostile' : 'cut'), name)
      const { people, letters, submitted, delivered, killed, network } = await campaign({ seed, kills, hostile, path })
      const { count, ...envelopes } = readEnvelopes(submitted, delivered, path('archive'), path('keys'))
      await annotate(JSON.stringify({ killed, network, envelopes: count }))

      expect(letters.flatMap((one) => lettersFaults(one, people))).toEqual([])
      expect(people.flatMap(listenerFaults)).toEqual([])
      expect(envelopes).toEqual({ reused: [], unknown: 0, unarchived: 0 })
      const told = new Set(people.flatMap(({ history }) => history.map(({ kind }) => kind)))
      expect([...told].filter((kind) => !(hostile ? [...normal, 'gap', 'late'] : normal).includes(kind))).toEqual([])
      expect(killed.relay + killed.send + killed.listen).toBeGreaterThanOrEqual(kills)
    },
  )
})

const normal = ['message', 'access']
