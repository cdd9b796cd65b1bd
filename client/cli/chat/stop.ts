import type { Device } from '../../device/device.ts'
import { digitLines, numberWith, wordLines } from '../../words/trust.ts'

/**
 * What stands in the place of a conversation whose account key has changed, the most important first: a low screen
 * shows the digits and what can be done.
 * @param width in terminal columns
 */
export function stopPanel(device: Device, name: string, width: number) {
  const { number } = numberWith(device, name)
  return {
    title: `STOP: KEY CHANGED. New safety number with ${name}`,
    lines: [
      ...digitLines(number, width),
      '/verify confirm  they see the same',
      '/accept          go on, not verified',
      '/refuse          it is not theirs',
      '',
      ...wordLines(number, width),
      '',
      `Until then nothing is sent. ${name} may have registered anew; or somebody, the relay for instance, has put ` +
        `another key in the place of theirs, to read what you write. Compare the number by voice or side by side.`,
    ],
  }
}
