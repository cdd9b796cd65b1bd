import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { figure, type Section, table, times } from '../page.ts'
import { type BrokerName, brokers, mosquittoVersion, startMosquitto } from '../relay/mosquitto.ts'
import type { Peer } from '../relay/processes.ts'
import { relayTurn } from '../relay/relay.ts'
import { inTown, startLoad, startStage } from '../relay/stage.ts'
import type { Scale } from '../scale.ts'
import { interleave, median, ratio, type Rounds, seriesOf } from '../timing.ts'

const names = Object.keys(brokers) as BrokerName[]

const title = 'Mosquitto'
const skipped: Section = {
  title,
  body: '**Not measured here**: there is no mosquitto on this machine (`apt-get install mosquitto`).',
  goals: [],
}

/** The relay and the brokers, each with its own load, in turns. */
const measure = (sockets: number, scale: Scale): Promise<Rounds> =>
  inTown(sockets, async (directory) => {
    const stops: (() => Promise<void>)[] = []
    const folder = mkdtempSync(join(tmpdir(), 'doormat-brokers-'))
    try {
      const loads = new Map<string, Peer>()
      const joinRelay = async () => {
        const stage = await startStage('relay', directory, sockets)
        stops.push(stage.stop)
        loads.set('relay', stage.load)
      }
      const joinBroker = async (name: BrokerName) => {
        const broker = await startMosquitto(folder, name)
        stops.push(broker.stop)
        const load = await startLoad('broker', String(broker.port), sockets)
        stops.push(load.stop)
        loads.set(name, load)
      }
      await Promise.all([joinRelay(), ...names.map(joinBroker)])
      const turns = new Map([...loads].map(([name, load]) => [name, () => relayTurn(load, scale, [])]))
      return await interleave(turns, scale.relayRounds, Math.min(1, scale.warmUps))
    } finally {
      for (const stop of stops.toReversed()) await stop()
      rmSync(folder, { recursive: true })
    }
  })

/** Our relay beside Debian's MQTT broker at QoS 1. */
export async function measureBrokers(scale: Scale): Promise<Section> {
  const version = mosquittoVersion()
  if (version === null) return skipped
  const all: { readonly sockets: number; readonly rounds: Rounds; readonly shares: readonly number[] }[] = []
  for (const { count: sockets } of scale.sockets) {
    const rounds = await measure(sockets, scale)
    all.push({ sockets, rounds, shares: names.map((name) => ratio(rounds, 'relay most', `${name} most`)) })
  }
  const body = [
    `Mosquitto ${version} with QoS 1 both ways, sessions that outlive a connection, the same envelopes as payloads, and an MQTT client of our own.`,
    'Its answer (PUBACK) does not wait for a disk. It keeps everything in memory, and writes a copy of all of it to a synced file every',
    'second, or after each round of its loop in which something changed. If the machine loses power, what was answered since is lost;',
    'our relay has it on disk. No setting makes Mosquitto wait.',
    ...all.flatMap(({ sockets, rounds, shares }) => [
      '',
      table(
        [`${sockets} sockets`, 'messages a second', 'relay ÷ this'],
        [
          ['relay, on disk before it answers', figure(median(seriesOf(rounds, 'relay most'))), ''],
          ...names.map((name, i) => [
            name,
            figure(median(seriesOf(rounds, `${name} most`))),
            times(shares[i] ?? Number.NaN),
          ]),
        ],
      ),
    ]),
  ].join('\n')
  const goals = all.map(({ sockets, shares }) => {
    const hardest = Math.min(...shares)
    return {
      goal: `durable relay half of mosquitto QoS 1, the faster of its settings, ${sockets} sockets`,
      measured: times(hardest),
      isMet: hardest >= 0.5,
    }
  })
  return { title, body, goals }
}
