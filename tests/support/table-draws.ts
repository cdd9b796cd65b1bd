import type { MessageState } from '../../client/device/history-kinds.ts'
import type { Tables } from '../../client/device/tables/tables.ts'
import type { AgreementKey, DeviceId } from '../../crypto/keys.ts'
import type { Random } from '../../crypto/random.ts'
import { below } from './random.ts'

/** Draws what is to be asked of tables, or done to them: the same of all tables that it is given to. */
export type Made = () => (tables: Tables) => unknown

export const given =
  <T>(draw: () => T, on: (tables: Tables, drawn: T) => unknown): Made =>
  () => {
    const drawn = draw()
    return (tables) => on(tables, drawn)
  }

const users = ['alice', 'bob', 'carol', 'dave']
const states: readonly MessageState[] = [
  'uploading',
  'waiting',
  'sealed',
  'sent',
  'delivered',
  'read',
  'failed',
  'received',
]

/** Few people, devices and numbers, so that they meet. */
export function drawsFrom(random: Random) {
  const upTo = (limit: number) => below(limit, random)
  const one = <T>(of: readonly T[]): T => of[upTo(of.length)] as T
  const user = () => one(users)
  const key = <T extends Uint8Array>() => new Uint8Array(32).fill(250 + upTo(6)) as T
  const bytes = () => random(upTo(40))
  const bytesOrNull = () => (upTo(2) ? bytes() : null)
  const flag = () => upTo(2) === 1
  const address = () => ({ user: user(), device: key<DeviceId>() })
  const session = () => ({ ...address(), ephemeral: key<AgreementKey>() })
  const kind = () => one(['signed', 'one-time', 'KEM one-time', 'KEM last-resort'] as const)
  const status = () => one(['delivered', 'read'] as const)
  const id = () => `m${upTo(5)}`
  const idOrNull = () => (upTo(3) ? id() : null)
  const row = () => 1 + upTo(30)
  const time = () => 100 + upTo(40)
  const state = () => one(states)

  return {
    upTo,
    one,
    user,
    key,
    bytes,
    bytesOrNull,
    flag,
    address,
    session,
    kind,
    status,
    id,
    idOrNull,
    row,
    time,
    state,
  }
}

export type Draws = ReturnType<typeof drawsFrom>
