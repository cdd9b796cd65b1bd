import { systemRandom } from '../../../crypto/random.ts'
import type { Restored } from '../../device/backup/restoring.ts'
import type { Taken } from '../../device/backup/taking.ts'
import type { Device } from '../../device/device.ts'
import { checkNoFile, openBackupFile, writeBackupFile } from '../../node/backup-file.ts'
import { counted } from '../../words/counted.ts'
import { peerName } from '../../words/peer-name.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { deviceIn, lookInto, needDevice } from '../context.ts'
import { print, tell } from '../output.ts'
import { knownPassphrase, newPassphrase } from '../passphrase.ts'

interface BackupFlags {
  readonly home: string
  readonly passphraseFile?: string
  readonly json?: boolean
}

/** Writes down, encrypted, what this device remembers of people, groups and messages: no keys. */
export async function backup(file: string, flags: BackupFlags): Promise<void> {
  needDevice(flags.home)
  checkNoFile(file)
  await lookInto(flags.home, async (device) => {
    const { sealBackup } = await import('../../../crypto/backup.ts')
    tell('The backup gets a passphrase of its own. Nobody can open it without that.')
    const passphrase = await newPassphrase(flags.passphraseFile, '', `doormat backup ${file} --passphrase-file FILE`)
    let taken: Taken | null = null
    const records = device.takeBackup((all) => (taken = all))
    writeBackupFile(file, sealBackup(passphrase, records, systemRandom))
    if (taken) sayTaken(file, taken, flags.json ?? false)
  })
}

function sayTaken(file: string, taken: Taken, json: boolean): void {
  const { contacts, groups, messages, unsent } = taken
  if (json) return print(safeJson({ file, contacts, groups, messages, unsent }))
  print(`${visible(file)} has ${whatOf(taken)}`)
  if (unsent > 0)
    print(`not in it: ${counted(unsent, 'message')} that ${unsent === 1 ? 'has' : 'have'} not gone out yet`)
}

const whatOf = ({ contacts, groups, messages }: Pick<Taken, 'contacts' | 'groups' | 'messages'>) =>
  `${counted(contacts, 'contact')}, ${counted(groups, 'group')} and ${counted(messages, 'message')}`

/** Adds what a backup of the same account has, and this device lacks. */
export async function restore(file: string, flags: BackupFlags): Promise<void> {
  needDevice(flags.home)
  const opened = openBackupFile(file)
  try {
    const device = await deviceIn(flags.home)
    try {
      const { openBackup } = await import('../../../crypto/backup.ts')
      const next = `doormat restore ${file} --passphrase-file FILE`
      const passphrase = await knownPassphrase(flags.passphraseFile, 'Passphrase of the backup: ', next)
      const sealed = openBackup(opened.head, passphrase)
      try {
        const restored = device.restoreBackup(sealed.records(opened.pieces(), opened.count))
        sayRestored(device, restored, flags.json ?? false)
      } finally {
        sealed.close()
      }
    } finally {
      device.store.close()
    }
  } finally {
    opened.close()
  }
}

function sayRestored(device: Device, restored: Restored, json: boolean): void {
  const { contacts, groups, messages, madeAt, choices, onHold } = restored
  if (json) return print(safeJson({ contacts, groups, messages, madeAt, groupsOnHold: onHold }))
  print(`added ${whatOf(restored)} from a backup of ${new Date(madeAt).toISOString().slice(0, 10)}`)
  if (onHold.length > 0)
    print(
      `nothing is sent to ${onHold.map((peer) => peerName(device, peer)).join(', ')} before members have said who is in it now: they are asked when you are online`,
    )
  const { refusesAccess, receipts } = device.self
  if (choices.refusesAccess && !refusesAccess)
    print('the device of the backup held its messages back while an access mode is in force; this one does not')
  if (!choices.receipts && receipts)
    print('the device of the backup told nobody what has arrived or been read; this one does')
}
