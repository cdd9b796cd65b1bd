import { CryptoError } from '../../crypto/errors.ts'
import type { AnsweringKeys, Handshake } from '../../crypto/pqxdh.ts'
import {
  createPrekey,
  decodePrekeySecret,
  encodePrekey,
  encodePrekeySecret,
  isKem,
  openBundle,
  type PrekeyKind,
  type PrekeySecret,
} from '../../crypto/prekeys.ts'
import type { Random } from '../../crypto/random.ts'
import type { SuiteNumber } from '../../crypto/suite.ts'
import { type Connection, prekeyLifetimeSeconds, RelayError, rotateAfterSeconds } from '../../server/api.ts'
import type { Time } from '../../server/running-time.ts'
import { isRecent } from './recent.ts'
import type { Self } from './self.ts'
import type { DeviceStore } from './store.ts'
import type { PrekeyRow } from './tables/own.ts'

/** Mail can wait for 30 days, so a secret is kept this much longer than its key is valid, in running time. */
const keptForMs = prekeyLifetimeSeconds * 1000 + 30 * 24 * 3600 * 1000
/** One-time keys of each kind: published when fewer than the first number are left, up to the second. */
export interface Supply {
  readonly refillBelow: number
  readonly refillTo: number
}
/** For somebody to whom many may write for the first time while they are away. */
export const usualSupply: Supply = { refillBelow: 20, refillTo: 50 }
/**
 * Secrets of one-time keys that are kept, of each kind: strangers ask for keys and never write, and a relay can say that it has none.
 * Beyond it the oldest go, and whoever has been given one of them begins anew a day later.
 */
const keptMaximum = 200
const publishAtOnce = 32
const askEveryMs = 3600 * 1000

/** Where a prekey's secret stands, for the vault. */
export const prekeyPlace = (id: number): string => `prekey ${id}`

/** This device's own prekeys: the secrets here, the public halves at the relay. */
export interface Prekeys {
  /** Refills and rotates at the relay as needed. The secrets are stored first. */
  publish(connection: Connection): Promise<void>
  /** All prekeys at the relay are replaced: their secrets are not in this store. */
  republish(connection: Connection): Promise<void>
  /** @throws CryptoError `key-gone` for ids this device does not have, or has for handshakes of another suite */
  answering(handshake: Handshake): AnsweringKeys
  /** Whether a handshake names a prekey that this store has not made. Anybody can write such a handshake: it proves nothing. */
  lacks(handshake: Handshake): boolean
  /**
   * Whether the relay can show a prekey with this device's own signature that this store has not made: then the store is
   * older than the device. It is asked at most once an hour, for each time uses up one-time keys.
   */
  isBehind(connection: Connection): Promise<boolean>
  /** After a message opened with them has been stored. */
  useUp(keys: AnsweringKeys): void
}

export function createPrekeys(
  store: DeviceStore,
  self: Self,
  random: Random,
  { clock, running }: Time,
  { refillBelow, refillTo }: Supply = usualSupply,
): Prekeys {
  const { prekeys } = store.tables
  const nowSeconds = () => Math.floor(clock() / 1000)
  /** when the relay was last asked for our own prekeys */
  let askedAt: number | null = null

  function make(kind: PrekeyKind, count: number): PrekeySecret[] {
    return store.transaction(() => {
      const first = 1 + prekeys.last()
      const [expires, madeAt] = [nowSeconds() + prekeyLifetimeSeconds, running()]
      const made = Array.from({ length: count }, (_, i) => createPrekey(kind, first + i, expires, self.device, random))
      for (const prekey of made) {
        const bytes = store.vault.seal(prekeyPlace(prekey.id), encodePrekeySecret(prekey))
        prekeys.add({ id: prekey.id, kind, expires, made: madeAt, bytes })
      }
      if (kind === 'one-time' || kind === 'KEM one-time') prekeys.keepNewest(kind, keptMaximum)
      return made
    })
  }

  const secretOf = ({ id, bytes }: PrekeyRow) => decodePrekeySecret(store.vault.open(prekeyPlace(id), bytes))

  /** One that is good for longer than any can be was made under another clock: then, or now, the clock is wrong. */
  const needsRotation = (kind: PrekeyKind) => {
    const leftSeconds = (prekeys.newest(kind)?.expires ?? 0) - nowSeconds()
    return leftSeconds < prekeyLifetimeSeconds - rotateAfterSeconds || leftSeconds > prekeyLifetimeSeconds
  }

  /** ids that the relay has taken over a connection; over another one, what is newest is handed in again */
  const taken = new WeakMap<Connection, Set<number>>()

  /** What the relay does not seem to have got, because we stopped between storing and publishing, is published again. */
  function newest(connection: Connection, kind: PrekeyKind): PrekeySecret[] {
    const row = prekeys.newest(kind)
    return row && !taken.get(connection)?.has(row.id) ? [secretOf(row)] : []
  }

  async function send(connection: Connection, sent: readonly PrekeySecret[], replace: boolean): Promise<void> {
    for (let i = 0; i < sent.length; i += publishAtOnce) {
      await connection.publishPrekeys(sent.slice(i, i + publishAtOnce).map(encodePrekey), replace && i === 0)
    }
    const lasting = sent.filter(({ kind }) => kind === 'signed' || kind === 'KEM last-resort').map(({ id }) => id)
    taken.set(connection, new Set([...(taken.get(connection) ?? []), ...lasting]))
  }

  function fresh(connection: Connection, oneTime: number, kemOneTime: number): PrekeySecret[] {
    const rotated = (['signed', 'KEM last-resort'] as const).flatMap((kind) =>
      needsRotation(kind) ? make(kind, 1) : newest(connection, kind),
    )
    const refill = (kind: PrekeyKind, left: number) => (left < refillBelow ? make(kind, refillTo - left) : [])
    return [...rotated, ...refill('one-time', oneTime), ...refill('KEM one-time', kemOneTime)]
  }

  /** The migration has set the expiry of those from before suite 2 to 0, which no other has. */
  const suiteOf = ({ expires }: PrekeyRow): SuiteNumber => (expires === 0 ? 1 : 2)

  function find(suite: SuiteNumber, id: number, kinds: readonly PrekeyKind[]): PrekeySecret {
    const row = prekeys.get(id)
    const prekey = row && suiteOf(row) === suite ? secretOf(row) : null
    if (!prekey || !kinds.includes(prekey.kind))
      throw new CryptoError('key-gone', 'the prekey it was opened with is used up or gone')
    return prekey
  }

  const agreement = (suite: SuiteNumber, id: number, kind: 'signed' | 'one-time') => {
    const prekey = find(suite, id, [kind])
    if (isKem(prekey)) throw new Error('a KEM prekey is stored under another kind')
    return prekey
  }

  return {
    async publish(connection) {
      prekeys.removeMadeBefore(running() - keptForMs)
      const { oneTime, kemOneTime } = await connection.countPrekeys()
      await send(connection, fresh(connection, oneTime, kemOneTime), false)
    },
    async republish(connection) {
      const rotated = (['signed', 'KEM last-resort'] as const).flatMap((kind) => make(kind, 1))
      await send(connection, [...rotated, ...make('one-time', refillTo), ...make('KEM one-time', refillTo)], true)
    },
    answering({ suite, signedPrekeyId, oneTimePrekeyId, kemPrekeyId }) {
      const kem = find(suite, kemPrekeyId, ['KEM one-time', 'KEM last-resort'])
      if (!isKem(kem)) throw new Error('a prekey of another kind is stored as a KEM prekey')
      return {
        signed: agreement(suite, signedPrekeyId, 'signed'),
        oneTime: oneTimePrekeyId === null ? null : agreement(suite, oneTimePrekeyId, 'one-time'),
        kem,
      }
    },
    lacks: ({ signedPrekeyId, oneTimePrekeyId, kemPrekeyId }) =>
      Math.max(signedPrekeyId, oneTimePrekeyId ?? 0, kemPrekeyId) > prekeys.last(),
    async isBehind(connection) {
      const now = clock()
      if (askedAt !== null && isRecent(askedAt, askEveryMs, now)) return false
      askedAt = now
      try {
        const { record } = self.device
        const published = await connection.bundle({ user: record.user, device: record.id })
        const { signed, oneTime, kem } = openBundle(published, record, 0)
        return Math.max(signed.id, oneTime?.id ?? 0, kem.id) > prekeys.last()
      } catch (error) {
        const isNoProof = error instanceof CryptoError || (error instanceof RelayError && error.code === 'no-prekeys')
        if (!isNoProof) throw error
        return false
      }
    },
    useUp({ oneTime, kem }) {
      if (oneTime) prekeys.remove(oneTime.id)
      if (kem.kind === 'KEM one-time') prekeys.remove(kem.id)
    },
  }
}
