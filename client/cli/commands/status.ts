import { equal, hex } from '../../../crypto/bytes.ts'
import { type AccessStatus, RelayError } from '../../../server/api.ts'
import { libsodiumInUse } from '../../../server/native.ts'
import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import { isLocked } from '../../device/store.ts'
import { relayAt } from '../../node/relay.ts'
import { counted } from '../../words/counted.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { lookInto } from '../context.ts'
import { paragraph } from '../layout.ts'
import { archiveSentence, modeName, modeSummary } from '../mode-words.ts'
import { print } from '../output.ts'
import { clockTime, exposed } from '../terminal.ts'

interface StatusFlags {
  readonly home: string
  readonly json?: boolean
}

/** What the relay has said of itself, or why it could not be asked. */
type Asked = { readonly access: AccessStatus; readonly fault: null } | { readonly access: null; readonly fault: Error }

/**
 * Who this is, which relay and access mode they have, and what waits. Nothing is sent or marked as read.
 * @throws RelayError | ClientError where the relay cannot be asked, once everything else has been printed
 */
export async function status(flags: StatusFlags): Promise<void> {
  let fault: Error | null = null
  await lookInto(flags.home, async (device) => {
    const asked = await askRelay(device)
    const found = statusOf(device, asked, flags.home)
    if (flags.json) print(safeJson(found))
    else rowsOf(found).forEach(printRow)
    ;({ fault } = asked)
  })
  if (fault) throw fault
}

async function askRelay({ self }: Device): Promise<Asked> {
  const relay = relayAt(self.relayUrl, self.relayCa)
  try {
    if (!equal(await relay.policyKey(), self.policyKey))
      throw new ClientError('wrong-relay', `another relay answers at ${self.relayUrl} than the one you registered with`)
    return { access: await relay.access(), fault: null }
  } catch (error) {
    if (error instanceof RelayError || error instanceof ClientError) return { access: null, fault: error }
    throw error
  }
}

/** As docs/cli.md describes it. */
function statusOf(device: Device, { access, fault }: Asked, home: string) {
  const { self, policies, history, conversations, contacts } = device
  const known = policies.head()?.policy
  const people = conversations.all()
  const unread = people.filter(({ standing }) => standing !== 'blocked')
  return {
    user: self.device.record.user,
    device: hex(self.device.record.id),
    devices: self.list.devices.length,
    home,
    encrypted: isLocked(device.store),
    libsodium: libsodiumInUse().kind,
    receipts: self.receipts,
    refusesAccess: self.refusesAccess,
    relay: self.relayUrl,
    reachable: access !== null,
    trouble: fault && fault.message,
    mode: access?.mode ?? known?.modeId ?? null,
    epoch: access?.epoch ?? known?.epoch ?? null,
    since: access?.since ?? known?.time ?? null,
    seenEpoch: known?.epoch ?? null,
    archive: access && access.archive,
    toSend: Object.fromEntries(history.unsentByPerson()),
    toRead: Object.fromEntries(unread.flatMap(({ user, unread: count }) => (count > 0 ? [[user, count]] : []))),
    requests: people.flatMap(({ user, standing }) => (standing === 'request' ? [user] : [])),
    changedKeys: contacts.all().flatMap(({ user, changed }) => (changed ? [user] : [])),
  }
}

type Status = ReturnType<typeof statusOf>

interface Row {
  readonly label: string
  readonly text: string
  readonly isExposed?: boolean
}

function rowsOf(found: Status): readonly Row[] {
  const { user, device, devices, home, encrypted, relay, reachable, trouble, changedKeys, requests } = found
  const row = (label: string, text: string): Row => ({ label, text })
  return [
    row('You', `${user}, on device ${device.slice(0, 16)} (${counted(devices, 'device')} in this account)`),
    row('Folder', `${home}, ${encrypted ? 'encrypted with your passphrase' : 'NOT encrypted'}`),
    row('Relay', reachable ? `${relay}, reachable` : `${relay}, not reachable: ${trouble}`),
    accessRow(found),
    row(
      'Archive',
      found.archive === null ? 'Not known: only the relay could say.' : archiveSentence({ archive: found.archive }),
    ),
    row('To send', toSend(found)),
    row('To read', toRead(found)),
    row(
      'Receipts',
      found.receipts ? 'on: people you have answered learn what has arrived and what you have read' : 'off',
    ),
    row('Crypto', libsodiumSentence()),
    ...requests.map((name) =>
      row('Request', `${name} has written, and you have not answered: doormat history ${name}`),
    ),
    ...changedKeys.map((name) =>
      row('Stop', `${name}'s account key has changed. Nothing is sent until you decide: doormat verify ${name}`),
    ),
  ]
}

function accessRow({ mode, epoch, since, seenEpoch, reachable, refusesAccess }: Status): Row {
  const label = 'Access'
  if (mode === null || since === null) return { label, text: 'Not known: this device has never been online.' }
  const when = `since ${clockTime(since, Date.now())}, epoch ${epoch}`
  const news =
    seenEpoch === epoch ? '' : ' This device has not been told yet; it is when it is next online (doormat listen).'
  const memory = reachable ? '' : ' That is what this device was last told.'
  const held = refusesAccess && mode !== 'none' ? ' This device sends nothing while it is in force.' : ''
  return {
    label,
    text: `${mode === 'none' ? 'none' : modeName(mode)} (${when}). ${modeSummary(mode)}${held}${memory}${news}`,
    isExposed: mode !== 'none',
  }
}

function libsodiumSentence(): string {
  const libsodium = libsodiumInUse()
  return libsodium.kind === 'native'
    ? `libsodium in native code (sodium-native ${libsodium.version})`
    : 'libsodium in WebAssembly'
}

const byPerson = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, one) => all + one, 0)

function toSend({ toSend: counts, reachable }: Status): string {
  if (sum(counts) === 0) return 'nothing waits'
  const next = reachable
    ? '; they go out when this device is online: doormat listen'
    : '; they go out when the relay answers'
  return `${counted(sum(counts), 'message')} (${byPerson(counts)})${next}`
}

const toRead = ({ toRead: counts }: Status): string =>
  `${sum(counts) === 0 ? 'nothing new here' : `${counted(sum(counts), 'message')} (${byPerson(counts)})`}. Mail that the relay still holds is not counted: doormat listen`

function printRow({ label, text, isExposed }: Row): void {
  const rows = paragraph(visible(text), { first: `${label.padEnd(8)}  ` })
  for (const shown of rows) print(isExposed ? exposed(shown) : shown)
}
