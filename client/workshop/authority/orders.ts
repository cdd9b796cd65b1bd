import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { modeCalled } from '../../../crypto/access/index.ts'
import { hex } from '../../../crypto/bytes.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { archiveEvidence } from '../../authority/evidence.ts'
import type { SecretKeyFile } from '../../authority/key-file.ts'
import { isOnTrust } from '../../authority/order/checks.ts'
import { isDesk, openDesk } from '../../authority/order/desk-folder.ts'
import { logOf } from '../../authority/order/desk-log.ts'
import { createDesk, trustIssuer } from '../../authority/order/desk-setup.ts'
import { contentWithin } from '../../authority/order/execute.ts'
import { createIssuer, readIssuerSecret, writeIssuer } from '../../authority/order/issuer.ts'
import { renderOrder } from '../../authority/order/order-file.ts'
import { draftOrder } from '../../authority/order/order.ts'
import { decideOrder, executableOrder, recordExecution, submitOrder } from '../../authority/order/received.ts'
import type { TranscriptLine } from '../../authority/transcript.ts'
import type { Executed, LogHead } from '../api.ts'

/** The court, and the order desk of the company, of this workshop. */
export interface Orders {
  /** Writes an order for one person, and carries it out if its checks allow that. @param since from when, milliseconds since 1970 */
  carryOut(mode: string, person: string, since: number): Promise<Omit<Executed, 'read' | 'possible'> & HandedOver>
  /** Of the audit log as it stands; null before the first order. */
  log(): LogHead | null
}

interface HandedOver {
  readonly lines: readonly TranscriptLine[]
}

const [state, standard] = ['us', 'us-wiretap'] as const
const court = 'District Court'
const dayMs = 86_400_000

/**
 * @param folder of the court's key and the order desk, made when they are needed
 * @param keysOf the secrets of a mode
 */
export function ordersIn(folder: string, archive: string, keysOf: (mode: string) => readonly SecretKeyFile[]): Orders {
  const [desk, courtKey] = [join(folder, 'order-desk'), join(folder, 'court.issuer')]

  async function open(now: number): Promise<void> {
    if (!existsSync(courtKey)) writeIssuer(courtKey, createIssuer(court, state, systemRandom))
    if (isDesk(desk)) return
    await createDesk(desk, state, systemRandom, now)
    await trustIssuer(desk, readIssuerSecret(courtKey), now)
  }

  function log(): LogHead | null {
    if (!isDesk(desk)) return null
    const { entries } = logOf(openDesk(desk))
    const last = entries.at(-1)
    return last ? { entries: entries.length, last: last.what, digest: hex(last.digest) } : null
  }

  return {
    log,
    async carryOut(mode, person, since) {
      const now = Date.now()
      await open(now)
      const earlier = logOf(openDesk(desk)).entries.filter(({ what }) => what === 'received')
      const serial = `room-${earlier.length + 1}`
      const signed = draftOrder(
        {
          serial,
          requestedBy: state,
          standard,
          person,
          from: since,
          to: now,
          kind: 'content',
          path: 'direct',
          mode,
          custodian: modeCalled(mode).setup(systemRandom).secrets[0]?.holder ?? '',
          issued: now,
          expires: now + dayMs,
        },
        readIssuerSecret(courtKey),
      )
      await submitOrder(desk, renderOrder(signed), `order ${serial}`, now)
      const { checks, outcome } = (await decideOrder(desk, serial, {}, now)).review
      const failed = checks.filter(({ passed }) => !passed).map(({ why }) => why)
      if (outcome === 'refused') throw new Error(`the order desk refuses the order: ${failed.join('; ')}`)
      const { window } = executableOrder(desk, serial, now)
      const { lines, extent } = contentWithin({ person, window }, archiveEvidence(archive), keysOf(mode))
      await recordExecution(desk, serial, extent, now)
      return { person, serial, checks: checks.length, onTrust: checks.filter(isOnTrust).length, lines, log: log() }
    },
  }
}
