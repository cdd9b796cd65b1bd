import { afterAll, describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { exercises } from '../../client/cli/exercise/exercise.ts'
import { command, scratch } from '../support/program.ts'

/** Answers as a player could find them, with other means than the check uses; and three that are plausible and wrong. */
const answers: Record<
  string,
  (file: (name: string) => string) => { readonly right: string; readonly wrong: readonly string[] }
> = {
  wire(file) {
    const count = new Map<string, number>()
    const bytes = new Map<string, number>()
    for (const { from, to, bytes: size } of wireOf(file)) {
      const pair = [from, to].sort().join(' ')
      count.set(pair, (count.get(pair) ?? 0) + 1)
      bytes.set(`${from} ${to}`, (bytes.get(`${from} ${to}`) ?? 0) + size)
    }
    const [[most, times], [second]] = [...count].sort(([, a], [, b]) => b - a) as [[string, number], [string, number]]
    const oneWay = wireOf(file).filter(({ from, to }) => `${from} ${to}` === most).length
    return {
      right: `${most} ${times}`,
      wrong: [`${most} ${oneWay === times ? times + 1 : oneWay}`, `${second} ${times}`, `${most} ${times - 1}`],
    }
  },
  toggle(file) {
    const sealed = wireOf(file)
      .filter(({ envelope }) => Buffer.from(envelope, 'base64url').readUInt32BE(1) === 2)
      .map(({ number }) => number)
    const [first, last] = [sealed[0] ?? 0, sealed.at(-1) ?? 0]
    return {
      right: `${first}-${last}`,
      wrong: [`${first - 1}-${last}`, `${first}-${last + 1}`, `1-${wireOf(file).length}`],
    }
  },
  thief(file) {
    const opened = JSON.parse(file('opened.json')) as { to: string; text: string }[]
    const stranger = file('stranger.txt').trim()
    const code = (text: string) => /[0-9a-f]{6}/.exec(text)?.[0] ?? ''
    const told = opened.filter(({ text }) => text.includes('new code is'))
    const right = code(told.find(({ to }) => to === stranger)?.text ?? '')
    const others = told.filter(({ to }) => to !== stranger).map(({ text }) => code(text))
    const old = opened.filter(({ text }) => text.includes('old one')).map(({ text }) => code(text))
    return { right, wrong: [...others, old[0] ?? ''] }
  },
}

interface WireLine {
  readonly number: number
  readonly from: string
  readonly to: string
  readonly bytes: number
  readonly envelope: string
}

const wireOf = (file: (name: string) => string) =>
  file('wire.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WireLine)

describe.each(exercises)('the exercise $id', ({ id }) => {
  const { path, remove } = scratch()
  afterAll(remove)
  const file = (name: string) => readFileSync(path(`${id}/${name}`), 'utf8')
  const check = (answer: string, code: number) =>
    command(['exercise', 'check', id, answer, '--dir', path('')], { code })

  it(
    'can be played, takes the right answer and refuses three plausible wrong ones with a hint',
    { timeout: 120_000 },
    async () => {
      await command(['exercise', 'start', id, '--dir', path('')])
      if (id === 'thief')
        await command([
          'authority',
          'export',
          '--key',
          path('thief/escrow.key'),
          '--archive',
          path('thief/passed.archive'),
          '--out',
          path('thief/out'),
        ])
      const find = answers[id]
      if (!find) throw new Error(`nobody knows the answer to ${id}`)
      const { right, wrong } = find((name) => file(name === 'opened.json' ? 'out/transcript.json' : name))
      expect(wrong).toHaveLength(3)
      for (const answer of wrong) {
        const { errors } = await check(answer, 1)
        expect(errors[0]).toContain('not yet.')
        expect(errors.join('\n')).not.toContain(right)
      }
      expect((await check(right, 0)).lines).toEqual(['right.'])
    },
  )
})
