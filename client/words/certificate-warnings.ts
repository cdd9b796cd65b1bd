/*
 * What a phone says of a certificate that a workshop has made for itself, and what leads past it: one list for the terminal and the wall.
 */

export interface CertificateWarning {
  readonly browser: string
  /** the heading of its page */
  readonly says: string
  /** one after the other */
  readonly press: readonly string[]
}

/** Chrome's is that of Chromium 156; the others are by what their makers and users write, and browsers change their words. */
export const certificateWarnings: readonly CertificateWarning[] = [
  { browser: 'Chrome', says: 'Your connection is not private', press: ['Advanced', 'Proceed to …'] },
  {
    browser: 'Safari',
    says: 'This Connection Is Not Private',
    press: ['Show Details', 'visit this website', 'Visit Website'],
  },
  {
    browser: 'Firefox',
    says: 'Warning: Potential Security Risk Ahead',
    press: ['Advanced', 'Accept the Risk and Continue'],
  },
]

/** @param fingerprint bytes with spaces between them; @returns lines of eight, so that two people can compare them aloud */
export function fingerprintLines(fingerprint: string): readonly string[] {
  const bytes = fingerprint.split(' ')
  return Array.from({ length: Math.ceil(bytes.length / 8) }, (_line, i) => bytes.slice(8 * i, 8 * i + 8).join(' '))
}
