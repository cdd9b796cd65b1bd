import { afterAll, beforeAll, expect, it } from 'vitest'
import { here } from '../support/here.ts'
import { program } from '../support/program.ts'
import { objects, relayForCli } from '../support/world-cli.ts'

/* Answers, reactions and deletions by commands. The tests go on from each other's state. */

let relay: Awaited<ReturnType<typeof relayForCli>>
const home = (name: string) => ['--home', relay.path(name)]

/** Listens until a line has this in it. */
async function hears(name: string, part: string): Promise<Record<string, unknown>> {
  const listening = program(['listen', '--json', '--since', '0', ...home(name)])
  const line = await listening.line(part)
  await listening.kill('SIGINT')
  return JSON.parse(line) as Record<string, unknown>
}

const history = async (name: string, peer: string, ...flags: readonly string[]) =>
  (await here(['history', peer, ...flags, ...home(name)])).stdout
    .split('\n')
    .filter((line) => !line.includes('access:'))
    .map((line) => line.replace(/^\d\d:\d\d /, '').replaceAll(/, \d\d:\d\d\]/g, ']'))

beforeAll(async () => {
  relay = await relayForCli()
  await Promise.all(
    ['alice', 'bob'].map((name) => here(['register', name, '--no-passphrase', '--relay', relay.url, ...home(name)])),
  )
  await here(['send', 'bob', 'is the door locked?', '--id', 'question-1', ...home('alice')])
  await here(['send', 'bob', 'and the window?', '--id', 'question-2', ...home('alice')])
  await hears('bob', 'question-2')
})
afterAll(() => relay.stop())

it('calls a message by the beginning of its id, where that is one message', async () => {
  expect(await history('bob', 'alice', '--ids')).toEqual([
    '[question] alice: is the door locked?',
    '[question] alice: and the window?',
    '',
  ])
  const faults = await Promise.all(
    ['question', 'nothing', ''].map((id) => here(['react', 'alice', id, '👍', ...home('bob')])),
  )
  expect(faults.map(({ code, stderr }) => [code, stderr.split('\n')[0]])).toEqual([
    [
      1,
      'doormat: several messages have an id that begins with question: say more of it, or whose it is, as in alice/question [no-such-message]',
    ],
    [1, 'doormat: no message here has an id that begins with nothing [no-such-message]'],
    [1, 'doormat: no message here has an id that begins with  [no-such-message]'],
  ])
})

it('answers, reacts, and takes that back', async () => {
  const answer = await here(['send', 'alice', 'it is', '--reply', 'question-1', '--id', 'answer', ...home('bob')])
  expect(answer).toMatchObject({ code: 0, stderr: 'sent to alice\n' })
  const reaction = await here(['react', 'alice', 'question-2', '🪟', '--json', ...home('bob')])
  expect(objects(reaction)).toMatchObject([
    {
      kind: 'afterword',
      said: { kind: 'reaction', of: { author: 'alice', id: 'question-2' }, emoji: '🪟' },
      state: 'sent',
    },
  ])
  expect(await here(['react', 'alice', 'question-2', '--off', ...home('bob')])).toMatchObject({ code: 0 })
  for (const wrong of [['two'], ['👍', '--off'], []])
    expect(await here(['react', 'alice', 'question-2', ...wrong, ...home('bob')])).toMatchObject({ code: 1 })
  await hears('alice', '"emoji":""')
  expect((await history('alice', 'bob')).slice(2)).toEqual([
    'bob: > you: “is the door locked?”',
    '      it is',
    '* bob reacted 🪟 to “and the window?”',
    '* bob took back the reaction to “and the window?”',
    '',
  ])
  const [, , said] = objects(await here(['history', 'bob', '--json', ...home('alice')])).filter(
    ({ kind }) => kind === 'message',
  )
  expect(said).toMatchObject({ id: 'answer', answers: { author: 'alice', id: 'question-1' }, deletedAt: null })
})

it('deletes for everybody what is one’s own, and says whom that does not reach', async () => {
  expect(await here(['delete', 'alice', 'question-1', ...home('bob')])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^doormat: only your own messages can be deleted for everybody \[no-such-message\]/),
  })
  const gone = await here(['delete', 'bob', 'question-1', 'question-2', ...home('alice')])
  expect(gone.code).toBe(0)
  expect(gone.stderr).toContain('not from what an authority, or the relay in its archive, has kept')
  await hears('bob', '"deletion"')
  expect(await history('bob', 'alice')).toEqual([
    'alice: [deleted for everybody]',
    'alice: [deleted for everybody]',
    'bob: > alice: a message that was deleted',
    '      it is',
    '* you reacted 🪟 to a message that was deleted',
    '* you took back the reaction to a message that was deleted',
    '* alice deleted 2 messages for everybody',
    '',
  ])
  expect(await here(['delete', 'bob', 'question-1', ...home('alice')])).toMatchObject({ code: 1 })
  const first = objects(await here(['history', '--json', ...home('bob')])).find(({ kind }) => kind === 'message')
  expect(first).toMatchObject({ id: 'question-1', text: '', deletedAt: expect.any(Number) })
})
