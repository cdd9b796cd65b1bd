import { relock } from '../../device/relock.ts'
import { openStore } from '../../node/store.ts'
import { needDevice } from '../context.ts'
import { chooseLock, type PassphraseFlags, vaultFor } from '../passphrase.ts'
import { print } from '../output.ts'

/** Sets, changes or takes away the passphrase of a device. */
export async function passphrase(flags: PassphraseFlags & { readonly home: string }): Promise<void> {
  needDevice(flags.home)
  const now = await vaultFor(flags.home)
  const { lock, vault } = await chooseLock(flags, 'doormat passphrase --passphrase-file FILE')
  const store = openStore(flags.home, () => now)
  try {
    relock(store, lock, vault)
  } finally {
    store.close()
  }
  print(lock ? 'this device now has a new passphrase' : 'this device no longer has a passphrase')
}
