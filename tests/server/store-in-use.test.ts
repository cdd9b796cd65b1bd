import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { describe, expect, it } from 'vitest'
import { patienceMs } from '../../server/patience.ts'
import { isLong } from '../support/long.ts'
import { command, program } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess, settle } from '../support/relay-process.ts'
import { answerTo, publish, readBy, signIn } from '../support/relay.ts'
import { expectOneLine } from '../support/town.ts'

/** Another program that writes into a store, and takes its time. */
function holding(path: string): { readonly letGo: () => void } {
  const database = new DatabaseSync(path)
  database.exec('BEGIN IMMEDIATE')
  return {
    letGo() {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}

describe('a store that another program holds', () => {
  it('keeps those waiting who would write, and nobody else; nothing is answered before it is on disk', async () => {
    const directory = folder()
    const running = await relayProcess(directory)
    const { alice, bob, toBob } = await settle(running.relay, 'held for a while')
    const [sender, reader] = [await signIn(running.relay, alice), await signIn(running.relay, bob)]
    await sender.connection.submit(toBob(1, 'before'))
    // the relay tries for three seconds, in which a busy machine may not have done all that goes on meanwhile
    let counter = 1
    for (let isTooLate = true; isTooLate;) {
      counter += 1
      const letter = toBob(counter, 'while it is held')
      const held = holding(join(directory, 'relay.db'))
      const since = performance.now()
      let answered = 0
      const waiting = [sender.connection.submit(letter), publish(reader.connection, bob)].map(async (asked) => {
        const answer = await answerTo(asked)
        answered += 1
        return answer
      })
      expect((await running.relay.access()).mode).toBe('none')
      expect((await reader.delivered(1)).length).toBe(1)
      const seen = answered
      isTooLate = performance.now() - since > patienceMs
      held.letGo()
      const answers = await Promise.all(waiting)
      if (isTooLate) expect(await answerTo(sender.connection.submit(letter))).toBe('done')
      else expect([seen, answers]).toEqual([0, ['done', 'done']])
    }
    const held = Array.from({ length: counter - 1 }, () => 'while it is held')
    expect(readBy(bob, await reader.delivered(counter))).toEqual(['before', ...held])
  })

  it('for long is told to those who would write, and nothing that they try again is lost or doubled', async () => {
    const directory = folder()
    const running = await relayProcess(directory)
    const { alice, bob, toBob } = await settle(running.relay, 'held for long')
    const [sender, reader] = [await signIn(running.relay, alice), await signIn(running.relay, bob)]
    const letters = [toBob(1, 'one'), toBob(2, 'two')]
    const held = holding(join(directory, 'relay.db'))
    const refused = await Promise.all(letters.map((letter) => answerTo(sender.connection.submit(letter))))
    expect(refused).toEqual(['internal', 'internal'])
    expect(running.errors.join()).toContain('is in use by another program')
    held.letGo()
    for (const letter of letters) expect(await answerTo(sender.connection.submit(letter))).toBe('done')
    expect(readBy(bob, await reader.delivered(2))).toEqual(['one', 'two'])
    await reader.settled()
    expect(reader.mail).toHaveLength(2)
  })

  it('lets its relay end when it is asked to', async () => {
    const directory = folder()
    const running = await relayProcess(directory)
    const { alice, toBob } = await settle(running.relay, 'held at the end')
    const sender = await signIn(running.relay, alice)
    const held = holding(join(directory, 'relay.db'))
    void answerTo(sender.connection.submit(toBob(1, 'not accepted')))
    expect((await running.relay.access()).mode).toBe('none')
    expect(await running.kill('SIGTERM')).toBe(0)
    held.letGo()
  })

  it.skipIf(!isLong)('(in test:long) is told of in one line by what would use it, and was not there for', async () => {
    const { url } = await relayProcess(folder())
    const home = join(folder(), 'alice')
    await command(['register', 'alice', '--no-passphrase', '--home', home, '--relay', url])
    const held = holding(join(home, 'device.db'))
    const reading = program(['contacts', '--home', home])
    expect(await reading.ended).toBe(3)
    expectOneLine(reading, 'is in use by another program')
    held.letGo()
  })
})
