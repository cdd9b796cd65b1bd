import { isName } from '../../../crypto/identity.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { type Device } from '../../device/device.ts'
import { registerDevice } from '../../device/registration.ts'
import type { Online } from '../../device/online.ts'
import { relayAt } from '../../node/relay.ts'
import { openStore } from '../../node/store.ts'
import { whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { howKept, makeStore, type PassphraseFlags } from '../passphrase.ts'
import { type PlaceFlags, placeOf } from '../place.ts'
import { print } from '../output.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { untilOnline } from '../waiting.ts'

export interface RegisterFlags extends PassphraseFlags, PlaceFlags {
  readonly home: string
  readonly refuseAccess?: boolean
  readonly receipts: boolean
  readonly json?: boolean
}

export async function register(name: string, flags: RegisterFlags): Promise<void> {
  if (!isName(name)) throw new Stop('user', 'a name is a lower-case letter, then up to 31 of a-z 0-9 . _ -')
  const { url, ca } = placeOf(flags, (address) => `doormat register ${name} --relay ${address}`)
  const vault = await makeStore(flags.home, flags, `doormat register ${name}`)
  const store = openStore(flags.home, () => vault)
  try {
    const choices = { refusesAccess: flags.refuseAccess ?? false, receipts: flags.receipts }
    await registerDevice(store, name, { relayUrl: url, relayCa: ca }, relayAt(url, ca), choices, systemRandom)
  } finally {
    store.close()
  }
  const begin = async (device: Device, connection: Online) => {
    await untilOnline(connection)
    const mode = device.policies.head()?.policy.modeId ?? 'none'
    if (flags.json) print(safeJson({ user: name, relay: flags.relay, home: flags.home, access: mode }))
    else
      print(
        `${name} is registered at ${flags.relay}; access: ${visible(mode)}; keys in ${flags.home}, ${howKept(flags)}`,
      )
  }
  await whileOnline(flags.home, begin, vault)
}
