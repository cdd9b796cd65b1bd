import { existsSync, readFileSync } from 'node:fs'
import { CryptoError } from '../../crypto/errors.ts'
import type { StoreKey } from '../../crypto/lock.ts'
import { systemRandom } from '../../crypto/random.ts'
import { ClientError } from '../errors.ts'
import { relock } from '../relock.ts'
import { lockedStoreAt, openStore, storePath } from '../store.ts'
import { lockedVault, plainVault, type Vault } from '../vault.ts'
import { Stop } from './exit.ts'
import { askHidden, isAsking } from './asking.ts'
import { variable } from './homes.ts'
import { tell } from './output.ts'

export interface PassphraseFlags {
  readonly passphraseFile?: string
  /** false: the person wants none */
  readonly passphrase: boolean
}

export interface Chosen {
  readonly lock: Uint8Array | null
  readonly vault: Vault
}

const triesMaximum = 3

/** How the store in a folder is read: asks for its passphrase, if it has one. @throws ClientError `locked` | CryptoError `wrong-passphrase` */
export async function vaultFor(home: string, named?: string): Promise<Vault> {
  const lock = existsSync(storePath(home)) ? lockedStoreAt(home) : null
  if (!lock) return plainVault
  const { openLock } = await import('../../crypto/lock.ts')
  const file = named ?? variable('DOORMAT_PASSPHRASE_FILE')
  if (file !== null) return vaultOf(openLock(lock, passphraseIn(file)))
  if (!isAsking())
    throw new ClientError('locked', 'this device has a passphrase, and there is no terminal to ask for it')
  for (let tries = 1; ; tries++) {
    try {
      return vaultOf(openLock(lock, await askHidden('Passphrase: ')))
    } catch (error) {
      const mistyped = error instanceof CryptoError && error.code === 'wrong-passphrase'
      if (!mistyped || tries === triesMaximum) throw error
      tell('that is not it')
    }
  }
}

/** The store of a new device, with the lock that its owner chooses; that of a device that is there is only opened. */
export async function makeStore(home: string, flags: PassphraseFlags, command: string): Promise<Vault> {
  const before = await vaultFor(home, flags.passphraseFile)
  if (existsSync(storePath(home)) && holdsDevice(home, before)) return before
  const { lock, vault } = await chooseLock(flags, `${command} --passphrase-file FILE, or --no-passphrase`)
  const store = openStore(home, () => before)
  try {
    // a try before this one may have left a store that is kept otherwise
    relock(store, lock, vault)
  } finally {
    store.close()
  }
  return vault
}

function holdsDevice(home: string, vault: Vault): boolean {
  const store = openStore(home, () => vault)
  try {
    return store.meta('registered') !== null
  } finally {
    store.close()
  }
}

/** Said when a device is made: that it has no passphrase is to be heard. */
export const howKept = ({ passphrase }: PassphraseFlags): string =>
  passphrase ? 'encrypted' : 'NOT encrypted: whoever copies the folder reads everything in it'

/** What a device's owner wants: a passphrase from a file or asked for twice, or, said aloud, none. */
export async function chooseLock(flags: PassphraseFlags, next: string): Promise<Chosen> {
  if (!flags.passphrase) return { lock: null, vault: plainVault }
  const { lockWith, passphraseMinimumCharacters } = await import('../../crypto/lock.ts')
  const passphrase = flags.passphraseFile === undefined ? await askTwice(next) : passphraseIn(flags.passphraseFile)
  if (Array.from(passphrase).length < passphraseMinimumCharacters)
    throw new Stop('user', `a passphrase has at least ${passphraseMinimumCharacters} characters`, next)
  const key = systemRandom(32) as StoreKey
  return { lock: lockWith(passphrase, key, systemRandom), vault: vaultOf(key) }
}

const vaultOf = (key: StoreKey) => lockedVault(key, systemRandom)

async function askTwice(next: string): Promise<string> {
  if (!isAsking())
    throw new Stop('user', 'a device needs a passphrase from a file, or the word that it is to have none', next)
  const passphrase = await askHidden('New passphrase: ')
  if ((await askHidden('The same again: ')) !== passphrase) throw new Stop('user', 'the two are not the same', next)
  return passphrase
}

/** The first line of a file. */
function passphraseIn(file: string): string {
  const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/)
  return line
}
