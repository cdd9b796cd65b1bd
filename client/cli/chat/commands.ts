import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import { latestEntries } from '../../device/latest.ts'
import { isGroup } from '../../device/groups/peers.ts'
import { shortId } from '../entries.ts'
import { Stop } from '../exit.ts'
import { messageCalled } from '../message-called.ts'
import * as people from '../people.ts'
import { deletionReach, shortened } from '../../words/afterword.ts'
import { textWithAttachment } from '../../words/attachment.ts'
import { groupLines } from '../../words/group.ts'
import { peerName } from '../../words/peer-name.ts'
import { visible } from '../../words/visible.ts'
import { searchAnswer } from './search.ts'
import { digitLines, numberWith, policyLine, wordLines } from '../../words/trust.ts'

/** What a command can reach. */
export interface Reach {
  readonly device: Device
  /** with whom the conversation is that is open */
  readonly name: string | null
  /** columns there are for an answer */
  readonly width: number
  open(name: string): void
  quit(): void
}

export interface Answer {
  readonly title: string
  /** or what makes them anew whenever they are shown */
  readonly lines: readonly string[] | (() => readonly string[])
  /** does a part of what is still to be done for it. @returns whether anything is left */
  readonly goOn?: () => boolean
}

interface Command {
  readonly usage: string
  readonly does: string
  /** @returns what is now true, in words; null where it can be seen */
  run(reach: Reach, argument: string): Answer | string | null
}

const need = ({ name }: Reach): string => {
  if (name === null) throw new ClientError('no-such-contact', 'no conversation is open; open one with /open NAME')
  return name
}

const needPerson = (reach: Reach): string => {
  const name = need(reach)
  if (isGroup(name)) throw new ClientError('no-such-contact', 'this is a group; /group shows who is in it')
  return name
}

function verify(reach: Reach, argument: string): Answer | string {
  const name = needPerson(reach)
  if (argument === 'confirm') {
    people.confirmNumber(reach.device, name)
    return `${name} is verified`
  }
  if (argument !== '')
    throw new Stop('user', 'type /verify to see the number, and /verify confirm once you have compared it')
  const policy = policyLine(reach.device)
  const { accountKey, number } = numberWith(reach.device, name)
  reach.device.contacts.noteShown(name, accountKey)
  return {
    title: `Esc · safety number with ${name}`,
    lines: [
      ...digitLines(number, reach.width),
      '',
      ...wordLines(number, reach.width),
      '',
      ...(policy === null ? [] : [policy]),
      `Compare it with what ${name} sees, by voice or side by side. If it is the same: /verify confirm`,
    ],
  }
}

/** The one word for two things that a person may have to accept: it says which it was. */
function accept({ device, name: open, ...reach }: Reach): string {
  const name = need({ device, name: open, ...reach })
  if (isGroup(name)) {
    device.groups.accept(name)
    return 'you have accepted to be in this group'
  }
  const contact = device.contacts.get(name)
  if (contact?.changed) return people.acceptChange(device, name)
  if (!contact || contact.accepted)
    throw new Stop('user', `${name} has sent no request, and has no changed key, to accept`)
  device.contacts.accept(name)
  const told = device.self.receipts ? `; ${name} now learns which messages have arrived and which you have read` : ''
  return `you have accepted ${name}'s request${told}`
}

function showGroup(reach: Reach): Answer {
  const name = need(reach)
  const group = isGroup(name) ? reach.device.groups.get(name) : null
  if (!group) throw new ClientError('no-such-group', 'this is no group')
  return { title: `Esc · ${peerName(reach.device, name)}`, lines: groupLines(reach.device, group) }
}

function setLifetime(reach: Reach, time: string): string | null {
  const name = need(reach)
  if (!isGroup(name)) return people.setLifetime(reach.device, name, time)
  // the group's own line in the talk says it
  reach.device.groups.change(name, { kind: 'lifetime', seconds: people.secondsIn(time, '/lifetime 7d') })
  return null
}

function forget(reach: Reach, argument: string): string {
  const name = need(reach)
  if (argument !== 'all')
    throw new Stop(
      'user',
      `/forget all deletes everything said with ${peerName(reach.device, name)} from this device, and only from this one`,
    )
  return people.forget(reach.device, name, null)
}

const listedMaximum = 12

/** The latest messages, with what the other commands call them. */
function messages(reach: Reach): Answer {
  const name = need(reach)
  const { history, self } = reach.device
  const entries = latestEntries(history, name, 10 * listedMaximum)
  const lines = entries.flatMap((entry) => {
    if (entry.kind !== 'message' || entry.deletedAt !== null) return []
    const who = entry.direction === 'out' ? self.device.record.user : visible(entry.author ?? entry.peer)
    return [`${shortId(entry.id)}  ${who}: ${textWithAttachment(shortened(entry.text), entry.attachment)}`]
  })
  return { title: 'Esc · ids, for /reply, /react and /delete', lines: lines.slice(-listedMaximum) }
}

/** The message that the first word calls, and what stands behind it. */
function calledIn(reach: Reach, argument: string, usage: string, whose: 'own' | 'all' = 'all') {
  const [, id = '', rest = ''] = /^(\S*)\s*([^]*)$/.exec(argument) ?? []
  if (id === '') throw new Stop('user', `type ${usage}; /messages shows the ids`)
  const peer = need(reach)
  return { peer, rest, message: messageCalled(reach.device, peer, id, whose) }
}

function reply(reach: Reach, argument: string): null {
  const { peer, rest, message } = calledIn(reach, argument, '/reply ID TEXT')
  if (rest === '') throw new Stop('user', 'an answer cannot be empty: type /reply ID TEXT')
  reach.device.write(peer, rest, undefined, reach.device.afterwords.nameOf(message))
  return null
}

function react(reach: Reach, argument: string): null {
  const { peer, rest, message } = calledIn(reach, argument, '/react ID EMOJI, or /react ID off')
  if (rest === '') throw new Stop('user', 'type /react ID EMOJI, or /react ID off')
  reach.device.react(peer, reach.device.afterwords.nameOf(message), rest === 'off' ? '' : rest)
  return null
}

function deleteForAll(reach: Reach, argument: string): string {
  const { peer, message } = calledIn(reach, argument, '/delete ID', 'own')
  reach.device.deleteForAll(peer, [message.id])
  reach.device.store.tidy()
  return deletionReach
}

const commands: Record<string, Command> = {
  help: {
    usage: '/help',
    does: 'show this list',
    run: () => ({ title: 'Esc · commands and keys', lines: helpLines() }),
  },
  open: {
    usage: '/open NAME',
    does: 'talk with somebody, known or new',
    run: (reach, name) => {
      reach.open(name)
      return null
    },
  },
  verify: { usage: '/verify', does: 'show the safety number to compare', run: verify },
  accept: { usage: '/accept', does: 'accept a request or a changed key', run: accept },
  refuse: {
    usage: '/refuse',
    does: 'reject a changed key, keep the old',
    run: (reach) => people.refuseChange(reach.device, needPerson(reach)),
  },
  block: {
    usage: '/block',
    does: 'hide and drop what they write',
    run: (reach) => people.setBlocked(reach.device, needPerson(reach), true),
  },
  unblock: {
    usage: '/unblock',
    does: 'show what they write again',
    run: (reach) => people.setBlocked(reach.device, needPerson(reach), false),
  },
  group: { usage: '/group', does: 'show who is in the group', run: showGroup },
  lifetime: {
    usage: '/lifetime 7d|off',
    does: 'set how long new messages stay',
    run: setLifetime,
  },
  search: {
    usage: '/search WORDS',
    does: 'find what was said',
    run: ({ device, name }, words) => searchAnswer(device, name, words),
  },
  mute: {
    usage: '/mute [8h]',
    does: 'announce nothing of it',
    run: (reach, time) => people.mute(reach.device, need(reach), time === '' ? undefined : time),
  },
  unmute: { usage: '/unmute', does: 'announce it again', run: (reach) => people.unmute(reach.device, need(reach)) },
  messages: { usage: '/messages', does: 'list the latest, with their ids', run: messages },
  reply: { usage: '/reply ID TEXT', does: 'answer a message', run: reply },
  react: { usage: '/react ID 👍|off', does: 'put an emoji on a message', run: react },
  delete: { usage: '/delete ID', does: 'delete one of yours for everybody', run: deleteForAll },
  forget: { usage: '/forget all', does: 'delete the talk from this device', run: forget },
  quit: {
    usage: '/quit',
    does: 'leave; so does Ctrl-C',
    run: (reach) => {
      reach.quit()
      return null
    },
  },
}

const helpLines = () => [
  ...Object.values(commands).map(({ usage, does }) => `${usage.padEnd(17)} ${does}`),
  '',
  'Ctrl-N, Ctrl-P    next, previous conversation',
  'PgUp, PgDn, End   scroll; jump to the newest',
  'Up, Down          bring back what you have sent',
  'Alt-Enter         start a new line',
  '//…               send a message that begins with a slash',
  '',
  '✓                 the relay has your message',
  '✓✓                it has arrived on their device',
  '✓✓ read           they have looked at it',
  '✓✓ 3 of 4         in a group: it has arrived on the devices of 3 of the 4 others',
  'It stays at ✓ for somebody who has not answered you yet, or whose device sends no receipts.',
  'A red bar: an access mode is in force, and a third party may read this.',
]

/** Whether it is for the program, and not for the other side. */
export const isCommand = (text: string): boolean => text.startsWith('/') && !text.startsWith('//')

/** @throws ClientError, Stop: the reason why not, for the person */
export function runCommand(text: string, reach: Reach): Answer | string | null {
  const [, word = '', argument = ''] = /^\/(\S*)\s*([^]*)$/.exec(text.trimEnd()) ?? []
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined
  if (!command)
    throw new Stop(
      'user',
      `there is no command /${visible(word)}: see /help. To send it as a message, type //${visible(word)}`,
    )
  return command.run(reach, argument)
}

/** What the text before the cursor could become. */
export function completions(text: string, names: readonly string[]): readonly string[] {
  const candidates = [
    ...Object.keys(commands).map((word) => (commands[word]?.usage.includes(' ') ? `/${word} ` : `/${word}`)),
    ...names.map((name) => `/open ${name}`),
    '/verify confirm',
  ]
  const begun = candidates.filter((candidate) => candidate.startsWith(text) && candidate !== text)
  // first the word, then what follows it
  const words = begun.filter((candidate) => !candidate.slice(text.length).trimEnd().includes(' '))
  return words.length > 0 ? words : begun
}
