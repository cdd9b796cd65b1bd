import { useEffect, useRef, useState } from 'preact/hooks'
import type { FileView, MessageView } from '../device/protocol.ts'
import { ask } from './device.ts'

interface FileProps {
  readonly row: number
  readonly file: NonNullable<MessageView['file']>
  /** whether the server has it, as far as this device knows */
  readonly isThere: boolean
}

/**
 * The file of a message. It is fetched when somebody presses the button, and not before. Then a picture is shown and sound is played, by the
 * browser itself; all else can only be saved.
 */
export function MessageFile({ row, file, isThere }: FileProps) {
  const [got, setGot] = useState<(FileView & { readonly url: string }) | null>(null)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const found = useRef<HTMLDivElement>(null)
  const isGone = useRef(false)
  useEffect(() => () => void (isGone.current = true), [])
  // the button that was pressed is gone
  useEffect(() => {
    if (got) found.current?.focus()
  }, [got])
  useEffect(() => (got ? () => URL.revokeObjectURL(got.url) : undefined), [got])

  async function fetchIt(): Promise<void> {
    setBusy(true)
    setFault(null)
    try {
      const fetched = await ask('file', { row })
      // nobody would let its address go again
      if (isGone.current) return
      // of what is not shown the browser is told nothing by which it would open it
      const type = fetched.shownAs ?? 'application/octet-stream'
      setGot({ ...fetched, url: URL.createObjectURL(new Blob([fetched.bytes as Uint8Array<ArrayBuffer>], { type })) })
    } catch (error) {
      setFault((error as Error).message)
    }
    setBusy(false)
  }

  return (
    <div class="file" ref={found} tabIndex={-1}>
      <p>{file.words}</p>
      {got === null && isThere && !file.isTooLarge && (
        <button type="button" onClick={() => void fetchIt()} disabled={busy}>
          {busy ? 'Fetching …' : file.isVoice ? 'Play' : 'Fetch'}
        </button>
      )}
      {file.isTooLarge && <p class="faint">Larger than 8 MB: too large for this page.</p>}
      {fault !== null && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {got?.shownAs?.startsWith('audio/') && (
        <audio controls autoplay={file.isVoice} src={got.url} aria-label={file.words} />
      )}
      {got?.shownAs?.startsWith('image/') && <img src={got.url} alt={`The picture ${file.words}`} />}
      {got !== null && (
        <a href={got.url} download={got.name}>
          Save {got.name}
        </a>
      )}
    </div>
  )
}
