import { describe, expect, it } from 'vitest'
import { searchSteps } from '../../client/device/search.ts'
import { excerpt } from '../../client/words/excerpt.ts'
import { wantedBy } from '../../client/words/found.ts'
import { three, unreadOf } from '../support/world-screen.ts'
import { chatOf } from '../support/world-terminal.ts'
import type { Person } from '../support/world.ts'

const wanted = (words: string) => wantedBy(words) as (text: string) => boolean
const found = (person: Person, words: string, peer: string | null = null) =>
  [...searchSteps(person.device.history, wanted(words), peer)].flatMap((step) => step.found.map(({ text }) => text))

describe('a search', () => {
  it('finds words however they are written, the latest first, of one conversation or of all', async () => {
    const { alice, bob, carol } = await three('search')
    const texts = ['Die STRASSE', 'die Straße ist zu', 'ein Café', 'ｆｕｌｌ width', 'nothing of it']
    for (const text of texts) await bob.tell(alice, text)
    await carol.tell(alice, 'a café too')
    expect(found(alice, 'straße')).toEqual(['die Straße ist zu', 'Die STRASSE'])
    expect(found(alice, 'CAFE\u0301')).toEqual(['a café too', 'ein Café'])
    expect(found(alice, 'full')).toEqual(['ｆｕｌｌ width'])
    expect(found(alice, 'café', 'bob')).toEqual(['ein Café'])
    expect(found(alice, 'hello')).toEqual(['hello yourself', 'hello'])
    expect(wantedBy(' \u00ad ')).toBeNull()
    expect(unreadOf(alice, 'carol')).toBe(1)
  })

  it('goes through a long history in parts, and finds nothing of what is gone', async () => {
    const { alice } = await three('long')
    const many = Array.from({ length: 230 }, (_, i) => ({ text: `the needle ${i}` }))
    alice.device.writeAll('bob', many)
    const steps = [...searchSteps(alice.device.history, wanted('needle 2'), 'bob')]
    expect(steps.length).toBeGreaterThan(4)
    expect(steps.flatMap((step) => step.found).length).toBe(1 + 10 + 30)
    const [first] = steps.flatMap((step) => step.found)
    expect(first?.text).toBe('the needle 229')
    alice.device.conversations.forget('bob', first?.id ?? '')
    expect(found(alice, 'needle 229')).toEqual([])
    alice.device.conversations.forget('bob', null)
    expect(found(alice, 'needle')).toEqual([])
  })

  it('of a long text shows the part that has it, and cuts no character', () => {
    const long = `${'🗝'.repeat(500)} the door ${'🗝'.repeat(500)}`
    const part = excerpt(long, wanted('the door'))
    expect(part).toContain('the door')
    expect([part.isWellFormed(), part.length < 260]).toEqual([true, true])
    expect(excerpt('short', wanted('nothing'))).toBe('short')
    expect(excerpt('x'.repeat(1000), wanted('nothing'))).toBe(`${'x'.repeat(240)} …`)
  })
})

describe('/search', () => {
  it('shows what it finds while one goes on, harmless, and marks nothing as read', async () => {
    const { alice, bob, carol } = await three('on the screen')
    await carol.tell(alice, 'the door \u001b[31m is red')
    await bob.tell(alice, 'which door?')
    const chat = chatOf(alice, null, 80, 24)
    await chat.press('/search DOOR\r')
    const rows = (await chat.shows('2 messages have "DOOR"')).join('\n')
    expect(rows).toContain('carol: the door ␛[31m is red')
    expect(rows).toContain('bob: which door?')
    expect(unreadOf(alice, 'carol')).toBe(1)
    await chat.press('/open bob\r')
    await chat.press('/search door\r')
    await chat.shows('1 message with bob has "door"')
    await chat.press('/search\r')
    await chat.shows('type /search and the words')
  })

  it('shows nothing any more of a message that is deleted, or has outlived its lifetime, while the answer is open', async () => {
    const { world, alice, bob, carol } = await three('vanishes')
    bob.device.contacts.setLifetime('alice', 60)
    await bob.tell(alice, 'a fading needle')
    await alice.tell(carol, 'a needle of mine')
    alice.look('bob')
    const chat = chatOf(alice, null, 80, 24)
    await chat.press('/search needle\r')
    expect((await chat.shows('2 messages have "needle"')).join('\n')).toContain('a fading needle')
    world.later(61_000)
    const later = (await chat.shows('1 message has "needle"')).join('\n')
    expect(later).not.toContain('fading')
    alice.device.conversations.forget('carol', null)
    expect((await chat.shows('0 messages have "needle"')).join('\n')).not.toContain('needle of mine')
  })
})
