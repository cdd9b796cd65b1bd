import type { Device } from '../device/device.ts'
import { checkPerson } from './person.ts'

/**
 * What somebody has typed for whom they mean: a person's name, or `+` and a group's title or the beginning of its id. A title can be anything, so the
 * sign tells them apart: no group passes for a person.
 * @returns what stands for them in the history
 * @throws ClientError `no-such-group`
 */
export function addressee({ groups }: Device, words: string): string {
  return words.startsWith('+') ? groups.called(words.slice(1)).peer : words
}

/** What can be asked before there is a device. @throws Stop for what nobody can be called */
export function checkAddressee(words: string): void {
  if (!words.startsWith('+')) checkPerson(words)
}
