import { existsSync } from 'node:fs'
import { CryptoError } from '../../crypto/errors.ts'
import type { StoreKey } from '../../crypto/lock.ts'
import { systemRandom } from '../../crypto/random.ts'
import { bytesIn, handedText, readHanded } from '../../server/disk/handed.ts'
import { ClientError } from '../device/errors.ts'
import { registrationOf } from '../device/registration.ts'
import { relock } from '../device/relock.ts'
import { lockedStoreAt, openStore, storePath } from '../node/store.ts'
import { lockedVault, plainVault, type Vault } from '../device/vault.ts'
import { Stop } from './exit.ts'
import { hidden, isAsking } from './asking.ts'
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
  const file = named ?? variable('DOORMAT_PASSPHRASE_FILE')
  if (file !== null) return vaultOf(await openByFile(lock, file))
  if (!isAsking())
    throw new ClientError('locked', 'this device has a passphrase, and there is no terminal to ask for it on')
  return hidden(async (ask) => {
    for (let tries = 1; ; tries++) {
      try {
        return vaultOf(await openByHand(lock, await ask('Passphrase: ')))
      } catch (error) {
        if (!isWrong(error) || tries === triesMaximum) throw error
        tell('That is not the passphrase.')
      }
    }
  })
}

const isWrong = (error: unknown) => error instanceof CryptoError && error.code === 'wrong-passphrase'

/**
 * Earlier versions made another passphrase of the same bytes: a byte order mark stayed in it, and whatever was not UTF-8, or
 * came in pieces, became U+FFFD. What they have locked opens, with a word to its owner.
 * @param passphrase what it is now; throws where it cannot be one
 */
async function openBy(lock: Uint8Array, passphrase: () => string, before: string, next: string): Promise<StoreKey> {
  const { openLock } = await import('../../crypto/lock.ts')
  let given: string | null = null
  try {
    given = passphrase()
    return openLock(lock, given)
  } catch (error) {
    if (given === before || !(isWrong(error) || error instanceof Stop)) throw error
    const key = openedBy(() => openLock(lock, before))
    if (!key) throw error
    tell('an earlier version of doormat read this passphrase differently: it still opens this device, but set it again')
    tell(`try: ${next}`)
    return key
  }
}

/** @returns null where it does not open */
function openedBy(open: () => StoreKey): StoreKey | null {
  try {
    return open()
  } catch (error) {
    if (isWrong(error)) return null
    throw error
  }
}

/** The store of a new device, with the lock that its owner chooses; that of a device that is there is only opened. */
export async function makeStore(home: string, flags: PassphraseFlags, command: string): Promise<Vault> {
  const before = await vaultFor(home, flags.passphraseFile)
  if (existsSync(storePath(home)) && holdsDevice(home, before)) return before
  const { lock, vault } = await chooseLock(flags, `${command} --passphrase-file FILE`)
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
    return registrationOf(store) === 'complete'
  } finally {
    store.close()
  }
}

/** Said when a device is made: that it has no passphrase is to be heard. */
export const howKept = ({ passphrase }: PassphraseFlags): string =>
  passphrase ? 'encrypted' : 'NOT encrypted: whoever copies the folder can read everything in it'

/** What a device's owner wants: a passphrase from a file or asked for twice, or, said aloud, none. */
export async function chooseLock(flags: PassphraseFlags, next: string): Promise<Chosen> {
  if (!flags.passphrase) return { lock: null, vault: plainVault }
  const { lockWith } = await import('../../crypto/lock.ts')
  const passphrase = await newPassphrase(flags.passphraseFile, ', or choose to have none with --no-passphrase', next)
  const key = systemRandom(32) as StoreKey
  return { lock: lockWith(passphrase, key, systemRandom), vault: vaultOf(key) }
}

/**
 * A passphrase that somebody chooses, from a file or asked for twice.
 * @param otherwise what else they could choose, for the words where nobody can be asked
 */
export async function newPassphrase(file: string | undefined, otherwise: string, next: string): Promise<string> {
  const { passphraseMinimumCharacters } = await import('../../crypto/lock.ts')
  const passphrase = file === undefined ? await askTwice(otherwise, next) : passphraseIn(file)
  if (Array.from(passphrase).length < passphraseMinimumCharacters)
    throw new Stop('user', `a passphrase needs at least ${passphraseMinimumCharacters} characters`, next)
  return passphrase
}

/** One that somebody has chosen before, from a file or asked for once. */
export async function knownPassphrase(file: string | undefined, question: string, next: string): Promise<string> {
  if (file !== undefined) return passphraseIn(file)
  if (!isAsking())
    throw new Stop('user', 'there is no terminal to ask for a passphrase: name a file that holds it', next)
  return hidden((ask) => ask(question))
}

const vaultOf = (key: StoreKey) => lockedVault(key, systemRandom)

async function askTwice(otherwise: string, next: string): Promise<string> {
  if (!isAsking())
    throw new Stop('user', `there is no terminal to ask for a passphrase: name a file that holds one${otherwise}`, next)
  return hidden(async (ask) => {
    const passphrase = await ask('New passphrase: ')
    if ((await ask('The same again: ')) !== passphrase)
      throw new Stop('user', 'the two passphrases are not the same', next)
    if (passphrase.includes(replacement)) throw new Stop('user', 'what this terminal sends is not UTF-8', next)
    return passphrase
  })
}

const refuse = (message: string, hint: string | null) => new Stop('user', message, hint)

/** The first line of a file. */
const passphraseIn = (file: string): string => firstLine(readHanded(file, refuse))
const firstLine = (text: string): string => text.split(/\r\n|[\r\n]/)[0] ?? ''

function openByFile(lock: Uint8Array, file: string): Promise<StoreKey> {
  const bytes = bytesIn(file)
  const [before = ''] = bytes.toString('utf8').split(/\r?\n/)
  return openBy(
    lock,
    () => firstLine(handedText(bytes, file, refuse)),
    before,
    `DOORMAT_PASSPHRASE_FILE=${file} doormat passphrase --passphrase-file ANOTHER`,
  )
}

const openByHand = (lock: Uint8Array, typed: string): Promise<StoreKey> =>
  openBy(lock, () => typed, inPieces(typed), 'doormat passphrase')

const replacement = '\ufffd'
/** What was made of letters whose bytes came one by one. */
const inPieces = (typed: string) =>
  typed.replaceAll(/[^\0-\u007f]/gu, (letter) => replacement.repeat(Buffer.byteLength(letter)))
