import { equal } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { accountKeyIn, type DeviceList, deviceIn, type DeviceRecord, succeed } from '../../crypto/identity.ts'
import type { AccountKey } from '../../crypto/keys.ts'
import type { SqlValue } from './database.ts'
import { ClientError } from './errors.ts'
import type { History } from './history.ts'
import { openKnownList } from './opened-lists.ts'
import type { Receipts } from './receipts.ts'
import { endOtherSessions } from './sessions.ts'
import { bytesOf, bytesOrNull, type DeviceStore, type Row } from './store.ts'
import { countContact, readKnown, sealContact, writeKnown } from './trust.ts'

/** Somebody this device knows: their devices under the account key first seen, or since accepted. */
export interface Contact {
  readonly user: string
  readonly list: DeviceList
  /** whether a person has compared the safety number of this account key */
  readonly verified: boolean
  /** another account key that has turned up under the name; nothing is sent until somebody has looked at it */
  readonly changed: DeviceList | null
  /** whether this person has ever written to them; what others write before is a request */
  readonly accepted: boolean
  readonly blocked: boolean
  /** how long what is written in the conversation stays; 0: for good */
  readonly lifetimeSeconds: number
}

export interface Contacts {
  all(): readonly Contact[]
  get(user: string): Contact | null
  /** those under whose name another account key has turned up that nobody has looked at */
  changed(): readonly string[]
  /** As they are stored, without those whose key has changed and those nobody has answered. */
  signedLists(): readonly { readonly signedList: Uint8Array; readonly verified: boolean }[]
  /** Takes in a signed list from the directory. Another account key is set aside and told of. */
  learn(user: string, signedList: Uint8Array): void
  /** Takes in the list of a handshake that `admit` let pass: mail can be older than the list known by now. */
  keep(user: string, signedList: Uint8Array): void
  /**
   * Whether a handshake agrees with what is known of the account that it says it is from; false where it is of another
   * account key. Changes nothing, for nobody has read its message yet.
   * @throws CryptoError `list-went-back` | `wrong-person`
   */
  admit(user: string, signedList: Uint8Array, sender: DeviceRecord): boolean
  /** Takes in the list of a known name under another account key: nothing is sent until somebody has looked at it. */
  setAside(user: string, signedList: Uint8Array): void
  /** A safety number over this account key has been shown to a person: only such a one can be confirmed. */
  noteShown(user: string, accountKey: AccountKey): void
  wasShown(user: string, accountKey: AccountKey): boolean
  verify(user: string): void
  /** Somebody has compared the number of the account key that is known, and it was another one there: no longer verified. */
  noteDifferent(user: string): void
  /** Whether that was the last thing said about the account key that is known. */
  isDifferent(user: string): boolean
  /** The new account key takes the old one's place, unverified. */
  acceptChange(user: string): void
  /** The old account key stays, unverified until the number has been compared again. */
  refuseChange(user: string): void
  /** Somebody has written to them, so what they write is no request any more. */
  accept(user: string): void
  isKnown(user: string): boolean
  /** whether another account key has turned up that nobody has looked at */
  isChanged(user: string): boolean
  /** null for nobody known */
  accountKeyOf(user: string): AccountKey | null
  isBlocked(user: string): boolean
  /** blocked names of people who never got through */
  blockedStrangers(): readonly string[]
  /**
   * Somebody who is no contact is blocked by the name that the relay gives them.
   * @throws ClientError `no-such-contact` where somebody is to be unblocked who was not blocked
   */
  setBlocked(user: string, blocked: boolean): void
  lifetimeOf(user: string): number
  /** @throws ClientError `no-such-contact` */
  setLifetime(user: string, seconds: number): void
}

export function createContacts(store: DeviceStore, history: History, receipts: Receipts): Contacts {
  const noChange = (user: string) => new ClientError('no-such-contact', `${user}'s account key has not changed`)

  function contactOf(row: Row): Contact {
    const changed = bytesOrNull(row['changed_list'])
    return {
      user: String(row['user']),
      list: openKnownList(bytesOf(row['list'])),
      verified: Number(row['verified']) === 1,
      changed: changed && openKnownList(changed),
      accepted: Number(row['accepted']) === 1,
      blocked: Number(row['blocked']) === 1,
      lifetimeSeconds: Number(row['lifetime']),
    }
  }

  const row = (user: string) => store.get('SELECT * FROM contact WHERE user = ?', user)

  /** @returns whether there was something to change; the vault vouches for what it is now */
  const change = (user: string, sql: string, ...values: SqlValue[]): boolean =>
    store.transaction(() => {
      const changed = store.run(sql, ...values, user) > 0
      if (changed) sealContact(store, user)
      return changed
    })

  /** Of somebody who is no contact here yet, another device of ours may have told with its copies. */
  const lifetimeSaid = (user: string) =>
    Number(
      store.get(
        'SELECT lifetime FROM history WHERE peer = ? AND direction IS NOT NULL ORDER BY row DESC LIMIT 1',
        user,
      )?.['lifetime'] ?? 0,
    )

  function setAside(user: string, signedList: Uint8Array): void {
    const known = bytesOrNull(row(user)?.['changed_list'])
    if (known && equal(known, signedList)) return
    change(user, 'UPDATE contact SET changed_list = ?, verified = 0 WHERE user = ?', signedList)
    // once until somebody has looked, or a relay with two keys could write a line with each message
    if (!known && !contacts.isBlocked(user))
      history.notice('account-changed', user, { text: 'the account key is another one than before' })
  }

  const contacts: Contacts = {
    all: () => store.all('SELECT * FROM contact ORDER BY user').map(contactOf),
    changed: () =>
      store.all('SELECT user FROM contact WHERE changed_list IS NOT NULL').map((known) => String(known['user'])),
    signedLists: () =>
      store
        .all('SELECT list, verified FROM contact WHERE changed_list IS NULL AND accepted = 1 AND blocked = 0')
        .map((known) => ({ signedList: bytesOf(known['list']), verified: Number(known['verified']) === 1 })),
    get(user) {
      const known = row(user)
      return known && contactOf(known)
    },

    learn(user, signedList) {
      // most of what the directory answers is known, and then nothing has to be locked
      const before = row(user)
      if (before && equal(bytesOf(before['list']), signedList)) return
      store.transaction(() => {
        const known = row(user)
        if (openKnownList(signedList).user !== user)
          throw new CryptoError('wrong-person', 'the device list is of somebody else')
        if (!known) {
          store.run(
            `INSERT INTO contact (user, list, accepted, lifetime, blocked)
             VALUES (?1, ?2, EXISTS (SELECT 1 FROM history WHERE peer = ?1 AND direction = 'out'), ?3, ?4)`,
            user,
            signedList,
            lifetimeSaid(user),
            contacts.isBlocked(user) ? 1 : 0,
          )
          countContact(store, user)
          return
        }
        if (equal(bytesOf(known['list']), signedList)) return
        try {
          const list = succeed(bytesOf(known['list']), signedList, openKnownList)
          change(user, 'UPDATE contact SET list = ? WHERE user = ?', signedList)
          endOtherSessions(store, list)
        } catch (error) {
          if (!(error instanceof CryptoError) || error.code !== 'account-changed') throw error
          setAside(user, signedList)
        }
      })
    },

    keep(user, signedList) {
      try {
        contacts.learn(user, signedList)
      } catch (error) {
        if (!(error instanceof CryptoError) || error.code !== 'list-went-back') throw error
      }
    },

    admit(user, signedList, sender) {
      if (sender.user !== user)
        throw new CryptoError('wrong-person', 'the handshake is of somebody else than the relay says')
      const known = row(user)
      if (!known) return true
      try {
        succeed(bytesOf(known['list']), signedList, openKnownList)
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error
        if (error.code === 'account-changed') return false
        // Mail can be older than the list we have by now: what counts is that the device still is in it.
        const older = error.code === 'list-went-back' && deviceIn(contactOf(known).list, sender.id)
        if (!older || !equal(older.identityKey, sender.identityKey)) throw error
      }
      return true
    },
    setAside,

    noteShown: (user, accountKey) => store.setMeta(`shown ${user}`, accountKey),
    wasShown(user, accountKey) {
      const shown = store.meta(`shown ${user}`)
      return shown !== null && equal(shown, accountKey)
    },
    verify(user) {
      store.transaction(() => {
        if (!change(user, 'UPDATE contact SET verified = 1 WHERE user = ? AND changed_list IS NULL'))
          throw unknownContact(user)
        store.run('DELETE FROM meta WHERE key = ?', `different ${user}`)
      })
    },
    noteDifferent: (user) =>
      store.transaction(() => {
        const accountKey = contacts.accountKeyOf(user)
        if (!accountKey) throw unknownContact(user)
        change(user, 'UPDATE contact SET verified = 0 WHERE user = ?')
        store.setMeta(`different ${user}`, accountKey)
      }),
    isDifferent(user) {
      const [different, accountKey] = [store.meta(`different ${user}`), contacts.accountKeyOf(user)]
      return different !== null && accountKey !== null && equal(different, accountKey)
    },
    refuseChange(user) {
      const sql = 'UPDATE contact SET changed_list = NULL WHERE user = ? AND changed_list IS NOT NULL'
      if (!change(user, sql)) throw noChange(user)
    },
    acceptChange(user) {
      store.transaction(() => {
        const changed = bytesOrNull(row(user)?.['changed_list'])
        if (!changed) throw noChange(user)
        change(user, 'UPDATE contact SET list = ?, changed_list = NULL, verified = 0 WHERE user = ?', changed)
        store.run('DELETE FROM session WHERE user = ?', user)
        store.run('DELETE FROM heard WHERE user = ?', user)
      })
    },
    accept: (user) =>
      store.transaction(() => {
        if (change(user, 'UPDATE contact SET accepted = 1 WHERE user = ? AND accepted = 0')) receipts.oweEarlier(user)
      }),
    accountKeyOf(user) {
      const known = store.get('SELECT list FROM contact WHERE user = ?', user)
      return known && accountKeyIn(bytesOf(known['list']))
    },
    isChanged: (user) => store.get('SELECT 1 FROM contact WHERE user = ? AND changed_list IS NOT NULL', user) !== null,
    isKnown: (user) => store.get('SELECT 1 FROM contact WHERE user = ?', user) !== null,
    blockedStrangers: () => readKnown(store).blockedStrangers,
    isBlocked(user) {
      const contact = store.get('SELECT blocked FROM contact WHERE user = ?', user)
      return contact ? Number(contact['blocked']) === 1 : readKnown(store).blockedStrangers.includes(user)
    },
    setBlocked: (user, blocked) =>
      store.transaction(() => {
        if (change(user, 'UPDATE contact SET blocked = ? WHERE user = ?', blocked ? 1 : 0)) return
        const { count, blockedStrangers } = readKnown(store)
        if (!blocked && !blockedStrangers.includes(user)) throw unknownContact(user)
        const others = blockedStrangers.filter((name) => name !== user)
        writeKnown(store, { count, blockedStrangers: blocked ? [...others, user] : others })
      }),
    lifetimeOf: (user) => Number(row(user)?.['lifetime'] ?? lifetimeSaid(user)),
    setLifetime(user, seconds) {
      if (!change(user, 'UPDATE contact SET lifetime = ? WHERE user = ?', seconds)) throw unknownContact(user)
    },
  }
  return contacts
}

export const unknownContact = (user: string) =>
  new ClientError('no-such-contact', `you have no contact called ${user}`, 'doormat contacts')
