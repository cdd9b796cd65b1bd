import { describe, expect, it } from 'vitest'
import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import type { RecordedEnvelope } from '../../crypto/access/mode.ts'
import { contentWithin, possibleContent } from '../../client/authority/order/execute.ts'
import { circle, untilMembers, untilSaid } from '../support/group-world.ts'
import { createWorld, type Person } from '../support/world.ts'

function* evidenceOf(all: readonly RecordedEnvelope[]) {
  yield* all
  return { cutOffBytes: 0 }
}

/** Four people in a group; one thing is said in it, by the first. */
async function talkOfFour(seed: string, founded: 'under the mode' | 'before it') {
  const recording: RecordedEnvelope[] = []
  const world = await createWorld(seed, { recording })
  const people = await Promise.all(['alice', 'bob', 'carol', 'dora'].map((name) => world.join(name)))
  for (const person of people) await person.goOnline()
  const [alice, ...others] = people as [Person, ...Person[]]
  const names = people.map(({ name }) => name)
  const gather = async () => {
    const peer = await circle(alice, others)
    for (const person of others) await untilMembers(person, peer, names)
    return peer
  }
  const before = founded === 'before it' ? await gather() : null
  await world.switchOn()
  for (const person of people) await person.untilNoticed('access', 2)
  const peer = before ?? (await gather())
  alice.write(peer, 'at nine, by the bridge')
  for (const person of others) await untilSaid(person, peer, 'alice: at nine, by the bridge')
  const keys = [{ mode: messageKeyEscrow.id, secret: world.escrow.secret }]
  const window = { from: 0, to: Number.MAX_SAFE_INTEGER }
  return {
    orderFor: (person: string) => contentWithin({ person, window }, evidenceOf(recording), keys),
    possible: possibleContent(evidenceOf(recording), keys),
  }
}

describe('an order for one person in a group', () => {
  it('counts all who were in the group when something was said, and the message once', async () => {
    const { orderFor, possible } = await talkOfFour('a group under an order', 'under the mode')
    for (const person of ['alice', 'bob']) {
      const { lines, extent } = orderFor(person)
      expect([person, lines.map(({ text }) => text)]).toEqual([person, ['at nine, by the bridge']])
      expect([person, extent]).toEqual([person, { messages: 1, people: 4 }])
    }
    expect(possible).toEqual({ messages: 1, people: 4 })
  })

  it('counts those who were seen to be sent it where no change of the group opens', async () => {
    const { orderFor, possible } = await talkOfFour('a group of before', 'before it')
    // whoever wrote it is seen to send it to all others, and whoever was sent it only to be sent it
    expect([orderFor('alice').extent, orderFor('bob').extent, possible].map(({ people }) => people)).toEqual([4, 2, 4])
  })
})
