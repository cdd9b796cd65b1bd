import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { archiveEvidence } from '../../client/authority/evidence.ts'
import { type Scalar, timesBase } from '../../crypto/access/ristretto.ts'
import { base64url, equal, hex } from '../../crypto/bytes.ts'
import { command } from './program.ts'

/** Answers as a player could find them, with other means than the check uses; and three that are plausible and wrong. */
export const answers: Record<
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
      // nobody may have answered, or once
      wrong: [
        `${most} ${oneWay === times ? times + 1 : oneWay}`,
        `${second} ${times}`,
        `${most} ${times - (oneWay === times - 1 ? 2 : 1)}`,
      ],
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
    const opened = JSON.parse(file('transcript.json')) as { to: string; text: string }[]
    const stranger = file('stranger.txt').trim()
    const code = (text: string) => /[0-9a-f]{6}/.exec(text)?.[0] ?? ''
    const told = opened.filter(({ text }) => text.includes('new code is'))
    const right = code(told.find(({ to }) => to === stranger)?.text ?? '')
    const others = told.filter(({ to }) => to !== stranger).map(({ text }) => code(text))
    const old = opened.filter(({ text }) => text.includes('old one')).map(({ text }) => code(text))
    return { right, wrong: [...others, old[0] ?? ''] }
  },
  order(file) {
    const { scope, stranger } = JSON.parse(file('case.json')) as {
      readonly scope: { readonly person: string; readonly window: { readonly from: number; readonly to: number } }
      readonly stranger: string
    }
    const { person, window } = scope
    const opened = JSON.parse(file('transcript.json')) as { time: number; from: string; to: string; text: string }[]
    const theirs = opened.filter(({ from, to }) => [from, to].includes(person))
    const given = theirs.filter(({ time }) => time >= window.from && time < window.to).length
    const words = opened.flatMap(({ to, text }) => {
      const [, word = ''] = /the word is ([0-9a-f]{6})/.exec(text) ?? []
      return word === '' ? [] : [{ to, word }]
    })
    const word = words.find(({ to }) => to === stranger)?.word ?? ''
    const other = words.find(({ to }) => to !== stranger)?.word ?? ''
    return {
      right: `${given} ${word}`,
      wrong: [`${theirs.length} ${word}`, `${given} ${other}`, `${opened.length} ${word}`],
    }
  },
  ghost(file) {
    const wire = wireOf(file)
    const [senders, owners] = [new Set(wire.map((one) => one.fromDevice)), new Map<string, string>()]
    for (const { to, toDevice } of wire) if (!senders.has(toDevice)) owners.set(toDevice, to)
    const silent = [...owners].map(([device, user]) => {
      const first = wire.find(({ toDevice }) => toDevice === device)?.number ?? 0
      return { user, answer: `${user} ${first}`, first }
    })
    const shown = file('screens.txt')
    const isSecret = ({ user }: { readonly user: string }) => shown.includes(`shows: ${user} has 1 device\n`)
    const [caught, household] = [silent.find(isSecret), silent.find((one) => !isSecret(one))]
    const ofTheirs = wire.find(({ to }) => to === caught?.user)?.number
    return {
      right: caught?.answer ?? '',
      wrong: [household?.answer ?? '', `${caught?.user} ${ofTheirs}`, `${caught?.user} ${(caught?.first ?? 0) + 1}`],
    }
  },
  safety(file) {
    const pairs = file('pairs.txt')
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string])
    const digits = (name: string) => /\d{5}/.exec(file(`${name}.txt`))?.[0]
    const words = (name: string) => file(`${name}.txt`).split('\n').slice(6).join()
    const [[one, other] = ['', ''], ...rest] = pairs.filter((pair) => words(pair[0]) !== words(pair[1]))
    const [friend, friends] = pairs.find((pair) => words(pair[0]) === words(pair[1])) ?? ['', '']
    expect(rest).toEqual([])
    return {
      right: `${one} ${other} ${digits(one)}`,
      wrong: [
        `${friend} ${friends} ${digits(friend)}`,
        `${one} ${other} ${digits(other)}`,
        `${one} ${friend} ${digits(one)}`,
      ],
    }
  },
  shares(file) {
    const shares = [1, 2, 3, 4, 5, 6].map((i) => {
      const { secret } = JSON.parse(file(`escrow.${i}.key`)) as { secret: string }
      return Buffer.from(secret, 'base64url')
    })
    // how many are needed, of how many, the key, their public shares; then the custodian's number and the secret
    const [needed, count] = [shares[0]?.[0] ?? 0, shares[0]?.[1] ?? 0]
    const keyOf = (share: Buffer) => share.subarray(2, 34).toString('hex')
    const keys = shares.map(keyOf)
    const foreign = keys.findIndex((key) => keys.filter((other) => other === key).length === 1)
    const altered = shares.findIndex((share, i) => {
      const scalar = new Uint8Array(share.subarray(-32))
      const start = 34 + 32 * i
      return !equal(timesBase(scalar as Scalar), share.subarray(start, start + 32))
    })
    expect(count).toBe(6)
    return {
      right: `${needed} ${altered + 1} ${foreign + 1}`,
      wrong: [
        `${needed} ${foreign + 1} ${altered + 1}`,
        `${needed + 1} ${altered + 1} ${foreign + 1}`,
        `${needed} ${altered + 1} ${altered + 1}`,
      ],
    }
  },
}

interface WireLine {
  readonly number: number
  readonly from: string
  readonly fromDevice: string
  readonly to: string
  readonly toDevice: string
  readonly bytes: number
  readonly envelope: string
}

/** What `doormat wire --json` prints of an archive, as far as the answers need it. */
export const wireIn = (archive: string): string =>
  [...archiveEvidence(archive)]
    .map(({ fromUser, fromDevice, toUser, toDevice, bytes }, i) =>
      JSON.stringify({
        number: i + 1,
        ...{ from: fromUser, fromDevice: hex(fromDevice), to: toUser, toDevice: hex(toDevice) },
        ...{ bytes: bytes.length, envelope: base64url(bytes) },
      } satisfies WireLine),
    )
    .join('\n')

export const wireOf = (file: (name: string) => string) =>
  file('wire.json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WireLine)

/** What a player can read of a run: its files, the table of its envelopes, and what its key opens where it has one. */
export async function filesOf(id: string, folder: string): Promise<(name: string) => string> {
  const read = new Map([['wire.json', wireIn(join(folder, 'passed.archive'))]])
  if (id === 'thief' || id === 'order') {
    const key = ['--key', 'escrow.key', '--archive', 'passed.archive']
    await command(['authority', 'export', ...key, '--out', 'out'], { cwd: folder })
    read.set('transcript.json', readFileSync(join(folder, 'out', 'transcript.json'), 'utf8'))
  }
  return (name) => read.get(name) ?? readFileSync(join(folder, name), 'utf8')
}
