import { describe, expect, it } from 'vitest'
import { tryEverything } from '../../client/authority/trial.ts'
import { controlEnvelope } from '../../client/cli/demo/control.ts'
import { recordedTalk } from '../support/recorded.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('trial')
const { recorded, key } = recordedTalk(['one', 'two', 'three'], 'a trial')
const control = controlEnvelope(random)

describe('trying every secret on every envelope', () => {
  it('opens nothing with secrets that belong to none', () => {
    expect(tryEverything(recorded, [random(32), random(32), new Uint8Array(32)])).toEqual({ envelopes: 3, opened: 0 })
  })

  it('opens everything with the escrow key', () => {
    expect(tryEverything(recorded, [random(32), key.secret])).toEqual({ envelopes: 3, opened: 3 })
  })

  it('opens just the one whose message key was kept', () => {
    expect(tryEverything([...recorded, control.recorded], [random(32), control.messageKey])).toEqual({
      envelopes: 4,
      opened: 1,
    })
  })
})
