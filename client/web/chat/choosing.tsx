import { useState } from 'preact/hooks'
import type { KeptDevice } from '../device/protocol.ts'
import { startWorker } from './device.ts'
import { resume, stage } from './state.ts'

/** A new tab, in a browser that has been here: the same person again, or somebody else. */
export function Choosing({ kept }: { readonly kept: readonly KeptDevice[] }) {
  const [fault, setFault] = useState<string | null>(null)
  const goOn = (device: KeptDevice) =>
    resume(device).catch((error: Error) => {
      startWorker()
      setFault(error.message)
    })
  return (
    <main class="note">
      <h1>You have been here before</h1>
      {kept.map((device) => (
        <button type="button" class="main" key={device.id} onClick={() => void goOn(device)}>
          Go on as {device.name}
        </button>
      ))}
      <button type="button" onClick={() => (stage.value = { at: 'joining' })}>
        Join as somebody else
      </button>
      <p class="faint">If another tab is open as the same person, this one takes over.</p>
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </main>
  )
}
