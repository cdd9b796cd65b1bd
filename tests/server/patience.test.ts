import { expect, describe, it } from 'vitest'
import { middle } from '../../crypto/access/key-substitution.ts'
import type { BlobId } from '../../crypto/attachment.ts'
import { createAccount } from '../../crypto/identity.ts'
import { openBundle } from '../../crypto/prekeys.ts'
import type { Store } from '../../server/store/store.ts'
import { seededRandom } from '../support/random.ts'
import {
  addressOf,
  answerTo,
  inProcess,
  operatorToken,
  type PostOffice,
  postOffice,
  publish,
  signIn,
} from '../support/relay.ts'
import { untilTrue } from '../support/slow-store.ts'

/* A relay whose store another program holds for a while: reading works, and writing does not. */

const writesOfBlobs = ['reserveBlob', 'growBlob', 'removeBlob', 'expireBlobs']
const writes = new Set(['register', 'publishPrekeys', 'takeBundle', 'addPolicy', 'expireMail', ...writesOfBlobs])

function holding() {
  const state = { isHeld: false, asked: [] as string[] }
  const around = (kept: Store): Store =>
    new Proxy(kept, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...asked: unknown[]) => unknown
        return async (...asked: unknown[]) => {
          if (!state.isHeld) return method(...asked)
          state.asked.push(String(name))
          if (!writes.has(String(name))) return method(...asked)
          throw Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 })
        }
      },
    })
  return { state, around }
}

const liar = seededRandom('impostors')(32)
/** reserved by Alice */
const blob = seededRandom('a blob')(32) as BlobId
type Ask = (office: PostOffice, connection: Awaited<ReturnType<typeof signIn>>['connection']) => Promise<unknown>

const asked: readonly (readonly [string, string, Ask])[] = [
  ['a publication', 'publishPrekeys', ({ alice }, connection) => publish(connection, alice)],
  ['a bundle', 'takeBundle', ({ bob }, connection) => connection.bundle(addressOf(bob))],
  ['a registration', 'register', ({ relay }) => relay.register(createAccount('carol', seededRandom('c')).signedList)],
  ['a switch', 'addPolicy', ({ relay }) => relay.switchAccess(operatorToken, 'none', new Uint8Array())],
  ['old mail', 'expireMail', ({ local }) => local.expire()],
  ['a new file', 'reserveBlob', ({ random }, connection) => connection.reserveBlob(random(32) as BlobId, 10)],
  ['a part of a file', 'growBlob', ({ relay }) => relay.putBlob(blob, 0, new Uint8Array(10))],
  ['the removal of a file', 'removeBlob', (_office, connection) => connection.removeBlob(blob)],
  [
    'a list with impostors',
    'register',
    async ({ local }, connection) => {
      await local.install((line) => middle(liar, [], false, line))
      return connection.devices('bob')
    },
  ],
]

describe('while another program holds the store', () => {
  it.each(asked)('%s waits with its write alone: nothing before that is done again', async (_what, write, ask) => {
    const { state, around } = holding()
    const office = await postOffice('held', inProcess, { around })
    const [alices, bobs] = [await signIn(office.relay, office.alice), await signIn(office.relay, office.bob)]
    await publish(bobs.connection, office.bob)
    await alices.connection.reserveBlob(blob, 10)
    state.isHeld = true
    let isOver = false
    const answer = answerTo(ask(office, alices.connection)).finally(() => (isOver = true))
    await untilTrue(() => isOver || state.asked.filter((name) => name === write).length >= 4)
    state.isHeld = false
    expect(new Set(state.asked.slice(state.asked.indexOf(write)))).toEqual(new Set([write]))
    expect(await answer).toBe('done')
  })

  it('a bundle costs one bundle with one-time keys, and has them', async () => {
    const { state, around } = holding()
    const limits = { freshBundlesForOne: { burst: 2, perSecond: 0 } }
    const { relay, alice, bob } = await postOffice('one of two', inProcess, { around, limits })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    await publish(bobs.connection, bob)
    state.isHeld = true
    const waiting = alices.connection.bundle(addressOf(bob))
    await untilTrue(() => state.asked.filter((name) => name === 'takeBundle').length >= 10)
    state.isHeld = false
    const isFresh = (bundle: Uint8Array) => openBundle(bundle, bob.device.record, 1).oneTime !== null
    expect(isFresh(await waiting)).toBe(true)
    await publish(bobs.connection, bob)
    expect(isFresh(await alices.connection.bundle(addressOf(bob)))).toBe(true)
    expect(isFresh(await alices.connection.bundle(addressOf(bob)))).toBe(false)
  })

  it('two switches wait as long as one: whoever comes next in turn has waited already', async () => {
    const { state, around } = holding()
    const { relay } = await postOffice('two switches', inProcess, { around })
    state.isHeld = true
    const change = () => relay.switchAccess(operatorToken, 'none', new Uint8Array())
    let attempts = 0
    const first = change().catch(() => (attempts = state.asked.length))
    await Promise.allSettled([first, change()])
    expect(state.asked.length - attempts).toBeLessThanOrEqual(1)
  })
})
