import { equal } from '../../../crypto/bytes.ts'
import {
  type Content,
  decodeContent,
  encodeContent,
  type GroupAfterwordContent,
  type GroupContent,
  groupDigest,
  type InGroup,
  type ReceiptStatus,
} from '../../../crypto/content.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import type { Person } from '../../../crypto/fingerprint.ts'
import type { Said } from '../../../crypto/group-content.ts'
import { mayHaveSaid } from '../../../crypto/group-order.ts'
import { isMember, isSamePerson } from '../../../crypto/group-rules.ts'
import type { DeviceId } from '../../../crypto/keys.ts'
import type { Afterwords } from '../afterwords.ts'
import type { Contacts } from '../contacts.ts'
import type { History } from '../history.ts'
import type { Receipts } from '../receipts.ts'
import type { DeviceStore } from '../store.ts'
import { askFor } from './due.ts'
import type { Groups } from './groups.ts'
import { peerOf } from './peers.ts'
import type { GroupRecords, HeldWord, Speaker } from './records.ts'

/** Whoever has sent something, as its session says. */
export interface Sender extends Person {
  readonly device: DeviceId
}

/** What comes to groups: messages, each judged by the changes that its author knew. */
export interface GroupMail {
  /**
   * Records a message, or holds it until the changes come that it names.
   * @throws CryptoError `wrong-person` where its author was no member, or had been removed
   */
  receive(sender: Sender, content: InGroup, epoch: number): void
  /** What somebody's device says of messages of this account to groups that both are in. */
  confirm(user: string, ids: readonly string[], status: ReceiptStatus): void
  /**
   * Takes in changes, and judges once more what was held for the lack of them.
   * @returns whose messages are refused now, one for each
   */
  learn(sender: Sender, content: Extract<Content, { kind: 'news' }>): readonly string[]
}

/** What is held for each group, of one sender, and of one whom this person writes to. */
const heldMaximum = 64
const heldOfOneMaximum = 16
const heldOfFriendMaximum = 48
const heldMaximumBytes = 1024 * 1024
/** groups that nothing is known of, named by people this person writes to, and by others */
const unknownMaximum = 16
const unknownOfStrangersMaximum = 4

interface MailParts {
  readonly store: DeviceStore
  readonly records: GroupRecords
  readonly groups: Groups
  readonly contacts: Contacts
  readonly history: History
  readonly receipts: Receipts
  readonly afterwords: Afterwords
  /** this account */
  readonly self: Person
  readonly clock: () => number
}

export function createGroupMail(parts: MailParts): GroupMail {
  const { store, records, groups, contacts, history, receipts, afterwords, self, clock } = parts

  /** @returns null for what cannot be judged yet */
  function judge(sender: Sender, { group, head, counter }: InGroup): boolean | null {
    const known = groups.get(peerOf(group))
    const verdict = known && mayHaveSaid(known.order, head, sender, sender.device, counter)
    const then = verdict && known?.order.at(head)
    // who does not know yet that this person has left, or never was there, writes to them all the same
    return then ? isMember(then, self) : verdict
  }

  function record(sender: Sender, content: InGroup, epoch: number): void {
    const peer = peerOf(content.group)
    const { device, user } = sender
    const own: Said = { device, counter: content.counter, digest: groupDigest(content, sender.accountKey, device) }
    const differs = !agrees(peer, sender, own) || content.heard.some((said) => !agreesWithOnly(peer, said))
    const isNew =
      content.kind === 'group'
        ? recordText(peer, sender, content, epoch)
        : recordAfterword(peer, sender, content, epoch)
    if (isNew && differs) history.notice('group', peer, { text: `differs ${user}` })
    if (records.said(peer, sender).every(({ counter }) => counter !== own.counter)) records.note(peer, user, own)
  }

  function recordText(peer: string, sender: Sender, content: GroupContent, epoch: number): boolean {
    const { user, device } = sender
    if (user === self.user) return recordCopy(peer, device, content, epoch)
    const isNew = history.addIncoming(peer, device, content, epoch, user)
    if (isNew && groups.get(peer)?.isAccepted) receipts.oweInGroup(user, 'delivered', content.id)
    return isNew
  }

  /** What another device of this account has said in a group: the members of then say here too how far it has come. */
  function recordCopy(peer: string, device: DeviceId, content: GroupContent, epoch: number): boolean {
    const isNew = history.addCopy(device, { ...content, to: peer }, epoch)
    const row = history.outgoing(peer, content.id)?.row
    if (isNew && row !== undefined) history.setRecipients(row, groups.othersAt(peer, content.head))
    return isNew
  }

  const recordAfterword = (peer: string, { user, device }: Sender, content: GroupAfterwordContent, epoch: number) =>
    user === self.user
      ? afterwords.recordCopy(device, { ...content, to: peer }, epoch)
      : afterwords.record(peer, device, content, epoch, user)

  /** Whether nothing else was said by that device under that number, as far as this one remembers. */
  const agrees = (peer: string, speaker: Speaker, { counter, digest }: Said) =>
    records.said(peer, speaker).every((one) => one.counter !== counter || equal(one.digest, digest))

  /** Somebody's word names a device by its id alone: where two people claim one, it names nobody. */
  function agreesWithOnly(peer: string, said: Said): boolean {
    const [speaker, another] = records.speakers(peer).filter(({ device }) => equal(device, said.device))
    return !speaker || another !== undefined || agrees(peer, speaker, said)
  }

  const isFriend = (user: string) => user === self.user || (contacts.get(user)?.accepted ?? false)
  const wasMember = (peer: string, sender: Sender) => {
    const order = groups.get(peer)?.order
    return (
      order?.standing.some(({ digest }) => order.at(digest)?.members.some((one) => isSamePerson(one, sender))) ?? false
    )
  }

  function hold(sender: Sender, content: InGroup, epoch: number): void {
    const peer = peerOf(content.group)
    const word: HeldWord = { ...sender, epoch, content: encodeContent(content) }
    const held = records.held(peer)
    const ofSender = held.filter(({ user }) => user === sender.user).length
    const bytes = held.reduce((sum, one) => sum + one.content.length, word.content.length)
    const mostOfSender = isFriend(sender.user) ? heldOfFriendMaximum : heldOfOneMaximum
    const isFull = held.length >= heldMaximum || ofSender >= mostOfSender || bytes > heldMaximumBytes
    if (isFull || (held.length === 0 && !groups.get(peer) && !hasRoomFor(sender)))
      throw new CryptoError('too-far-ahead', 'too much is held that names unknown changes')
    records.setHeld(peer, [...held, word])
    if (isFriend(sender.user) || wasMember(peer, sender)) return askFor(store, records, sender.user, peer, clock())
    const leader = leaderOf(peer)
    if (leader !== null) askFor(store, records, leader, peer, clock(), 'stranger')
  }

  /** A stranger, who may have been added just now, is told nothing of a group by being asked: whoever leads it is. */
  function leaderOf(peer: string): string | null {
    const { now } = groups.get(peer) ?? {}
    return [...(now?.admins ?? []), ...(now?.members ?? [])].find(({ user }) => user !== self.user)?.user ?? null
  }

  /** For one more group that nothing is known of. */
  function hasRoomFor({ user }: Sender): boolean {
    const unknown = records.heldPeers().filter((peer) => !groups.get(peer))
    if (unknown.length >= unknownMaximum) return false
    const ofStrangers = unknown.filter((peer) => records.held(peer).every((word) => !isFriend(word.user)))
    return isFriend(user) || ofStrangers.length < unknownOfStrangersMaximum
  }

  function receive(sender: Sender, content: InGroup, epoch: number): void {
    const verdict = judge(sender, content)
    if (verdict === null) return hold(sender, content, epoch)
    if (!verdict)
      throw new CryptoError('wrong-person', 'a message to a group that its author or this person was not in')
    record(sender, content, epoch)
  }

  /** @returns whose messages are refused */
  function release(peer: string): readonly string[] {
    const held = records.held(peer)
    if (held.length === 0) return []
    const refused: string[] = []
    const still = held.filter((word) => {
      const content = decodeContent(word.content)
      if (!isInGroup(content) || contacts.isBlocked(word.user)) return false
      const verdict = judge(word, content)
      if (verdict) record(word, content, word.epoch)
      if (verdict === false) refused.push(word.user)
      return verdict === null
    })
    records.setHeld(peer, still)
    return refused
  }

  return {
    receive,
    confirm(user, ids, status) {
      for (const { peer, isOurs } of groups.all()) if (isOurs) history.confirmInGroup(peer, user, ids, status)
    },
    learn(sender, content) {
      groups.learn(sender, content)
      return release(peerOf(content.group))
    },
  }
}

const isInGroup = (content: Content): content is InGroup =>
  content.kind === 'group' || content.kind === 'group afterword'
