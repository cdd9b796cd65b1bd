import { resolve } from 'node:path'
import { renderUnicodeCompact } from 'uqr'
import { goneAtEnd, sharedFolder, temporaryFolder } from '../../node/temporary.ts'
import { roomAddresses } from '../../workshop/addresses.ts'
import { WorkshopError } from '../../workshop/errors.ts'
import { startDoctor, type Visit } from '../../workshop/doctor.ts'
import { checkFolder } from '../../workshop/round.ts'
import { startWorkshop, type Workshop } from '../../workshop/workshop.ts'
import { stories, type Story } from '../../stage/words.ts'
import type { OwnCertificate } from '../../workshop/tls/own.ts'
import { terminalLines, warningLines } from '../certificate-lines.ts'
import { interruption } from '../context.ts'
import { Stop } from '../exit.ts'
import { print, printed } from '../output.ts'
import { visible } from '../../words/visible.ts'

export interface WorkshopFlags {
  readonly port: string
  readonly name?: readonly string[]
  readonly seats: string
  readonly keep?: string
  readonly story: string
  readonly tls?: boolean
}

export async function workshop(flags: WorkshopFlags): Promise<void> {
  let fault: Error | null = null
  const over = new AbortController()
  const running = await start(flags, (error) => {
    fault = error
    over.abort()
  })
  const interrupted = AbortSignal.any([interruption(), over.signal])
  const ended = new Promise((resolve) => interrupted.addEventListener('abort', resolve))
  try {
    show(running, flags)
    if (await printed(interrupted)) await ended
    if (fault !== null) throw new Stop('relay', (fault as Error).message, 'doormat workshop')
  } finally {
    await running.stop()
  }
}

/** Until Ctrl-C, says of each phone that has come through that it has; and what to do while none does. */
export async function doctor(flags: Pick<WorkshopFlags, 'port' | 'tls' | 'keep' | 'name'>): Promise<void> {
  const port = portIn(flags)
  const certificate = flags.tls ? await certificateIn(flags) : null
  const interrupted = interruption()
  const ended = new Promise((resolve) => interrupted.addEventListener('abort', resolve))
  const running = await startDoctor(port, certificate, (address, how) => print(visits[how](address))).catch(
    (error: NodeJS.ErrnoException) => {
      throw portTaken(error, port) ?? error
    },
  )
  try {
    const [first, ...others] = running.addresses
    if (first === undefined)
      throw new Stop('relay', 'this machine is in no network: join a Wi-Fi first', 'doormat workshop doctor')
    print(renderUnicodeCompact(first, { border: 1 }))
    print(`✓ port ${port} is free, and this machine listens on it.`)
    print(`Open this on a phone in the same Wi-Fi: ${first}`)
    for (const other of others) print(`If it does not open, try:             ${other}`)
    print('')
    if (certificate) for (const line of [...warningLines(certificate), '']) print(line)
    print('If none of them opens:')
    print('  - turn mobile data off on the phone, and see that it is in the same Wi-Fi;')
    print(`  - let node through the firewall of this machine, on port ${port};`)
    print('  - some networks keep phones apart from each other (guest Wi-Fi): use a hotspot of your own.')
    if (await printed(interrupted)) await ended
  } finally {
    await running.stop()
  }
}

const visits: Readonly<Record<Visit, (address: string) => string>> = {
  opened: (address) => `✓ ${address} has opened the page: phones in this network reach this machine.`,
  connected: (address) => `✓ ${address} can stay connected, too: its messages will come through.`,
  refused: (address) =>
    `✗ ${address} shows the page and refuses the connection that messages need. Is it an iPhone? Start the workshop without --tls.`,
}

/** The one that the workshop will show, where it is kept; otherwise one for this time. */
async function certificateIn({ keep, name = [] }: Pick<WorkshopFlags, 'keep' | 'name'>): Promise<OwnCertificate> {
  const { ownCertificate } = await import('../../workshop/tls/own.ts')
  const folder = keep === undefined ? forThisTime() : resolve(keep)
  try {
    checkFolder(folder)
  } catch (error) {
    throw stopFor(error) ?? error
  }
  return ownCertificate({ folder, keep: keep !== undefined, names: [...name, ...roomAddresses()] }, null, Date.now())
}

const stopFor = (error: unknown) =>
  error instanceof WorkshopError ? new Stop('user', error.message, error.hint) : null

async function start(flags: WorkshopFlags, broken: (error: Error) => void): Promise<Workshop> {
  const [port, seats, story] = [portIn(flags), wholeNumber(flags.seats, 'number of seats', 200), storyIn(flags)]
  const folder = flags.keep === undefined ? forThisTime() : resolve(flags.keep)
  try {
    return await startWorkshop({
      folder,
      keep: flags.keep !== undefined,
      tls: flags.tls ?? false,
      names: flags.name ?? [],
      seats,
      port,
      story,
      broken,
      renewed(links, code, certificate) {
        print('')
        print('A new round has begun, with a new code:')
        printDoor(links, code)
        if (certificate !== null && certificate.renewed !== null) printCertificate(certificate, links)
      },
      program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    })
  } catch (error) {
    throw stopFor(error) ?? portTaken(error as NodeJS.ErrnoException, port) ?? error
  }
}

const portTaken = ({ code }: NodeJS.ErrnoException, port: number): Stop | null =>
  code === 'EADDRINUSE'
    ? new Stop(
        'relay',
        `another program listens on port ${port} or ${port + 1}`,
        `doormat workshop --port ${port + 10}`,
      )
    : null

function storyIn({ story }: WorkshopFlags): Story {
  const known = stories.find((one) => one === story)
  if (!known) throw new Stop('user', `there is no story ${visible(story)}; there is ${stories.join(', ')}`)
  return known
}

/** 0 takes any that is free. */
const portIn = ({ port }: Pick<WorkshopFlags, 'port'>) => (port === '0' ? 0 : wholeNumber(port, 'port', 65_534))

function wholeNumber(text: string, what: string, maximum: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > maximum)
    throw new Stop('user', `${text} is no ${what}: a whole number up to ${maximum}`)
  return value
}

/** Keys and texts of a room of people: gone with this process. */
function forThisTime(): string {
  sharedFolder()
  const { path } = temporaryFolder()
  goneAtEnd(path)
  return path
}

/** How people come in. */
function printDoor([first = '', ...others]: readonly string[], code: string): void {
  print(renderUnicodeCompact(first, { border: 1 }))
  print(`For the room:  ${first}`)
  for (const other of others) print(`          or:  ${other}`)
  print(`Join code:     ${code}`)
}

function printCertificate(certificate: OwnCertificate, [first = '']: readonly string[]): void {
  for (const line of ['', ...warningLines(certificate), '', ...terminalLines(certificate, new URL(first).origin)])
    print(line)
}

function show(running: Workshop, { keep, story }: WorkshopFlags): void {
  printDoor(running.links(), running.code)
  if (running.certificate !== null) printCertificate(running.certificate, running.links())
  if (!running.isReachable)
    print('               This machine is in no network: join a Wi-Fi, and start the workshop again.')
  print('')
  print(`For you alone: ${running.hostLink}`)
  print('               Open it in a browser on this machine; the wall is a link on that page.')
  print('')
  if (story === 'sensitive')
    print('One story on stage is of somebody who has left an abusive partner: tell the room before you show it.')
  print(
    keep === undefined
      ? 'Ctrl-C ends the workshop, and nothing of it is left on this machine: no message, no key. Phones keep what they have, unless you purge the round first.'
      : `Ctrl-C ends the workshop. Its messages and the authority's keys stay in ${keep}${running.certificate === null ? '' : ", with the certificate's key"}.`,
  )
}
