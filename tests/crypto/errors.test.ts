import { expect, it } from 'vitest'
import { CryptoError } from '../../crypto/errors.ts'

it('a refusal can be told from every other error, by its class, its name and its code', () => {
  const error = new CryptoError('bad-key', 'a key of low order')
  expect(error).toBeInstanceOf(Error)
  expect([error.name, error.code, error.message]).toEqual(['CryptoError', 'bad-key', 'a key of low order'])
})
