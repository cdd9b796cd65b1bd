import { describe, expect, it } from 'vitest'
import { within } from '../../crypto/arena.ts'
import { concat } from '../../crypto/bytes.ts'
import { derive, type Label, labels, labelsOfSuite1 } from '../../crypto/kdf.ts'
import { type ChainKey, type Digest, keyAt, putKey, type RootKey } from '../../crypto/keys.ts'
import { suite1 } from '../../crypto/suite-1.ts'
import { suite2 } from '../../crypto/suite-2.ts'
import type { RootSecret, Suite } from '../../crypto/suite.ts'
import { seededRandom } from '../support/random.ts'

const random = seededRandom('suites')
const chainKey = random(32) as ChainKey
const [rootKey, shared] = [random(32) as RootKey, random(32)]
const halves = (label: Label, key: Uint8Array, parts: readonly Uint8Array[] = []) => {
  const pair = derive<Uint8Array>(label, key, parts, 64)
  return [pair.slice(0, 32), pair.slice(32)]
}
const bodyKeys = (suite: Suite, messageKey: Uint8Array) =>
  within(() => {
    const { encryptionKey, commitmentKey } = suite.bodyKeysAt(putKey(messageKey))
    return [keyAt(encryptionKey), keyAt(commitmentKey)]
  })

describe('suite 2', () => {
  it('makes two keys at once of a root, a chain and a message, and the next header key alone', () => {
    const step = suite2.stepRoot(rootKey, shared)
    expect([step.rootKey, step.chainKey]).toEqual(halves(labels.rootStep, rootKey, [shared]))
    expect(step.nextHeaderKey).toEqual(derive(labels.nextHeaderKey, rootKey, [shared]))
    const { chainKey: next, messageKey } = suite2.stepChain(chainKey)
    expect([next, messageKey]).toEqual(halves(labels.chainStep, chainKey))
    expect(bodyKeys(suite2, messageKey)).toEqual(halves(labels.messageKeys, messageKey))
  })
})

describe('suite 1', () => {
  it('makes each key by a derivation of its own', () => {
    const { nextRootKey, firstChainKey, nextHeaderKey, nextChainKey, messageKey } = labelsOfSuite1
    expect(suite1.stepRoot(rootKey, shared)).toEqual({
      rootKey: derive(nextRootKey, rootKey, [shared]),
      chainKey: derive(firstChainKey, rootKey, [shared]),
      nextHeaderKey: derive(nextHeaderKey, rootKey, [shared]),
    })
    expect(suite1.stepChain(chainKey)).toEqual({
      chainKey: derive(nextChainKey, chainKey),
      messageKey: derive(messageKey, chainKey),
    })
    const { encryptionKey, commitmentKey } = labelsOfSuite1
    expect(bodyKeys(suite1, chainKey)).toEqual([derive(encryptionKey, chainKey), derive(commitmentKey, chainKey)])
  })
})

describe.each([suite1, suite2])('suite $number', (suite) => {
  it('steps a chain so many places on, and leaves the key that it begins with', () => {
    const before = chainKey.slice()
    const [one, two] = [suite.stepChain(chainKey), suite.stepChain(suite.stepChain(chainKey).chainKey)]
    const after = [0, 1, 2].map((steps) => suite.chainKeyAfter(chainKey, steps))
    expect(after).toEqual([chainKey, one.chainKey, two.chainKey])
    expect(after[0]).not.toBe(chainKey)
    expect(chainKey).toEqual(before)
  })
})

it('share no key: from the same secrets each makes others', () => {
  const [secret, transcript] = [random(32) as RootSecret, random(32) as Digest]
  const made = [suite1, suite2].flatMap((suite) => [
    ...Object.values(suite.begin(secret, transcript)),
    ...Object.values(suite.stepRoot(rootKey, shared)),
    ...Object.values(suite.stepChain(chainKey)),
    ...bodyKeys(suite, chainKey),
  ])
  expect(new Set(made.map((key: Uint8Array) => concat(key).join())).size).toBe(2 * 10)
})
