import { describe, expect, it } from 'vitest'
import { rogueIn } from '../support/world-rogue.ts'
import { key, three, texts } from '../support/world-screen.ts'
import { chatOf } from '../support/world-terminal.ts'

describe('a command in the chat screen', () => {
  it('is never sent as text, known or not; two slashes begin a text with one', async () => {
    const { alice, bob } = await three('commands')
    const chat = chatOf(alice, 'bob')
    await chat.press('/tell him\r')
    expect((await chat.shows('there is no command /tell')).at(-1)).toBe('> /tell him')
    await chat.press(`${key.ctrl('u')}/constructor\r`)
    await chat.shows('there is no command /constructor')
    await chat.press(`${key.ctrl('u')}//shrug\r`)
    await bob.untilRead('alice', '/shrug')
    expect(texts(alice, 'bob')).toEqual(['hello', '/shrug'])
  })

  it('sets a lifetime, blocks and unblocks, forgets', async () => {
    const { alice } = await three('decisions')
    const chat = chatOf(alice, 'bob', 80, 16)
    await chat.press('/lifetime 7d\r')
    expect((await chat.shows('disappear 7 d')).join('\n')).toContain('⌛ 7 d')
    await chat.press('/lifetime never\r')
    await chat.shows('never is not a lifetime')
    await chat.press(`${key.ctrl('u')}/block\r`)
    await chat.shows('bob is blocked: what they write')
    await chat.press('hello?\r')
    expect((await chat.shows('bob is blocked')).at(-1)).toContain('> hello?')
    await chat.press(`${key.ctrl('u')}/unblock\r`)
    await chat.shows('bob is no longer blocked')
    await chat.press('/forget\r')
    await chat.shows('/forget all deletes')
    await chat.press(' all\r')
    await chat.shows('deleted 2 messages from this device')
    expect((await chat.rows()).join('\n')).not.toContain('hello yourself')
  })

  it('answers, reacts and deletes by an id that it shows; a deleted text goes from the screen', async () => {
    const { alice, bob } = await three('afterwords')
    await bob.tell(alice, 'come at nine')
    const [, nine] = alice.received('bob')
    const id = (nine?.id ?? '').slice(0, 8)
    const chat = chatOf(alice, 'bob', 80, 24)
    await chat.press('/messages\r')
    await chat.shows(`${id}  bob: come at nine`)
    await chat.press(`/reply ${id} I shall\r`)
    await chat.shows('alice: > bob: “come at nine”')
    await bob.untilRead('alice', 'I shall')
    await chat.press(`/react ${id} 🎉\r`)
    await chat.shows('* you reacted 🎉 to “come at nine”')
    await chat.press(`/delete ${id}\r`)
    await chat.shows('only your own messages can be deleted for everybody')
    await chat.press(`${key.ctrl('u')}/reply nobody hello\r`)
    await chat.shows('no message here has an id that begins with nobody')
    const own = alice.written('bob').at(-1)?.id ?? ''
    await chat.press(`${key.ctrl('u')}/delete ${own.slice(0, 8)}\r`)
    await chat.shows('[deleted for everybody')
    await bob.until('for it to be deleted', () => bob.texts('alice').at(-1) === '')
    bob.device.deleteForAll('alice', [nine?.id ?? ''])
    await chat.shows('* you reacted 🎉 to a message that was deleted')
    expect((await chat.rows()).join('\n')).not.toMatch(/I shall|come at nine/)
  })

  it('shows the safety number before it can be confirmed', async () => {
    const { alice, bob } = await three('the number')
    const chat = chatOf(alice, 'bob', 60, 20)
    await chat.press('/verify confirm\r')
    await chat.shows('has not been shown yet')
    await chat.press(`${key.ctrl('u')}/verify\r`)
    const ours = (await chat.shows('safety number with bob')).filter((row) => /^[\d ]{20,}$/.test(row))
    const other = chatOf(bob, 'alice', 60, 20)
    await other.press('/verify\r')
    const theirs = (await other.shows('safety number with alice')).filter((row) => /^[\d ]{20,}$/.test(row))
    expect(ours.join(' ').split(' ')).toHaveLength(12)
    expect(ours).toEqual(theirs)
    await chat.press('/verify confirm\r')
    await chat.shows('bob is verified')
    await chat.shows('bob · verified')
    expect(alice.device.contacts.get('bob')?.verified).toBe(true)
  })

  it('is completed by Tab, and so is a name', async () => {
    const { alice, carol } = await three('tab')
    await carol.tell(alice, 'hi')
    const chat = chatOf(alice, null)
    await chat.press('/o\t')
    expect((await chat.rows()).at(-1)).toBe('> /open')
    await chat.press('c\t\r')
    await chat.shows('carol: hi')
    await chat.press('/unb\t\r')
    await chat.shows('carol is no longer blocked')
    await chat.press('/\t')
    await chat.shows('/help')
  })

  it('opens a conversation with somebody new, and with nobody that cannot be', async () => {
    const { alice, world } = await three('somebody new')
    const dave = await world.join('dave')
    await dave.goOnline()
    const chat = chatOf(alice, null)
    await chat.press('/open dave\r')
    await chat.shows('dave · new')
    await chat.press('hello dave\r')
    await dave.untilRead('alice', 'hello dave')
    await chat.press('/open \u001b alice\r')
    await chat.shows('that is not the name of another person')
    await chat.press(`${key.ctrl('u')}/open nobody\r`)
    await chat.press('is there anybody?\r')
    await chat.shows('✗ not sent')
  })
})

describe('a changed account key', () => {
  async function changed(seed: string) {
    const { world, ...people } = await three(seed)
    const impostor = await rogueIn(world, 'mallory', 'bob')
    const change = () => people.alice.device.contacts.learn('bob', impostor.account.signedList)
    return { world, ...people, change, impostor }
  }

  it('stops the conversation: nothing typed is sent, what was typed stays, and the new number is shown', async () => {
    const { alice, change } = await changed('stop')
    const chat = chatOf(alice, 'bob', 60, 20)
    await chat.press('half a sen')
    change()
    const rows = await chat.shows('STOP: KEY CHANGED')
    expect(rows.join('\n')).toMatch(/(?:\d{5} ){3}\d{5}/)
    expect(rows.join('\n')).toContain('bob · KEY CHANGED: nothing is sent')
    expect(rows.at(-1)).toBe('!')
    await chat.press('for Bob alone\r')
    expect((await chat.shows('nothing is sent to bob before')).at(-1)).toBe('! for Bob alone')
    await chat.press(`${key.ctrl('u')}/refuse\r`)
    await chat.shows("you have rejected bob's new account key")
    expect((await chat.rows()).at(-1)).toBe('> half a sen')
    expect(texts(alice, 'bob')).toEqual(['hello'])
    expect(alice.device.contacts.get('bob')?.changed).toBeNull()
  })

  it('stops what is entered before it could be shown', async () => {
    const { alice, change } = await changed('at the last moment')
    const chat = chatOf(alice, 'bob')
    await chat.press('for Bob alone')
    change()
    await chat.press('\r')
    await chat.shows('STOP')
    expect(texts(alice, 'bob')).toEqual(['hello'])
    await chat.press('/accept\r')
    await chat.shows("you have accepted bob's new account key")
    expect((await chat.rows()).at(-1)).toBe('> for Bob alone')
  })

  it('is confirmed only as it was shown when the command was typed', async () => {
    const { world, alice, change } = await changed('yet another')
    const chat = chatOf(alice, 'bob', 60, 20)
    change()
    await chat.shows('STOP')
    await chat.press('/verify confirm')
    const third = await rogueIn(world, 'trudy', 'bob')
    alice.device.contacts.learn('bob', third.account.signedList)
    await chat.press('\r')
    await chat.shows('STOP')
    expect((await chat.rows()).at(-1)).toBe('!')
    expect(alice.device.contacts.get('bob')).toMatchObject({ verified: false })
    await chat.press('/verify confirm\r')
    await chat.shows('bob is verified')
    expect(alice.device.contacts.get('bob')).toMatchObject({ verified: true, changed: null })
  })

  it.each([
    [40, 8],
    [40, 10],
    [60, 20],
    [200, 80],
  ])('shows all its digits, and the warning, on %i columns and %i rows', async (columns, rows) => {
    const { alice, change } = await changed(`stop ${columns}`)
    change()
    const chat = chatOf(alice, 'bob', columns, rows)
    const shown = (await chat.shows('STOP')).join('\n')
    expect(shown.match(/\b\d{5}\b/g)).toHaveLength(12)
    expect(shown).toContain('KEY CHANGED: nothing is sent')
  })
})
