import fc from 'fast-check'
import { describe, it } from 'vitest'
import { BadSound, readWav } from '../../client/device/voice/wav.ts'
import { counting, mutationsOf, parameters, patience } from '../support/fuzz.ts'
import { babble, wavOf } from '../support/sound.ts'

const count = counting()

describe('a WAV recording', () => {
  it(
    'is read as sound between -1 and 1, or refused in words, whatever somebody makes of it',
    { timeout: patience(1) },
    () => {
      const counted = count('readWav')
      const said = babble(0.001, 48_000)
      const samples = [wavOf(said), wavOf(said, { isExtended: true, isFloat: true, bits: 32, channels: 2 })]
      fc.assert(
        fc.property(mutationsOf(samples), (wav) => counted(isRead(wav))),
        parameters(1),
      )
    },
  )
})

function isRead(wav: Uint8Array): boolean {
  try {
    const { samples } = readWav(wav)
    if (!samples.every((sample) => sample >= -1 && sample <= 1)) throw new Error('too loud')
    return true
  } catch (error) {
    if (error instanceof BadSound) return false
    throw error
  }
}
