import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keySizeBytes, type DeviceId, signatureSizeBytes } from '../../crypto/keys.ts'
import type { Network, SocketEar } from '../../client/device/network.ts'
import { relayOver } from '../../client/device/relay.ts'
import { toJson } from '../../server/api.ts'

const nobody = {
  user: 'alice',
  id: new Uint8Array(keySizeBytes) as DeviceId,
  signature: new Uint8Array(signatureSizeBytes),
}
const deaf = { ready: () => undefined, deliver: () => undefined, policy: () => undefined, closed: () => undefined }

/** A connection that a relay has taken, over a network of this test's own. */
async function connected(hearsPings: boolean) {
  const sent: string[] = []
  const ended: string[] = []
  let ear: SocketEar | null = null
  const network: Network = {
    hearsPings,
    exchange: () => Promise.reject(new Error('nothing is asked here')),
    open(_address, heard) {
      ear = heard
      const end = (how: string) => () => {
        ended.push(how)
        heard.closed(null)
      }
      return {
        isOpen: true,
        send: (frame) => void sent.push(String(frame)),
        close: end('close'),
        terminate: end('terminate'),
      }
    },
  }
  const connecting = relayOver(network, 'http://127.0.0.1:1').connect(() => nobody, deaf)
  const says = (frame: object) => ear?.text(toJson(frame))
  says({ type: 'challenge', policyKey: new Uint8Array(keySizeBytes), challenge: new Uint8Array(32) })
  says({ type: 'ready' })
  return { connection: await connecting, sent, ended, says }
}

const kinds = (sent: readonly string[]) => sent.map((frame) => (JSON.parse(frame) as { type: string }).type)

describe('a connection', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('asks for a sign of life where pings are not heard, and stays while there is one', async () => {
    const { sent, ended, says } = await connected(false)
    for (let i = 1; i <= 5; i++) {
      vi.advanceTimersByTime(30_000)
      expect(kinds(sent).filter((kind) => kind === 'count-prekeys')).toHaveLength(i)
      says({ type: 'prekey-counts', ref: i, oneTime: 50, kemOneTime: 50 })
    }
    expect(ended).toEqual([])
  })

  it('asks for none where they are, and ends when nothing is heard', async () => {
    const { sent, ended } = await connected(true)
    vi.advanceTimersByTime(74_000)
    expect([kinds(sent), ended]).toEqual([['authenticate'], []])
    vi.advanceTimersByTime(2_000)
    expect(ended).toEqual(['terminate'])
  })

  it('is left at once where the relay says goodbye too, and keeps no timer', async () => {
    const { connection, ended } = await connected(false)
    connection.close()
    expect(ended).toEqual(['close'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
