import { isName } from '../../crypto/identity.ts'
import { Stop } from './exit.ts'

/** What somebody has typed for a person. @throws Stop for what nobody can be called */
export function checkPerson(name: string): void {
  if (!isName(name))
    throw new Stop(
      'user',
      `${JSON.stringify(name)} is not a name: a name is a lower-case letter, then up to 31 of a-z 0-9 . _ -`,
    )
}
