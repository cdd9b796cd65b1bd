import { CryptoError } from '../../crypto/errors.ts'
import { RelayError } from '../../server/api.ts'
import { StorageError, systemFault } from '../../server/disk/storage.ts'
import { AuthorityError, type AuthorityErrorCode } from '../authority/errors.ts'
import { ClientError, type ClientErrorCode } from '../device/errors.ts'
import { LabError } from '../lab/world/errors.ts'
import { columns, onScreen } from './layout.ts'
import { OutputClosed, tell } from './output.ts'
import { commandLineRows } from './shell.ts'
import { visible } from '../words/visible.ts'

export const exitCodes = { user: 1, unexpected: 2, relay: 3, untrustedKey: 4, secrets: 5 } as const

/** A command ends with this word to the person, and this code. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly exitCode: number
  readonly hint: string | null
  /** of the error that it tells of, where that has one */
  readonly code: string | null

  constructor(
    exitCode: keyof typeof exitCodes,
    message: string,
    hint: string | null = null,
    code: string | null = null,
  ) {
    super(message)
    this.exitCode = exitCodes[exitCode]
    this.hint = hint
    this.code = code
  }
}

/** What the authority's desk was given is not what it says it is. */
const notGenuine: ReadonlySet<AuthorityErrorCode> = new Set(['forged-order', 'unknown-issuer', 'bad-audit-log'])

/** The relay, or who has the name of this account, is not who it was. */
const otherKey: ReadonlySet<ClientErrorCode> = new Set(['wrong-relay', 'name-lost'])

/** What is not there to open it with. */
const lacksSecrets: ReadonlySet<string> = new Set(['wrong-passphrase', 'not-enough-shares'])

function codeOf(error: unknown): number {
  if (error instanceof Stop) return error.exitCode
  if (error instanceof CryptoError) return lacksSecrets.has(error.code) ? exitCodes.secrets : exitCodes.untrustedKey
  if (error instanceof ClientError) return otherKey.has(error.code) ? exitCodes.untrustedKey : exitCodes.user
  if (error instanceof LabError) return exitCodes.user
  if (error instanceof AuthorityError) return notGenuine.has(error.code) ? exitCodes.untrustedKey : exitCodes.user
  if (error instanceof RelayError) return error.status >= 500 ? exitCodes.relay : exitCodes.user
  return error instanceof StorageError ? exitCodes.relay : exitCodes.unexpected
}

const hasCode = (error: unknown): error is Error & { readonly code: string | null } =>
  [Stop, CryptoError, RelayError, ClientError, AuthorityError, LabError].some((kind) => error instanceof kind)

const addressIn = /^no relay answers at (http:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):(\d+))/

/** The next command where the relay has said no, or did not answer, and one is known. */
function relayHint({ code, message }: RelayError): string | null {
  if (code === 'name-taken') return 'doormat register OTHER-NAME'
  const [, , port] = addressIn.exec(message) ?? []
  return code === 'unreachable' && port !== undefined ? `doormat relay --port ${port}` : null
}

const hintOf = (error: unknown): string | null =>
  hasHint(error) ? error.hint : error instanceof RelayError ? relayHint(error) : null

const hasHint = (error: unknown): error is { readonly hint: string | null } =>
  [Stop, ClientError, StorageError, AuthorityError].some((kind) => error instanceof kind)

/** What is behind `try:`, so that on a terminal it can still be pasted where it takes several rows. */
const hintRows = (hint: string) => (process.stderr.isTTY ? commandLineRows(hint, 'try: ', columns()) : [`try: ${hint}`])

/** One lower-case line on stderr, then the next command where there is one. @returns the exit code */
export function explain(thrown: unknown): number {
  if (thrown instanceof OutputClosed) return 0
  const error = systemFault(thrown) ?? thrown
  const exitCode = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const code = hasCode(error) && error.code !== null ? ` [${error.code}]` : ''
  for (const row of onScreen(`doormat: ${visible(message)}${code}`, process.stderr)) tell(row)
  const hint = hintOf(error)
  if (hint) for (const row of hintRows(hint)) tell(row)
  if (exitCode === exitCodes.unexpected && error instanceof Error) tell(visible(error.stack ?? ''))
  return exitCode
}
