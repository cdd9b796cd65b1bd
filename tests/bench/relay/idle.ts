import { figure, type Section, table } from '../page.ts'
import type { Scale } from '../scale.ts'
import type { Peer } from './processes.ts'
import { inTown, type Kind, startLoad, startServer } from './stage.ts'

const goalKilobytes = 15

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

/** What a socket costs that says nothing. */
export const measureIdle = ({ idleSockets }: Scale): Promise<Section> =>
  inTown(idleSockets, async (directory) => {
    const ours = await measure('relay', directory, idleSockets)
    const bare = await measure('forwarder', directory, idleSockets)
    const body = [
      `${figure(idleSockets)} authenticated sockets that say nothing: what the process grew by since there was none, after garbage`,
      'collection, for each socket. The forwarder is a bare `ws` server.',
      '',
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
