import { equal } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { accountKeyIn, type DeviceList, deviceIn, type DeviceRecord, succeed } from '../../crypto/identity.ts'
import type { AccountKey } from '../../crypto/keys.ts'
import { ClientError } from './errors.ts'
import type { History } from './history.ts'
import { openKnownList } from './opened-lists.ts'
import type { Receipts } from './receipts.ts'
import { endOtherSessions } from './sessions.ts'
import type { DeviceStore } from './store.ts'
import type { ContactRow } from './tables/people.ts'
import { addContact, putContact, readKnown, writeKnown } from './trust.ts'

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

  const contactOf = ({
    user,
    list,
    changedList,
    verified,
    accepted,
    blocked,
    lifetimeSeconds,
  }: ContactRow): Contact => ({
    user,
    list: openKnownList(list),
    verified,
    changed: changedList && openKnownList(changedList),
    accepted,
    blocked,
    lifetimeSeconds,
  })

  const { contacts: table, history: entries, sessions, heard } = store.tables

  /** @returns whether there was something to change; the vault vouches for what it is now */
  const change = (
    user: string,
    next: Partial<ContactRow>,
    isToChange: (contact: ContactRow) => boolean = () => true,
  ): boolean =>
    store.transaction(() => {
      const known = table.get(user)
      if (!known || !isToChange(known)) return false
      putContact(store, { ...known, ...next })
      return true
    })

  /** Of somebody who is no contact here yet, another device of ours may have told with its copies. */
  const lifetimeSaid = (user: string) => entries.lastLifetime(user) ?? 0

  function setAside(user: string, signedList: Uint8Array): void {
    const known = table.get(user)?.changedList
    if (known && equal(known, signedList)) return
    change(user, { changedList: signedList, verified: false })
    // once until somebody has looked, or a relay with two keys could write a line with each message
    if (!known && !contacts.isBlocked(user))
      history.notice('account-changed', user, { text: 'the account key is another one than before' })
  }

  const contacts: Contacts = {
    all: () => table.all().map(contactOf),
    changed: () => table.changed(),
    signedLists: () =>
      table
        .all()
        .filter(({ changedList, accepted, blocked }) => changedList === null && accepted && !blocked)
        .map(({ list, verified }) => ({ signedList: list, verified })),
    get(user) {
      const known = table.get(user)
      return known && contactOf(known)
    },

    learn(user, signedList) {
      // most of what the directory answers is known, and then nothing has to be locked
      const before = table.get(user)
      if (before && equal(before.list, signedList)) return
      store.transaction(() => {
        const known = table.get(user)
        if (openKnownList(signedList).user !== user)
          throw new CryptoError('wrong-person', 'the device list is of somebody else')
        if (!known)
          return addContact(store, {
            user,
            list: signedList,
            accepted: entries.isWrittenTo(user),
            lifetimeSeconds: lifetimeSaid(user),
            blocked: contacts.isBlocked(user),
          })
        if (equal(known.list, signedList)) return
        try {
          const list = succeed(known.list, signedList, openKnownList)
          change(user, { list: signedList })
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
      const known = table.get(user)
      if (!known) return true
      try {
        succeed(known.list, signedList, openKnownList)
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
    verify: (user) =>
      store.transaction(() => {
        if (!change(user, { verified: true }, ({ changedList }) => changedList === null)) throw unknownContact(user)
        store.dropMeta(`different ${user}`)
      }),
    noteDifferent: (user) =>
      store.transaction(() => {
        const accountKey = contacts.accountKeyOf(user)
        if (!accountKey) throw unknownContact(user)
        change(user, { verified: false })
        store.setMeta(`different ${user}`, accountKey)
      }),
    isDifferent(user) {
      const [different, accountKey] = [store.meta(`different ${user}`), contacts.accountKeyOf(user)]
      return different !== null && accountKey !== null && equal(different, accountKey)
    },
    refuseChange(user) {
      if (!change(user, { changedList: null }, ({ changedList }) => changedList !== null)) throw noChange(user)
    },
    acceptChange: (user) =>
      store.transaction(() => {
        const changed = table.get(user)?.changedList
        if (!changed) throw noChange(user)
        change(user, { list: changed, changedList: null, verified: false })
        sessions.removeOf(user)
        heard.removeOf(user)
      }),
    accept(user) {
      // most of those who are written to have been before
      const standing = table.standing(user)
      if (!standing || standing.accepted) return
      store.transaction(() => {
        if (change(user, { accepted: true }, ({ accepted }) => !accepted)) receipts.oweEarlier(user)
      })
    },
    accountKeyOf(user) {
      const known = table.get(user)
      return known && accountKeyIn(known.list)
    },
    isChanged: (user) => table.standing(user)?.isChanged ?? false,
    isKnown: (user) => table.standing(user) !== null,
    blockedStrangers: () => readKnown(store).blockedStrangers,
    isBlocked: (user) => table.standing(user)?.blocked ?? readKnown(store).blockedStrangers.includes(user),
    setBlocked: (user, blocked) =>
      store.transaction(() => {
        if (change(user, { blocked })) return
        const { count, blockedStrangers } = readKnown(store)
        if (!blocked && !blockedStrangers.includes(user)) throw unknownContact(user)
        const others = blockedStrangers.filter((name) => name !== user)
        writeKnown(store, { count, blockedStrangers: blocked ? [...others, user] : others })
      }),
    lifetimeOf: (user) => table.get(user)?.lifetimeSeconds ?? lifetimeSaid(user),
    setLifetime(user, seconds) {
      if (!change(user, { lifetimeSeconds: seconds })) throw unknownContact(user)
    },
  }
  return contacts
}

export const unknownContact = (user: string) =>
  new ClientError('no-such-contact', `you have no contact called ${user}`, 'doormat contacts')
