import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { withoutDevice } from '../../crypto/linking.ts'
import type { DeviceId } from '../../crypto/keys.ts'
import { createMailboxes } from '../../server/mailbox.ts'
import { openMemoryStore } from '../../server/store/memory-store.ts'
import type { Store } from '../../server/store/store.ts'
import { few } from '../support/long.ts'
import { accountOf } from '../support/relay-account.ts'
import { seededRandom } from '../support/random.ts'
import { faultyDisk, inProcess, postOffice, signIn } from '../support/relay.ts'
import { numbers, slowly, untilTrue } from '../support/slow-store.ts'
import { enroll, sizesIn } from '../support/stored.ts'

/** Commits that take as long as they are told to. */
function withSlowCommits() {
  const state = { ms: 0 }
  const around = (store: Store): Store => ({
    ...store,
    async commit(batch) {
      await sleep(state.ms)
      return store.commit(batch)
    },
  })
  return { state, around }
}

describe('what is acknowledged', () => {
  it('goes by itself, also when a commit is under way as its time comes', async () => {
    const { state, around } = withSlowCommits()
    const { relay, alice, bob, toBob, store, rowOf } = await postOffice('under way', inProcess, { around })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    await alices.connection.submit(toBob(1, 'one'))
    await bobs.delivered(1)
    state.ms = 200
    const second = alices.connection.submit(toBob(2, 'two'))
    await sleep(20)
    await bobs.connection.acknowledge(1)
    await second
    state.ms = 0
    await bobs.delivered(2)
    await bobs.connection.acknowledge(2)
    const row = await rowOf(bob)
    await untilTrue(async () => (await sizesIn(store, row)).length === 0)
  })

  it('goes in the end where the disk was full, though nobody comes', async () => {
    const disk = faultyDisk()
    const office = await postOffice('full, and nobody comes', inProcess, { around: disk.around })
    const { relay, alice, bob, toBob, store, rowOf } = office
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    await alices.connection.submit(toBob(1, 'one'))
    await bobs.delivered(1)
    disk.full = true
    const { commits, attempts } = disk
    await bobs.connection.acknowledge(1)
    await untilTrue(() => disk.attempts > attempts)
    disk.full = false
    expect(await sizesIn(store, await rowOf(bob))).toHaveLength(1)
    await untilTrue(() => disk.commits > commits)
    expect(await sizesIn(store, await rowOf(bob))).toEqual([])
  })

  it('does not come again to a connection that is made while it is being committed', async () => {
    const { state, around } = withSlowCommits()
    const { relay, alice, bob, toBob } = await postOffice('again', inProcess, { around })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    await alices.connection.submit(toBob(1, 'one'))
    await bobs.delivered(1)
    state.ms = 100
    await bobs.connection.acknowledge(1)
    // its time has come, and it is on its way to the disk
    await sleep(80)
    bobs.connection.close()
    const again = await signIn(relay, bob)
    state.ms = 0
    await again.settled()
    await again.settled()
    expect(again.mail).toEqual([])
  })
})

describe('what is acknowledged while a commit without it is under way', () => {
  it('does not come again to a connection that is made then; what that commit holds comes', async () => {
    const { state, around } = withSlowCommits()
    const { relay, alice, bob, toBob } = await postOffice('without it', inProcess, { around })
    const [alices, bobs] = [await signIn(relay, alice), await signIn(relay, bob)]
    await alices.connection.submit(toBob(1, 'one'))
    await bobs.delivered(1)
    state.ms = 100
    const second = alices.connection.submit(toBob(2, 'two'))
    // it is on its way to the disk
    await sleep(30)
    await bobs.connection.acknowledge(1)
    bobs.connection.close()
    const again = await signIn(relay, bob)
    await second
    state.ms = 0
    await again.delivered(1)
    await again.settled()
    expect(again.mail.map(({ sequence }) => sequence)).toEqual([2])
  })
})

/** Mailboxes of one device that writes to itself. */
async function alone(admit: () => void, around = (store: Store) => store) {
  const store = openMemoryStore()
  const device = seededRandom('alone')(32) as DeviceId
  await enroll(store, 'alice', [device])
  const address = { user: 'alice', device }
  const { alice } = await postOffice('an envelope')
  const envelope = alice.send('hello')
  const policy = { head: () => ({ policy: { epoch: 1 } }), admit }
  const faults: unknown[] = []
  const mailboxes = createMailboxes(
    around(store),
    policy as never,
    null,
    { clock: () => 0, running: () => 0 },
    (fault) => faults.push(fault),
  )
  const told: unknown[] = []
  const post = (counter: number, tell: (fault: unknown) => void = (fault) => void told.push(fault)) =>
    mailboxes.post(address, { to: address, counter, envelope }, tell)
  return { mailboxes, faults, told, post }
}

describe('something unforeseen', () => {
  it('while one envelope is judged, or told of, is that sender’s alone', async () => {
    let judged = 0
    const { mailboxes, faults, told, post } = await alone(() => {
      judged += 1
      if (judged === 1) throw new TypeError('unforeseen')
    })
    post(1)
    post(1, () => {
      throw new Error('whoever is told fails')
    })
    post(2)
    await mailboxes.settle()
    expect(told).toEqual([new TypeError('unforeseen'), null])
    expect(faults).toEqual([new Error('whoever is told fails')])
    post(3)
    await mailboxes.settle()
    expect(told).toEqual([new TypeError('unforeseen'), null, null])
  })
})

describe('very many at once', () => {
  it('are committed 512 at first, before anybody else is heard, and then the rest', async () => {
    const sizes: number[] = []
    const { mailboxes, told, post } = await alone(
      () => undefined,
      (store) => ({
        ...store,
        commit(batch) {
          sizes.push(batch.postings.length)
          return store.commit(batch)
        },
      }),
    )
    for (let counter = 1; counter <= 1200; counter++) post(counter)
    expect(sizes).toEqual([512])
    await mailboxes.settle()
    await new Promise(setImmediate)
    expect(sizes).toEqual([512, 688])
    expect(told).toEqual(Array.from({ length: 1200 }, () => null))
  })
})

describe('old mail', () => {
  it('goes in portions, and others come in between', async () => {
    const portions: number[] = []
    const left = { old: 2500 }
    let turns = 0
    const { mailboxes, told, post } = await alone(
      () => undefined,
      (store) => ({
        ...store,
        async expireMail(_before, most) {
          // somebody hands something in with each of them
          post(++turns)
          const gone = Math.min(most, left.old)
          left.old -= gone
          portions.push(gone)
          expect(told).toHaveLength(turns - 1)
          return gone
        },
      }),
    )
    expect(await mailboxes.expire()).toBe(2500)
    expect(portions).toEqual([1000, 1000, 500])
  })
})

describe('a store that takes its time', () => {
  it.each(few([1, 2, 3, 4, 5, 6], 2))(
    'has each connection given each message once and in order, and all arrive (seed %i)',
    async (seed) => {
      const drawn = numbers(seed)
      const around = slowly(drawn, 4)
      const { relay, alice, bob, toBob, local } = await postOffice(`slow ${seed}`, inProcess, { around })
      const alices = await signIn(relay, alice)
      const ears: Awaited<ReturnType<typeof signIn>>[] = []
      const open = new Set<(typeof ears)[number]>()
      const any = () => [...open][drawn(open.size)]
      const submitted: Promise<void>[] = []
      for (let step = 0; step < 80; step++) {
        const what = drawn(10)
        if (what < 5) {
          const counter = submitted.length + 1
          submitted.push(alices.connection.submit(toBob(counter, `number ${counter}`)))
        } else if (what === 5 && open.size < 3) {
          const ear = await signIn(relay, bob)
          ears.push(ear)
          open.add(ear)
        } else if (what === 6) {
          const ear = any()
          ear?.connection.close()
          if (ear) open.delete(ear)
        } else {
          const ear = any()
          const mail = ear?.mail[drawn(ear.mail.length)]
          if (mail) await ear?.connection.acknowledge(mail.sequence)
        }
        await sleep(drawn(4))
      }
      await Promise.all(submitted)
      for (const ear of open) ear.connection.close()
      await local.settle()
      const last = await signIn(relay, bob)
      ears.push(last)
      const seen = () => new Set(ears.flatMap(({ mail }) => mail.map(({ sequence }) => sequence)))
      await untilTrue(() => seen().size === submitted.length)
      for (const { mail } of ears) {
        const sequences = mail.map(({ sequence }) => sequence)
        expect(sequences).toEqual([...new Set(sequences)].toSorted((one, other) => one - other))
      }
    },
  )

  it('lets in no device that is removed while it connects', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const drawn = numbers(seed * 77)
      const { relay } = await postOffice(`removed ${seed}`, inProcess, { around: slowly(drawn, 5) })
      const account = accountOf('carol', 2, seededRandom(`carol ${seed}`))
      await relay.register(account.signedList)
      const carol = account.device(0)
      const connecting = signIn(relay, carol).catch((error: unknown) => error)
      await sleep(drawn(20))
      await relay.register(withoutDevice(account.signedList, carol.device.record.id, account.accountSecret))
      const came = await connecting
      if (came instanceof Error) continue
      const ear = came as Awaited<ReturnType<typeof signIn>>
      expect(await ear.over()).toMatchObject({ code: 'unknown-device' })
    }
  })
})
