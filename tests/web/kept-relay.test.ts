import { expect, it } from 'vitest'
import { keptRelay } from '../../client/web/device/kept-relay.ts'
import type { Connection, Relay } from '../../server/api.ts'

it('lets nothing that others hear of leave before it is kept, and everything else at once', async () => {
  const said: string[] = []
  const release: (() => void)[] = []
  const settled = () => new Promise<void>((resolve) => release.push(resolve))
  const connection: Connection = {
    publishPrekeys: async () => void said.push('publishPrekeys'),
    countPrekeys: async () => (said.push('countPrekeys'), { oneTime: 0, kemOneTime: 0 }),
    devices: async () => (said.push('devices'), new Uint8Array()),
    bundle: async () => (said.push('bundle'), new Uint8Array()),
    sent: async () => (said.push('sent'), []),
    reserveBlob: async () => void said.push('reserveBlob'),
    removeBlob: async () => void said.push('removeBlob'),
    reserveLink: async () => void said.push('reserveLink'),
    submit: async () => void said.push('submit'),
    acknowledge: async () => void said.push('acknowledge'),
    close: () => void said.push('close'),
  }
  const never = async (): Promise<never> => {
    throw new Error('not asked here')
  }
  const unused = {
    policyKey: never,
    vouch: never,
    readNote: never,
    returnPolicy: never,
    access: never,
    switchAccess: never,
    installTap: never,
    blob: never,
    putBlob: never,
    readBlob: never,
  }
  const relay: Relay = {
    ...unused,
    register: async () => void said.push('register'),
    leaveNote: async () => void said.push('leaveNote'),
    policies: async () => (said.push('policies'), []),
    connect: async () => connection,
  }
  const kept = keptRelay(relay, settled)
  const line = await kept.connect(
    () => {
      throw new Error('not asked here')
    },
    { ready() {}, deliver() {}, policy() {}, closed() {} },
  )
  const nothing = new Uint8Array()
  const waiting = [
    kept.register(nothing),
    kept.leaveNote(nothing as never, 1, nothing),
    line.publishPrekeys([], false),
    line.submit({ to: { user: 'bob', device: nothing as never }, counter: 1, envelope: nothing }),
    line.acknowledge(1),
  ]
  await Promise.all([kept.policies(0), line.countPrekeys(), line.devices('bob'), line.sent()])
  expect(said).toEqual(['policies', 'countPrekeys', 'devices', 'sent'])
  for (const go of release) go()
  await Promise.all(waiting)
  expect(said.slice(4).sort()).toEqual(['acknowledge', 'leaveNote', 'publishPrekeys', 'register', 'submit'])
})
