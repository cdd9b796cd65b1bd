import { equal, hex } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/errors.ts'
import type { AgreementKey, DeviceId } from '../crypto/keys.ts'
import { bySendingOrder, decodeSession, encodeSession, type Session } from '../crypto/session.ts'
import { bytesOf, type DeviceStore, type Row } from './store.ts'

/** How many sessions with one device are kept: the one to send with, and others that mail may still come on. */
const sessionsLimit = 4

/** The sessions of this device, always read from the store and written back in the transaction of the step they take. */
export interface Sessions {
  /** in sending order, retired ones last */
  with(user: string, device: DeviceId): readonly Session[]
  /** whether there is one to send with */
  has(user: string, device: DeviceId): boolean
  /** null when there is none to send with */
  toSendWith(user: string, device: DeviceId): Session | null
  /** A new one; the last in sending order beyond the limit goes. */
  add(session: Session): void
  /** The next state of one that is there. */
  put(session: Session): void
  /** milliseconds, above the start of any session known with this device */
  nextStart(user: string, device: DeviceId, now: number): number
  /** None of the sessions is sent with any more; mail may still come on them. */
  retire(user: string, device: DeviceId): void
  retireAll(): void
}

export function createSessions(store: DeviceStore): Sessions {
  /** A row says whose session it is, and the session itself knows. @throws CryptoError `not-authentic` */
  function sessionIn(row: Row, user: string, device: DeviceId): Session {
    const session = decodeSession(store.vault.open(sessionPlace(bytesOf(row['ephemeral'])), bytesOf(row['bytes'])))
    const { theirs } = session
    if (theirs.user !== user || !equal(theirs.id, device))
      throw new CryptoError('not-authentic', 'the store on disk has been changed')
    return session
  }

  const load = (user: string, device: DeviceId) =>
    store
      .all('SELECT ephemeral, retired, bytes FROM session WHERE user = ? AND device = ?', user, device)
      .map((row) => ({ retired: Number(row['retired']), session: sessionIn(row, user, device) }))
      .sort((one, other) => one.retired - other.retired || bySendingOrder(one.session, other.session))

  const sealed = (session: Session) => store.vault.seal(sessionPlace(session.ephemeralKey), encodeSession(session))

  const all = (user: string, device: DeviceId) => load(user, device).map(({ session }) => session)

  return {
    with: all,
    has: (user, device) =>
      store.get('SELECT 1 FROM session WHERE user = ? AND device = ? AND retired = 0', user, device) !== null,
    toSendWith: (user, device) => load(user, device).find(({ retired }) => !retired)?.session ?? null,
    add(session) {
      const { user, id } = session.theirs
      store.run(
        'INSERT INTO session (user, device, ephemeral, bytes) VALUES (?, ?, ?, ?)',
        user,
        id,
        session.ephemeralKey,
        sealed(session),
      )
      for (const { ephemeralKey } of all(user, id).slice(sessionsLimit)) {
        store.run('DELETE FROM session WHERE user = ? AND device = ? AND ephemeral = ?', user, id, ephemeralKey)
      }
    },
    put(session) {
      const { user, id } = session.theirs
      store.run(
        'UPDATE session SET bytes = ? WHERE user = ? AND device = ? AND ephemeral = ?',
        sealed(session),
        user,
        id,
        session.ephemeralKey,
      )
    },
    nextStart(user, device, now) {
      const last = Math.max(...all(user, device).map(({ startedAt }) => startedAt))
      // somebody may have named the last moment there is: then the greater ephemeral key has to decide
      return Math.max(now, Math.min(last, Number.MAX_SAFE_INTEGER - 1) + 1)
    },
    retire: (user, device) =>
      void store.run('UPDATE session SET retired = 1 WHERE user = ? AND device = ?', user, device),
    retireAll: () => void store.run('UPDATE session SET retired = 1'),
  }
}

/** The ephemeral key names the session, and its record the person: no session opens in another's place. */
export const sessionPlace = (ephemeral: AgreementKey): string => `session ${hex(ephemeral)}`
