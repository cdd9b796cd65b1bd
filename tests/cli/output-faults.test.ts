import { describe, expect, it } from 'vitest'
import { type Entry, historyOf, untilHistory } from '../support/history.ts'
import { pipe } from '../support/pipes.ts'
import { command } from '../support/program.ts'
import { streamed, withClosedPipe, withFullDisk } from '../support/streams.ts'
import { town } from '../support/town.ts'
import { isLong } from '../support/long.ts'

const outgoing = (entries: readonly Entry[]) => entries.filter(({ direction }) => direction === 'out')
const full = 'doormat: standard output cannot be written: the disk is full'

describe('what the program prints', () => {
  const { path, start, startRelay, register, send } = town()
  const [alice, bob] = ['alice', 'bob'] as const
  const home = (name: string) => ['--home', path(name)]

  /** Alice has written to Bob, whose device has it, and nobody has looked at it; Alice hears what becomes of it. */
  async function written(...texts: string[]): Promise<void> {
    await startRelay()
    await register(alice)
    await register(bob)
    if (texts.length === 0) return
    start(['listen', ...home(alice)])
    for (const [i, text] of texts.entries()) await send(path(alice), bob, `m${i}`, undefined, text)
    const hasCome = ({ state }: Entry) => state === 'delivered' || state === 'read'
    for (let tries = 0; !outgoing(await historyOf(path(alice))).every(hasCome); tries++)
      await send(path(bob), alice, `fetched-${tries}`)
  }

  /** What Alice has heard of her messages, once everything that Bob's device has to say has come. */
  async function statesAtAlice(): Promise<Record<string, string | undefined>> {
    await send(path(bob), alice, 'marker')
    const entries = await untilHistory(path(alice), (all) => all.some(({ id }) => id === 'marker'))
    return Object.fromEntries(outgoing(entries).map(({ id = '', state }) => [id, state]))
  }

  it('counts as read only where it could be written: not on a full disk, nor in a pipe that is closed', async () => {
    await written('one', 'two')
    const since = ['--since', '0']
    const runs = [
      ['history', ...home(bob)],
      ['listen', ...since, ...home(bob)],
    ].flatMap((args) => [
      { args, code: 3, errors: [full], run: withFullDisk((stdout) => streamed(args, { stdout })) },
      {
        args,
        code: 0,
        errors: [],
        run: withClosedPipe((stdout) => streamed(args, { stdout })),
      },
    ])
    for (const { args, code, errors, run } of runs) {
      expect([args[0], await run.ended, run.errors.filter((line) => !line.startsWith('try: '))]).toEqual([
        args[0],
        code,
        errors,
      ])
    }
    expect(await statesAtAlice()).toMatchObject({ m0: 'delivered', m1: 'delivered' })
  })

  it.skipIf(!isLong)(
    '(in test:long) counts as read as far as the pipe has taken it, and a reader who has stopped keeps nobody from ending it',
    async () => {
      const long = 'x'.repeat(60_000)
      await written('one', long, long)
      const slow = pipe()
      const listener = streamed(['listen', '--since', '0', ...home(bob)], { stdout: slow.writer })
      slow.leave('writer')
      await slow.untilWritten()
      listener.child.kill('SIGTERM')
      expect(await listener.ended).toBe(0)
      expect((await statesAtAlice())['m2']).toBe('delivered')
      slow.leave('reader')
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) does not stop what a command does: what was to be sent is sent, and the exit code says what was lost',
    async () => {
      await written()
      const fates = [
        withFullDisk((stderr) => streamed(['send', bob, 'a', '--id', 'a', ...home(alice)], { stderr })),
        withClosedPipe((stderr) => streamed(['send', bob, 'b', '--id', 'b', ...home(alice)], { stderr })),
        withFullDisk((stdout) => streamed(['send', bob, 'c', '--id', 'c', '--json', ...home(alice)], { stdout })),
        withClosedPipe((stdout) =>
          streamed(['send', bob, '--stdin', '--ids', '--json', ...home(alice)], { stdout }, { input: 'd\td\ne\te\n' }),
        ),
      ]
      expect(await Promise.all(fates.map(({ ended }) => ended))).toEqual([0, 0, 3, 0])
      expect(fates.map(({ errors }) => errors)).toEqual([[], [], [full], []])
      const sent = outgoing(await historyOf(path(alice)))
      expect(sent.map(({ id, state }) => `${id} ${state === 'sealed' || state === 'waiting'}`).sort()).toEqual(
        ['a', 'b', 'c', 'd', 'e'].map((id) => `${id} false`),
      )
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) goes to nobody, and that is said in one line, where it is help, a version or completions',
    async () => {
      for (const args of [['--help'], ['--version'], ['send', '--help'], ['completion', 'bash']]) {
        const onDisk = withFullDisk((stdout) => streamed(args, { stdout }))
        const closed = withClosedPipe((stdout) => streamed(args, { stdout }))
        expect([await onDisk.ended, onDisk.errors], args.join(' ')).toEqual([3, [full]])
        expect([await closed.ended, closed.errors], args.join(' ')).toEqual([0, []])
      }
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) on standard error may be lost without a change of what the command does, or of its exit code',
    async () => {
      for (const [args, code] of [
        [['send', bob, 'x', ...home('nobody')], 1],
        [['--nonsense'], 1],
        [['access', 'status', '--relay', 'http://127.0.0.1:1'], 3],
      ] as const) {
        expect(await withFullDisk((stderr) => streamed(args, { stderr })).ended, args[0]).toBe(code)
        expect(await withClosedPipe((stderr) => streamed(args, { stderr })).ended).toBe(code)
      }
      await command(['--version'])
    },
  )
})
