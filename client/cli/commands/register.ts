import { isName } from '../../../crypto/identity.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { registerDevice } from '../../device.ts'
import { relayAt } from '../../relay-http.ts'
import { openStore } from '../../store.ts'
import { whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { type PlaceFlags, placeOf } from '../place.ts'
import { print } from '../terminal.ts'
import { safeJson, visible } from '../visible.ts'
import { untilOnline } from '../waiting.ts'

export interface RegisterFlags extends PlaceFlags {
  readonly home: string
  readonly refuseAccess?: boolean
  readonly json?: boolean
}

export async function register(name: string, flags: RegisterFlags): Promise<void> {
  if (!isName(name)) throw new Stop('user', 'a name is a lower-case letter, then up to 31 of a-z 0-9 . _ -')
  const { url, ca } = placeOf(flags, `doormat register ${name}`)
  const store = openStore(flags.home)
  try {
    await registerDevice(store, name, url, relayAt(url, ca), flags.refuseAccess ?? false, systemRandom, ca)
  } finally {
    store.close()
  }
  await whileOnline(flags.home, async (device, connection) => {
    await untilOnline(connection)
    const mode = device.policies.head()?.policy.modeId ?? 'none'
    if (flags.json) print(safeJson({ user: name, relay: flags.relay, home: flags.home, access: mode }))
    else print(`${name} is registered at ${flags.relay}; access: ${visible(mode)}; keys in ${flags.home}`)
  })
}
