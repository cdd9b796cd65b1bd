import { figure, type Goal, profileList, type Section, table, times } from '../page.ts'
import type { Spent } from '../profile.ts'
import type { Scale } from '../scale.ts'
import { type Figures, interleave, median, ratio, type Rounds, seriesOf } from '../timing.ts'
import { probeDisk } from './disk.ts'
import type { Closed, Open } from './load.ts'
import type { Peer } from './processes.ts'
import { inTown, type Kind, type Stage, startStage } from './stage.ts'

const window = 4

/** One server's turn: as much as it can take, then each rate. */
export async function relayTurn(
  load: Peer,
  { relaySeconds: seconds }: Scale,
  rates: readonly number[],
): Promise<Figures> {
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
  readonly rates: readonly number[]
  readonly rounds: Rounds
  readonly disk: string
  readonly costs: ReadonlyMap<Kind, Cost>
  readonly profile: readonly Spent[]
}

const measure = ({ count: sockets, rates }: Scale['sockets'][number], scale: Scale): Promise<Measured> =>
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
      const turns = new Map([...stages].map(([kind, { load }]) => [kind, () => relayTurn(load, scale, rates)]))
      const rounds = await interleave(turns, scale.relayRounds, Math.min(1, scale.warmUps))
      const costs = new Map<Kind, Cost>()
      for (const [kind, stage] of stages) costs.set(kind, await costOf(stage, scale))
      return { sockets, rates, rounds, disk: probeDisk(directory), costs, profile: await profileOf(relay, scale) }
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
  const latencies = all.flatMap(({ sockets, rates, rounds }) =>
    rates.map((rate) => [
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
  return { title: 'The relay', body, goals: all.flatMap(goalsOf) }
}

/**
 * In multiples of the forwarder's processor time, what version fd5244e took, built, by this bench (78.5 us beside 20.4, and 95
 * beside 24.5): a third of it is the goal.
 */
const timesOfBefore = 3.9

function goalsOf({ sockets, rates, rounds, costs }: Measured): Goal[] {
  const share = ratio(rounds, 'relay most', 'forwarder most')
  const often = (costs.get('relay')?.server ?? Number.NaN) / (costs.get('forwarder')?.server ?? Number.NaN)
  const most = timesOfBefore / 3
  const [slow, fast] = rates.map((rate) => ({
    rate,
    late: ratio(rounds, `relay ${rate} p99`, `forwarder ${rate} p99`),
    kept: median(seriesOf(rounds, `relay ${rate} answered`)) / rate,
  }))
  if (!slow || !fast) throw new Error('a slow and a fast rate')
  return [
    {
      goal: `durable relay 0.7 of the bare forwarder, ${sockets} sockets`,
      measured: times(share),
      isMet: share >= 0.7,
    },
    {
      goal: `processor time a message at most ${figure(most)} times the forwarder's, ${sockets} sockets`,
      measured: times(often),
      isMet: often <= most,
    },
    {
      goal: `p99 at ${figure(slow.rate)} messages a second at most 5 times the forwarder's, ${sockets} sockets`,
      measured: times(slow.late),
      isMet: slow.late <= 5,
    },
    {
      goal: `at ${figure(fast.rate)} a second over ${sockets} sockets no queue that grows: all answered, p99 at most 3 times the forwarder's`,
      measured: `${Math.round(100 * fast.kept)} % answered; ${times(fast.late)}`,
      isMet: fast.kept >= 0.99 && fast.late <= 3,
    },
  ]
}
