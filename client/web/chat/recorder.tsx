import { useEffect, useRef, useState } from 'preact/hooks'
import { voiceLength } from '../../device/voice/length.ts'
import { record, type Recording, voiceMaximumMinutes } from './recording.ts'

interface RecorderProps {
  readonly isBusy: boolean
  /** what is to be sent: never without a press of Send */
  readonly onSend: (recording: Blob) => void
  readonly onFault: (words: string | null) => void
  /** whether there is a recording, or the browser is asking for the microphone */
  readonly onActive: (isActive: boolean) => void
}

/** `held`: it has ended by itself, and waits for its person to say what becomes of it. */
type Phase =
  | { readonly is: 'idle' | 'asking' }
  | { readonly is: 'recording'; readonly recording: Recording }
  | { readonly is: 'held'; readonly blob: Blob }

export function Recorder({ isBusy, onSend, onFault, onActive }: RecorderProps) {
  const [phase, setPhase] = useState<Phase>({ is: 'idle' })
  const [ms, setMs] = useState(0)
  /** the same at once, for what comes before the page is drawn again */
  const now = useRef<Phase>(phase)
  const isGone = useRef(false)
  const [begins, ends] = [useRef<HTMLButtonElement>(null), useRef<HTMLButtonElement>(null)]
  const isThere = phase.is === 'recording' || phase.is === 'held'

  function enter(next: Phase): void {
    now.current = next
    if (isGone.current) return
    setPhase(next)
    onActive(next.is !== 'idle')
  }

  // whoever leaves the conversation has sent nothing, and nothing goes on
  useEffect(
    () => () => {
      isGone.current = true
      if (now.current.is === 'recording') now.current.recording.stop(false)
    },
    [],
  )
  // whoever has pressed a button that goes stays where they were
  useEffect(() => {
    if (!isThere) return
    ends.current?.focus()
    return () => begins.current?.focus()
  }, [isThere])
  useEffect(() => {
    if (phase.is !== 'recording') return
    const begun = performance.now()
    const timer = setInterval(() => setMs(performance.now() - begun), 500)
    return () => clearInterval(timer)
  }, [phase])

  async function begin(): Promise<void> {
    if (isBusy || now.current.is !== 'idle') return
    onFault(null)
    setMs(0)
    enter({ is: 'asking' })
    try {
      const recording = await record()
      if (isGone.current) return recording.stop(false)
      enter({ is: 'recording', recording })
      const { why, blob } = await recording.ended
      if (isGone.current) return
      if (why === 'by itself') return enter({ is: 'held', blob })
      enter({ is: 'idle' })
      if (why === 'wanted') onSend(blob)
    } catch {
      if (isGone.current) return
      enter({ is: 'idle' })
      onFault('This browser does not give the microphone: allow it for this page.')
    }
  }

  function end(isWanted: boolean): void {
    if (phase.is === 'recording') phase.recording.stop(isWanted)
    if (phase.is !== 'held') return
    enter({ is: 'idle' })
    if (isWanted) onSend(phase.blob)
  }

  if (!isThere)
    return (
      <button
        type="button"
        ref={begins}
        onClick={() => void begin()}
        aria-disabled={isBusy || phase.is === 'asking' ? 'true' : undefined}
      >
        Record, up to {voiceMaximumMinutes} min
      </button>
    )
  return (
    <>
      {phase.is === 'held' && <p class="faint all">The recording has ended. Nothing of it has been sent.</p>}
      <button type="button" ref={ends} class="main" onClick={() => end(true)}>
        Send {voiceLength(ms)}
      </button>
      <button type="button" onClick={() => end(false)}>
        Discard
      </button>
    </>
  )
}
