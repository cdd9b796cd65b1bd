import { hex } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { passphraseMinimumCharacters } from '../../../crypto/lock.ts'
import { lockText, newOwnLock, ownLock, type OwnLock, saltOf, unlockText } from '../../../crypto/own-lock.ts'
import type { Random } from '../../../crypto/random.ts'
import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import { visibleLines } from '../../words/visible.ts'

/** Texts that a person locks before the messenger has them; keys and passphrases stay in this worker's memory. */
export interface OwnLocks {
  /** @returns what the messenger is given instead. @throws ClientError `bad-text` */
  lock(to: string, text: string, passphrase: string): string
  /** @returns a line each, made harmless. @throws CryptoError `wrong-passphrase` | `malformed` */
  unlock(row: number, passphrase: string): readonly string[]
}

export function ownLocks({ history }: Pick<Device, 'history'>, random: Random): OwnLocks {
  /** a passphrase is slow to use: once for each person that is written to, and for each lock that is opened */
  const writing = new Map<string, { passphrase: string; lock: OwnLock }>()
  const opening = new Map<string, OwnLock>()

  return {
    lock(to, text, passphrase) {
      if (passphrase.length < passphraseMinimumCharacters)
        throw new ClientError('bad-text', `a passphrase has at least ${passphraseMinimumCharacters} characters`)
      const known = writing.get(to)
      const lock = known?.passphrase === passphrase ? known.lock : newOwnLock(passphrase, random)
      writing.set(to, { passphrase, lock })
      return lockText(lock, text, random)
    },
    unlock(row, passphrase) {
      const text = history.message(row)?.text ?? ''
      const salt = saltOf(text)
      if (!salt) throw new CryptoError('malformed', 'that is not a locked text')
      const name = `${hex(salt)} ${passphrase}`
      const lock = opening.get(name) ?? ownLock(passphrase, salt)
      const lines = visibleLines(unlockText(lock, text))
      opening.set(name, lock)
      return lines
    },
  }
}
