import { equal } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { accountKeyIn } from '../../../crypto/identity.ts'
import type { Contacts } from '../contacts.ts'
import { ClientError } from '../errors.ts'
import { takenIn } from '../groups/changes.ts'
import type { Holding } from '../groups/holding.ts'
import { groupIn, isGroup } from '../groups/peers.ts'
import { createLease } from '../lease.ts'
import { openKnownList } from '../opened-lists.ts'
import type { Choices } from '../self.ts'
import { addContact, putContact } from '../trust.ts'
import { addKept } from './messages.ts'
import { type BackupRecord, decodeRecord } from './records.ts'
import type { TakingParts } from './taking.ts'

interface RestoringParts extends TakingParts {
  readonly contacts: Contacts
  readonly holding: Holding
}

/** What a backup has added to a device. */
export interface Restored {
  readonly contacts: number
  readonly groups: number
  readonly messages: number
  /** when it was made, milliseconds since 1970 */
  readonly madeAt: number
  /** how the device that made it was told to behave */
  readonly choices: Choices
  /** groups that nothing is sent to before their members have said who is in them */
  readonly onHold: readonly string[]
}

type Of<Kind extends BackupRecord['kind']> = Extract<BackupRecord, { kind: Kind }>

/** Of one group, in bytes: more than any has. */
const groupMaximumBytes = 64 * 1024 * 1024

/**
 * Adds what a device lacks, in one transaction: all of it, or nothing. What it has stays as it is, but that whoever is blocked in either is blocked.
 * The same twice is the same as once.
 * @param records the last of which comes only when all of them have been found authentic
 * @throws ClientError `not-allowed` for a backup of another account, and while another process is connected for this device; CryptoError
 *   `malformed`, and what the records throw
 */
export function restoreBackup(parts: RestoringParts, records: Iterable<Uint8Array>): Restored {
  const { store, time } = parts
  const lease = createLease(store, time.clock)
  try {
    return store.transaction(() => {
      if (!lease.take())
        throw new ClientError(
          'not-allowed',
          'another doormat is connected with this device, such as chat or listen: end it, and then restore',
        )
      return restoreAll(parts, records)
    })
  } finally {
    lease.release()
  }
}

function restoreAll(parts: RestoringParts, records: Iterable<Uint8Array>): Restored {
  const { store, self, time, mutes } = parts
  const { id } = self.device.record
  const count = { contacts: 0, groups: 0, messages: 0 }
  const onHold: string[] = []
  let owner: Of<'owner'> | null = null
  let group: PendingGroup | null = null

  function endGroup(): void {
    const done = group
    group = null
    if (!done || !addGroup(parts, done)) return
    count.groups += 1
    if (parts.holding.isOnHold(done.peer)) onHold.push(done.peer)
  }

  for (const bytes of records) {
    const record = decodeRecord(bytes)
    if (record.kind === 'owner') checkOwner(parts, record, owner)
    else if (!owner) throw new CryptoError('malformed', 'the backup does not say whose it is')
    if (record.kind === 'list' || record.kind === 'change') {
      addTo(group, record)
      continue
    }
    endGroup()
    switch (record.kind) {
      case 'owner':
        owner = record
        break
      case 'person':
        if (addPerson(parts, record)) count.contacts += 1
        break
      case 'stranger':
        if (record.user !== self.device.record.user) parts.contacts.setBlocked(record.user, true)
        break
      case 'group':
        group = { peer: record.peer, isAccepted: record.isAccepted, lists: [], changes: [], sizeBytes: 0 }
        break
      case 'muted':
        // what has been said of it on this device is newer
        if (isKnown(parts, record.peer) && !mutes.isSettled(record.peer)) mutes.set(record)
        break
      case 'message':
        if (record.peer === self.device.record.user)
          throw new CryptoError('malformed', 'the backup has a message to its own account')
        if (addKept(store, record, id, Math.max(0, time.clock() - (owner?.madeAt ?? 0)), time)) count.messages += 1
        break
    }
  }
  endGroup()
  if (!owner) throw new CryptoError('malformed', 'the backup does not say whose it is')
  const { madeAt, refusesAccess, receipts } = owner
  return { ...count, madeAt, choices: { refusesAccess, receipts }, onHold }
}

function checkOwner({ self }: RestoringParts, owner: Of<'owner'>, before: Of<'owner'> | null): void {
  if (before) throw new CryptoError('malformed', 'the backup says twice whose it is')
  const { user, accountKey } = self.device.record
  if (owner.user !== user)
    throw new ClientError('not-allowed', `this is a backup of ${owner.user}, and this device is ${user}'s`)
  if (!equal(owner.accountKey, accountKey))
    throw new ClientError('not-allowed', `this is a backup of another account that was called ${user} too`)
}

/** @returns whether they were no contact */
function addPerson({ store, self, contacts }: RestoringParts, person: Of<'person'>): boolean {
  const { kind: _kind, ...rest } = person
  const { user, list, changedList } = rest
  for (const signed of [list, ...(changedList ? [changedList] : [])])
    if (openKnownList(signed).user !== user || user === self.device.record.user)
      throw new CryptoError('malformed', 'the backup has a device list of somebody else')
  const known = store.tables.contacts.get(user)
  const blocked = person.blocked || contacts.isBlocked(user)
  if (!known) {
    addContact(store, { ...rest, verified: person.verified && changedList === null, blocked })
    return true
  }
  const isSame = equal(accountKeyIn(known.list), accountKeyIn(list))
  const isUnsaid = known.lifetimeSeconds === 0 && !store.tables.history.isWrittenTo(user)
  const lifetimeSeconds = isUnsaid ? person.lifetimeSeconds : known.lifetimeSeconds
  if (blocked !== known.blocked || lifetimeSeconds !== known.lifetimeSeconds)
    putContact(store, { ...known, blocked, lifetimeSeconds })
  if (isSame && person.accepted) contacts.accept(user)
  return false
}

const isKnown = ({ contacts, records }: RestoringParts, peer: string): boolean =>
  isGroup(peer) ? records.get(peer) !== null : contacts.isKnown(peer)

interface PendingGroup {
  readonly peer: string
  readonly isAccepted: boolean
  readonly lists: Uint8Array[]
  readonly changes: Uint8Array[]
  sizeBytes: number
}

function addTo(group: PendingGroup | null, record: Of<'list'> | Of<'change'>): void {
  if (!group) throw new CryptoError('malformed', 'the backup has changes of no group')
  const bytes = record.kind === 'list' ? record.signedList : record.signed
  group.sizeBytes += bytes.length
  if (group.sizeBytes > groupMaximumBytes) throw new CryptoError('malformed', 'a group of the backup is too large')
  if (record.kind === 'list') group.lists.push(bytes)
  else group.changes.push(bytes)
}

/** A group that the device knows it knows better. @returns whether it was none of those, and holds */
function addGroup(
  { records, self, holding }: RestoringParts,
  { peer, isAccepted, lists, changes }: PendingGroup,
): boolean {
  if (records.get(peer)) return false
  const news = { group: groupIn(peer), asks: false, changes, lists }
  const { record, order } = takenIn(peer, { changes: [], lists: [], isAccepted }, null, news, [self.signedList])
  if (!order) return false
  records.put(peer, record)
  holding.begin(peer, order.now)
  return true
}
