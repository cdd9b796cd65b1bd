import { figure, type Goal, profileList, type Section, table, times } from '../page.ts'
import type { Spent } from '../profile.ts'
import type { Scale } from '../scale.ts'
import { type Figures, interleave, median, ratio, type Rounds, seriesOf } from '../timing.ts'
import { probeDisk } from './disk.ts'
import type { Closed, Open } from './load.ts'
import type { Peer } from './processes.ts'
import { inTown, type Kind, type Stage, startStage } from './stage.ts'

const window = 4
/** milliseconds at the 99th percentile, by the rate offered */
const p99Goals = new Map([
  [2000, 3],
  [10_000, 10],
])

/** One server's turn: as much as it can take, then each rate. */
export async function relayTurn(load: Peer, { relaySeconds: seconds, rates }: Scale): Promise<Figures> {
  const figures: Record<string, number> = {}
  const { perSecond } = await load.ask<Closed>('closed', { seconds, window })
  figures['most'] = perSecond
  for (const rate of rates) {
    const open = await load.ask<Open>('open', { seconds, rate })
    figures[`${rate} p50`] = open.p50
    figures[`${rate} p99`] = open.p99
    figures[`${rate} answered`] = open.perSecond
  }
  return figures
}

interface Measured {
  readonly sockets: number
  readonly rounds: Rounds
  readonly disk: string
  readonly costs: ReadonlyMap<Kind, Cost>
  readonly profile: readonly Spent[]
}

const measure = (sockets: number, scale: Scale): Promise<Measured> =>
  inTown(sockets, async (directory) => {
    const [relay, forwarder] = await Promise.all([
      startStage('relay', directory, sockets),
      startStage('forwarder', directory, sockets),
    ])
    const stages = new Map<Kind, Stage>([
      ['relay', relay],
      ['forwarder', forwarder],
    ])
    try {
      const turns = new Map([...stages].map(([kind, { load }]) => [kind, () => relayTurn(load, scale)]))
      const rounds = await interleave(turns, scale.relayRounds, Math.min(1, scale.warmUps))
      const costs = new Map<Kind, Cost>()
      for (const [kind, stage] of stages) costs.set(kind, await costOf(stage, scale))
      return { sockets, rounds, disk: probeDisk(directory), costs, profile: await profileOf(relay, scale) }
    } finally {
      for (const stage of stages.values()) await stage.stop()
    }
  })

/** Microseconds of processor time that a message takes the server, and the load. */
interface Cost {
  readonly server: number
  readonly load: number
}

async function costOf({ server, load }: Stage, { relaySeconds: seconds }: Scale): Promise<Cost> {
  const used = () => Promise.all([server.ask<number>('cpuMs'), load.ask<number>('cpuMs')])
  const [serverBefore, loadBefore] = await used()
  const { answered } = await load.ask<Closed>('closed', { seconds, window })
  const [serverAfter, loadAfter] = await used()
  const each = (ms: number) => (ms * 1000) / answered
  return { server: each(serverAfter - serverBefore), load: each(loadAfter - loadBefore) }
}

async function profileOf({ server, load }: Stage, { relaySeconds: seconds }: Scale): Promise<readonly Spent[]> {
  const profile = server.ask<readonly Spent[]>('profile', seconds)
  await load.ask('closed', { seconds, window })
  return profile
}

const mostHeader = [
  'sockets',
  'relay, messages a second',
  'forwarder',
  'relay ÷ forwarder',
  'relay, µs of processor a message',
  'its load',
  'forwarder, µs',
  'its load',
]

/** Our relay, every answer after its commit, beside a forwarder that keeps nothing. */
export async function measureRelay(scale: Scale): Promise<Section> {
  const all: Measured[] = []
  for (const sockets of scale.sockets) all.push(await measure(sockets, scale))
  const most = all.map(({ sockets, rounds, costs }) => [
    `${sockets}`,
    figure(median(seriesOf(rounds, 'relay most'))),
    figure(median(seriesOf(rounds, 'forwarder most'))),
    times(ratio(rounds, 'relay most', 'forwarder most')),
    ...[...costs.values()].flatMap(({ server, load }) => [figure(server), figure(load)]),
  ])
  const latencies = all.flatMap(({ sockets, rounds }) =>
    scale.rates.map((rate) => [
      `${sockets}`,
      figure(rate),
      ...['relay', 'forwarder'].flatMap((kind) =>
        ['answered', 'p50', 'p99'].map((what) => figure(median(seriesOf(rounds, `${kind} ${rate} ${what}`)))),
      ),
    ]),
  )
  const body = [
    'Relay, forwarder and load are separate processes on this machine. Each socket is an authenticated WebSocket; neighbours write',
    "to each other, and each acknowledges what it gets. A text of 140 bytes makes an envelope of 451. An answer is the relay's",
    '`done`, after the commit that holds the message (SQLite, write-ahead log, synchronous=FULL). The forwarder takes the same frames,',
    'passes them on and answers; it does not check, authenticate or keep anything. Accounts are put into the store directly',
    `through the Store port, with keys from a seed. Here ${all.at(-1)?.disk ?? ''}.`,
    '',
    `Each socket sends as fast as answers come, with ${window} messages under way:`,
    '',
    table(mostHeader, most),
    '',
    'Messages are sent at a fixed rate, whatever happens. Milliseconds from when a message was due until its answer:',
    '',
    table(['sockets', 'offered a second', 'relay answers', 'p50', 'p99', 'forwarder answers', 'p50', 'p99'], latencies),
    '',
    ...all.map(
      ({ sockets, profile }) => `Where the relay's time goes at ${sockets} sockets: ${profileList(profile)}.\n`,
    ),
  ].join('\n')
  return { title: 'The relay', body, goals: all.flatMap((measured) => goalsOf(measured, scale)) }
}

function goalsOf({ sockets, rounds }: Measured, { rates }: Scale): Goal[] {
  const share = ratio(rounds, 'relay most', 'forwarder most')
  const late = rates.flatMap((rate) => {
    const most = p99Goals.get(rate)
    if (most === undefined) return []
    const p99 = median(seriesOf(rounds, `relay ${rate} p99`))
    return [
      {
        goal: `p99 under ${most} ms at ${figure(rate)} messages a second, ${sockets} sockets`,
        measured: `${figure(p99)} ms`,
        isMet: p99 < most,
      },
    ]
  })
  return [
    {
      goal: `durable relay 0.25 of the bare forwarder, ${sockets} sockets`,
      measured: times(share),
      isMet: share >= 0.25,
    },
    ...late,
  ]
}
