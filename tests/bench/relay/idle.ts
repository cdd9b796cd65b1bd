import { readFileSync } from 'node:fs'
import { figure, type Section, table } from '../page.ts'
import type { Scale } from '../scale.ts'
import type { Peer } from './processes.ts'
import { inTown, type Kind, startLoad, startServer } from './stage.ts'

const goalKilobytes = 10

async function measure(kind: Kind, directory: string, sockets: number): Promise<readonly [rss: number, heap: number]> {
  const server = await startServer(kind, directory, ['--expose-gc'])
  let load: Peer | null = null
  try {
    const before = await server.ask<NodeJS.MemoryUsage>('memory')
    load = await startLoad(kind, await server.ask('url'), sockets)
    const after = await server.ask<NodeJS.MemoryUsage>('memory')
    const each = (of: (usage: NodeJS.MemoryUsage) => number) => (of(after) - of(before)) / sockets / 1000
    return [each(({ rss }) => rss), each(({ heapUsed, external }) => heapUsed + external)]
  } finally {
    await load?.stop()
    await server.stop()
  }
}

const filesElse = 200

/** As many sockets as a process may hold open here; Node raises its own limit to the highest it is allowed. */
function socketsAllowed(): number {
  if (process.platform !== 'linux') return Infinity
  const [, most = 'unlimited'] = /open files\s+\S+\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return most === 'unlimited' ? Infinity : Number(most) - filesElse
}

/** What a socket costs that says nothing. */
export function measureIdle(scale: Scale): Promise<Section> {
  const idleSockets = Math.min(scale.idleSockets, socketsAllowed())
  return inTown(idleSockets, async (directory) => {
    const ours = await measure('relay', directory, idleSockets)
    const bare = await measure('forwarder', directory, idleSockets)
    const body = [
      `${figure(idleSockets)} authenticated sockets say nothing. The table shows by how much the process has grown since there were none, for each`,
      'socket, after garbage collection. The forwarder is a bare `ws` server.',
      '',
      ...(idleSockets < scale.idleSockets ? ['No more: a process may not have more files open here.', ''] : []),
      table(
        ['', 'resident, kB a socket', "of it JavaScript's heap and buffers"],
        [
          ['relay', ...ours.map(figure)],
          ['forwarder', ...bare.map(figure)],
        ],
      ),
    ].join('\n')
    const [resident] = ours
    const goal = `an idle socket under ${goalKilobytes} kB, ${figure(idleSockets)} sockets`
    return {
      title: 'Idle sockets',
      body,
      goals: [{ goal, measured: `${figure(resident)} kB`, isMet: resident < goalKilobytes }],
    }
  })
}
