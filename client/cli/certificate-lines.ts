import { certificateWarnings, fingerprintLines } from '../words/certificate-warnings.ts'
import type { OwnCertificate } from '../workshop/tls/own.ts'
import { columns, paragraph } from './layout.ts'
import { commandRows } from './shell.ts'

const text = (line: string) => paragraph(line, { first: '' })

/** Before the first phone warns of it: what it will say, what to press, and what proves that it is the right one. */
export function warningLines({ renewed, fingerprint }: OwnCertificate): readonly string[] {
  const width = Math.max(...certificateWarnings.map(({ browser }) => browser.length)) + 2
  return [
    ...(renewed === null
      ? []
      : text(`This certificate is new: ${renewed}. Phones that have been here before warn once more.`)),
    ...text('Each phone warns that nobody it trusts has signed this certificate. To go on, press:'),
    ...certificateWarnings.map(({ browser, press }) => `  ${`${browser}:`.padEnd(width)}${press.join(', then ')}`),
    ...text(
      'An iPhone may show the page and still refuse its connection. Then start without --tls: messages are end-to-end encrypted either way.',
    ),
    '',
    ...text('SHA-256 of the certificate. Somebody who compares it on their phone knows that the page came from here:'),
    ...fingerprintLines(fingerprint).map((line) => `  ${line}`),
  ]
}

/** How somebody with a terminal joins, who has no page to press anything on. */
export const terminalLines = ({ file }: OwnCertificate, origin: string): readonly string[] => [
  'Somebody with a terminal, once you have given them a seat, types:',
  ...commandRows(['doormat', 'register', 'NAME', '--relay', origin, '--tls-ca', file], 2, columns()),
]
