import { equal, hex } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { type DeviceList, isSameDevice } from '../../crypto/identity.ts'
import type { AgreementKey, DeviceId } from '../../crypto/keys.ts'
import { bySendingOrder, decodeSession, encodeSession, type Session } from '../../crypto/session.ts'
import type { DeviceStore } from './store.ts'
import type { SessionRow } from './tables/people.ts'

/** How many sessions with one device are kept: the one to send with, and others that mail may still come on. */
const sessionsLimit = 4

/** The sessions of this device, always read from the store and written back in the transaction of the step they take. */
export interface Sessions {
  /** in sending order, retired ones last */
  with(user: string, device: DeviceId): readonly Session[]
  /** null when there is none to send with */
  toSendWith(user: string, device: DeviceId): Session | null
  /** A new one, which ends those with other keys under the same id; the last in sending order beyond the limit goes. */
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
  const { sessions } = store.tables

  const load = (user: string, device: DeviceId) =>
    sessions
      .with(user, device)
      .map((row) => ({ retired: row.retired, session: sessionIn(store, row) }))
      .sort((one, other) => Number(one.retired) - Number(other.retired) || bySendingOrder(one.session, other.session))

  const sealed = (session: Session) => store.vault.seal(sessionPlace(session.ephemeralKey), encodeSession(session))

  const all = (user: string, device: DeviceId) => load(user, device).map(({ session }) => session)

  const toSendWith = (user: string, device: DeviceId) =>
    load(user, device).find(({ retired }) => !retired)?.session ?? null

  return {
    with: all,
    toSendWith,
    add(session) {
      const { user, id } = session.theirs
      for (const known of all(user, id)) if (!isSameDevice(known.theirs, session.theirs)) sessions.remove(nameOf(known))
      sessions.add({ ...nameOf(session), retired: false, bytes: sealed(session) })
      for (const known of all(user, id).slice(sessionsLimit)) sessions.remove(nameOf(known))
    },
    put: (session) => sessions.setBytes(nameOf(session), sealed(session)),
    nextStart(user, device, now) {
      const last = Math.max(...all(user, device).map(({ startedAt }) => startedAt))
      // somebody may have named the last moment there is: then the greater ephemeral key has to decide
      return Math.max(now, Math.min(last, Number.MAX_SAFE_INTEGER - 1) + 1)
    },
    retire: (user, device) => sessions.retire(user, device),
    retireAll: () => sessions.retireAll(),
  }
}

const nameOf = ({ theirs: { user, id }, ephemeralKey }: Session) => ({ user, device: id, ephemeral: ephemeralKey })

/** Ends the sessions with devices of somebody that a list does not have, or has with other keys. */
export function endOtherSessions(store: DeviceStore, { user, devices }: DeviceList): void {
  const { sessions } = store.tables
  for (const row of sessions.of(user)) {
    const { theirs } = sessionIn(store, row)
    if (!devices.some((device) => isSameDevice(device, theirs))) sessions.remove(row)
  }
}

/** A row says whose session it is, and the session itself knows. @throws CryptoError `not-authentic` */
function sessionIn({ vault }: DeviceStore, { user, device, ephemeral, bytes }: SessionRow): Session {
  const session = decodeSession(vault.open(sessionPlace(ephemeral), bytes))
  const { theirs } = session
  if (theirs.user !== user || !equal(theirs.id, device))
    throw new CryptoError('not-authentic', 'the store on disk has been changed')
  return session
}

/** The ephemeral key names the session, and its record the person: no session opens in another's place. */
export const sessionPlace = (ephemeral: AgreementKey): string => `session ${hex(ephemeral)}`
