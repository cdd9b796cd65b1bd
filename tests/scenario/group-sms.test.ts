import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { carriedOut } from '../support/here.ts'
import { type Entry, untilHistory } from '../support/history.ts'
import { isLong } from '../support/long.ts'
import { missing } from '../support/missing.ts'
import type { Program } from '../support/program.ts'
import { below, seededRandom } from '../support/random.ts'
import { town } from '../support/town.ts'

/* Real people's text messages through a group of real processes, with relay, senders and recipients killed on the way. */

const source = resolve(import.meta.dirname, '../../../shared/data/sms.tsv')
const skipped = missing(existsSync(source), 'the SMS Spam Collection is not at ../shared/data/sms.tsv')
const [wanted, kills] = isLong ? [5574, 5] : [40, 2]
const everybody = isLong
  ? ['alice', 'bob', 'carol', 'dora', 'erik', 'fred', 'gina', 'hugo']
  : ['alice', 'bob', 'carol', 'dora']
const writers = ['alice', 'bob'] as const
const readers = everybody.slice(writers.length)

const { path, start, startRelay, register } = town()

describe.skipIf(skipped)(`real text messages in a group${skipped}`, () => {
  it(
    `of ${everybody.length} arrive equal, in order for each sender and once, over ${kills} kills`,
    { timeout: 3_600_000 },
    async () => {
      const texts = readFileSync(source, 'utf8')
        .split('\n')
        .slice(0, wanted)
        .map((line) => line.slice(line.indexOf('\t') + 1))
        .filter(Boolean)
      const random = seededRandom('group sms')
      let relay = await startRelay()
      for (const name of everybody) await register(name)
      const listen = (name: string) => start(['listen', '--json', '--home', path(name)])
      let listeners = readers.map(listen)
      const invited = everybody.slice(1)
      const made = await carriedOut(['group', 'new', 'Circle', ...invited, '--home', path('alice'), '--json'])
      const peer = `+${(JSON.parse(made.stdout) as { id: string }).id}`
      // bob has to know of it before he can write
      const bob = listen('bob')
      await untilHistory(path('bob'), (all) => all.some(({ text }) => text.includes('"subject":"bob"')))
      await bob.kill('SIGTERM')

      /** Half of the texts is one's, half the other's. */
      const linesOf = (writer: string) =>
        texts.flatMap((text, i) => (writers[i % 2] === writer ? [`sms-${i}\t${text}\n`] : []))
      const send = (writer: string): Program =>
        start(['send', '+Circle', '--stdin', '--ids', '--home', path(writer), '--json'], {
          input: linesOf(writer).join(''),
        })
      for (let kill = 0; ; kill++) {
        const senders = writers.map(send)
        if (kill >= kills) {
          const codes = await Promise.all(senders.map(({ ended }) => ended))
          if (codes.every((code) => code === 0)) break
          // it waits for the relay for ten seconds, which a busy machine may take
          expect(codes.every((code) => code === 0 || code === 3)).toBe(true)
          continue
        }
        await Promise.all(senders.map((sender) => sender.line('"state":"sent"')))
        await sleep(below(600, random))
        await Promise.all([...senders, relay, ...listeners].map((one) => one.kill()))
        relay = await startRelay()
        listeners = readers.map(listen)
      }

      const said = (all: readonly Entry[], author: string) =>
        all.filter((entry) => entry.kind === 'message' && entry.peer === peer && authorIn(entry) === author)
      const isWhole = (all: readonly Entry[]) =>
        all.filter((entry) => entry.kind === 'message' && entry.peer === peer).length >= texts.length
      for (const reader of readers) {
        const entries = await untilHistory(path(reader), isWhole)
        for (const writer of writers) {
          const theirs = said(entries, writer)
          const ids = texts.flatMap((_, i) => (writers[i % 2] === writer ? [`sms-${i}`] : []))
          expect(theirs.map(({ id }) => id)).toEqual(ids)
          expect(theirs.map(({ text }) => text)).toEqual(texts.filter((_, i) => writers[i % 2] === writer))
        }
        expect(entries.filter(({ kind }) => !['message', 'group', 'access', 'weak-session'].includes(kind))).toEqual([])
      }
    },
  )
})

const authorIn = (entry: Entry): string => String((entry as Entry & { readonly author: string | null }).author)
