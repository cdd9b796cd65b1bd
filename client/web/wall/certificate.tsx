import type { HostView } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { certificateWarnings, fingerprintLines } from '../../words/certificate-warnings.ts'

interface CertificateProps {
  readonly certificate: NonNullable<HostView['certificate']>
  /** how many people have come in */
  readonly people: number
}

/** For whoever comes in by https: what leads past the warning of their phone, and what proves that there is nobody in between. */
export const Certificate = ({ certificate, people }: CertificateProps) => (
  <section class="certificate" aria-labelledby="certificate">
    <h2 id="certificate">Your phone will warn you</h2>
    <p>It does not know this laptop’s certificate. Press:</p>
    <dl>
      {certificateWarnings.map(({ browser, press }) => (
        <div key={browser}>
          <dt>{browser}</dt>
          <dd>{press.join(' → ')}</dd>
        </div>
      ))}
    </dl>
    <p>To be sure it is ours, compare its SHA-256:</p>
    <p class="fingerprint">
      {fingerprintLines(certificate.fingerprint).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </p>
    <p>{counted(people, 'person is', 'people are')} here.</p>
  </section>
)
