import { spawnSync } from 'node:child_process'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLease } from '../../client/device/lease.ts'
import { relayAt } from '../../client/node/relay.ts'
import { buildApp } from '../../server/app.ts'
import { command, program } from '../support/program.ts'
import { createWorld } from '../support/world.ts'

/** Alice and Bob at a relay that other processes reach too. */
async function reachable(seed: string) {
  const world = await createWorld(seed)
  const app = await buildApp(world.relay, pino({ level: 'silent' }))
  const relayUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  const [alice, bob] = [await world.join('alice', { relayUrl }), await world.join('bob', { relayUrl })]
  onTestFinished(async () => {
    await Promise.all([alice.goOffline(), bob.goOffline()])
    await app.close()
  })
  return { relay: relayAt(relayUrl), alice, bob }
}

describe('two processes with one device', () => {
  it('share one connection, both see everything, and the one left takes over', async () => {
    const { relay, alice, bob } = await reachable('two processes')
    await Promise.all([alice.goOnline(relay), bob.goOnline(relay)])
    await alice.goOffline()
    const other = program(['listen', '--json', '--home', alice.home])
    onTestFinished(() => void other.kill())
    bob.write('alice', 'are you there?')
    await other.line('are you there?')

    alice.tryToGoOnline(relay)
    await alice.until('to leave it to the other', () => alice.online.state === 'elsewhere')
    await alice.tell(bob, 'sent by the other process')
    await alice.untilSent('bob')
    await bob.tell(alice, 'received by the other process')
    await other.line('received by the other process')
    expect(alice.online.state).toBe('elsewhere')

    expect(await other.kill('SIGINT')).toBe(0)
    await alice.until('to take over', () => alice.online.state === 'online')
    await alice.tell(bob, 'sent by this process')
    await command(['send', 'bob', 'written by a third', '--home', alice.home])
    await bob.untilRead('alice', 'written by a third')
    expect(alice.online.state).toBe('online')
    expect(bob.texts('alice')).toEqual(['sent by the other process', 'sent by this process', 'written by a third'])
    expect(alice.texts('bob')).toEqual(['are you there?', 'received by the other process'])
  })
})

describe('a lease', () => {
  const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid

  async function leaseHeldBy(pid: number, expiresIn: number) {
    const world = await createWorld('a lease')
    const { store } = (await world.join('alice')).device
    store.tables.lease.set({ holder: pid, expires: world.clock() + expiresIn })
    return { world, store, lease: createLease(store, world.clock) }
  }

  it('of another living process is respected until it expires', async () => {
    const { world, lease } = await leaseHeldBy(process.ppid, 10_000)
    expect(lease.take()).toBe(false)
    world.later(9_000)
    expect(lease.take()).toBe(false)
    world.later(1_001)
    expect(lease.take()).toBe(true)
  })

  it('of a dead process is taken at once', async () => {
    const { lease, store } = await leaseHeldBy(deadPid(), 10_000)
    expect(lease.take()).toBe(true)
    expect(store.tables.lease.get()?.holder).toBe(process.pid)
  })

  it('is given back by its holder only', async () => {
    const { lease, store } = await leaseHeldBy(process.ppid, 10_000)
    lease.release()
    expect(store.tables.lease.get()?.holder).toBe(process.ppid)
    store.tables.lease.clear()
    lease.take()
    lease.release()
    expect(store.tables.lease.get()).toBeNull()
  })

  it('is lost by a process that slept too long, and left to who has it then', async () => {
    const { world, lease, store } = await leaseHeldBy(deadPid(), 0)
    expect(lease.take()).toBe(true)
    store.tables.lease.set({ holder: process.ppid, expires: world.clock() + 10_000 })
    expect(lease.take()).toBe(false)
  })
})
