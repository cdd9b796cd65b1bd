import { useEffect, useState } from 'preact/hooks'
import type { InsideView } from '../device/protocol.ts'
import { ask } from './device.ts'
import { Dialog } from './dialog.tsx'

/** What left the phone for one message, and who has which key. */
export function Inside({ row, onClose }: { readonly row: number; readonly onClose: () => void }) {
  const [inside, setInside] = useState<InsideView | null>(null)
  useEffect(() => void ask('inside', { row }).then(setInside, onClose), [row])
  const envelope = inside?.envelope
  return (
    <Dialog title="Inside this message" onClose={onClose}>
      {inside && <p class={envelope?.sealed.length ? 'exposed' : ''}>{inside.readableBy}</p>}
      {inside && !envelope && (
        <p>
          The bytes of this one are not known any more: this phone shows those that it has sent since the page was
          loaded.
        </p>
      )}
      {envelope && (
        <>
          <p>
            {envelope.sizeBytes} bytes left this phone for {envelope.to}. The server sees them, who sent them, to whom
            and when. {envelope.ciphertextBytes} of them are the text, padded and encrypted.
          </p>
          {envelope.sealed.map(({ mode, sizeBytes }) => (
            <p key={mode} class="exposed">
              {sizeBytes} of them are this message’s key, sealed for the authority ({mode}).
            </p>
          ))}
          <p class="faint">
            {envelope.hex.length < 2 * envelope.sizeBytes
              ? `The first ${envelope.hex.length / 2} of them, as they went:`
              : 'All of them, as they went:'}
          </p>
          <pre tabIndex={0}>{(envelope.hex.match(/.{1,4}/g) ?? []).join(' ')}</pre>
        </>
      )}
    </Dialog>
  )
}
