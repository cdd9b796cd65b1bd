import type { Reader } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { suite1 } from './suite-1.ts'
import { suite2 } from './suite-2.ts'
import type { Suite, SuiteNumber } from './suite.ts'

/** What new prekeys and new conversations are made by. */
export const currentSuite: Suite = suite2

export const suiteNumbered = (number: SuiteNumber): Suite => (number === 1 ? suite1 : suite2)

/** The first byte of a handshake and of an envelope. @throws CryptoError `malformed` */
export function readSuiteNumber(reader: Reader): SuiteNumber {
  const number = reader.u8()
  if (number !== 1 && number !== 2) throw new CryptoError('malformed', 'neither suite 1 nor suite 2')
  return number
}
