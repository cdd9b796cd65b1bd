import { useEffect, useRef, useState } from 'preact/hooks'
import { voiceLength } from '../../device/voice/length.ts'
import { fileMaximumBytes } from '../device/protocol.ts'
import { ask } from './device.ts'
import { isLocking } from './own-lock.tsx'
import { hasMicrophone, record, type Recording, samplesOf, voiceMaximumMinutes } from './recording.ts'

/** A recording that is a larger file than this is longer than 5 minutes, in every form that a phone records in. */
const recordingMaximumBytes = 120_000_000

/** What goes to somebody besides a text: a file, or a voice from the microphone, or from a recording where the page has none. */
export function Attach({ to }: { readonly to: string }) {
  const [doing, setDoing] = useState<string | null>(null)
  const [fault, setFault] = useState<string | null>(null)

  async function run(what: string, work: () => Promise<unknown>): Promise<void> {
    setDoing(what)
    setFault(null)
    try {
      await work()
    } catch (error) {
      setFault((error as Error).message)
    }
    setDoing(null)
  }

  const sendFile = (file: File) =>
    run('Encrypting the file …', async () => {
      if (file.size > fileMaximumBytes) throw new Error('This file has more than 8 MB, the most that this page sends.')
      await ask('sendFile', { to, name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })
    })
  const sendVoice = (recording: Blob) =>
    run('Encoding your voice …', async () => {
      if (recording.size > recordingMaximumBytes)
        throw new Error(
          `This is longer than ${voiceMaximumMinutes} minutes, the most of a voice message from this page.`,
        )
      await ask('sendVoice', { to, samples: await samplesOf(recording) })
    })

  const isBusy = doing !== null
  return (
    <div class="attach">
      <Picker name="file" words="File, up to 8 MB" isBusy={isBusy} onPick={(file) => void sendFile(file)} />
      {hasMicrophone() ? (
        <Recorder isBusy={isBusy} onEnd={(recording) => void sendVoice(recording)} onFault={setFault} />
      ) : (
        <Picker
          name="voice"
          words={`Voice, up to ${voiceMaximumMinutes} min`}
          accept="audio/*"
          isBusy={isBusy}
          onPick={(file) => void sendVoice(file)}
        />
      )}
      <p class="faint all" role="status">
        {doing ?? (isLocking(to) ? 'Files and voices are not locked with your passphrase.' : '')}
      </p>
      {fault !== null && (
        <p class="fault all" role="alert">
          {fault}
        </p>
      )}
    </div>
  )
}

interface PickerProps {
  readonly name: string
  readonly words: string
  readonly accept?: string
  readonly isBusy: boolean
  readonly onPick: (file: File) => void
}

function Picker({ name, words, accept, isBusy, onPick }: PickerProps) {
  return (
    <>
      <input
        id={`attach-${name}`}
        class="unseen"
        type="file"
        accept={accept}
        disabled={isBusy}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          // the same file can be picked again
          if (file) onPick(file)
          event.currentTarget.value = ''
        }}
      />
      <label class="button" for={`attach-${name}`}>
        {words}
      </label>
    </>
  )
}

interface RecorderProps {
  readonly isBusy: boolean
  readonly onEnd: (recording: Blob) => void
  readonly onFault: (words: string | null) => void
}

function Recorder({ isBusy, onEnd, onFault }: RecorderProps) {
  const [recording, setRecording] = useState<Recording | null>(null)
  const [ms, setMs] = useState(0)
  const running = useRef<Recording | null>(null)
  const [begins, ends] = [useRef<HTMLButtonElement>(null), useRef<HTMLButtonElement>(null)]
  // whoever leaves the conversation has not sent anything
  useEffect(() => () => running.current?.stop(false), [])
  // whoever has pressed a button that goes stays where they were
  useEffect(() => {
    if (!recording) return
    ends.current?.focus()
    return () => begins.current?.focus()
  }, [recording])
  useEffect(() => {
    if (!recording) return
    const begun = performance.now()
    const timer = setInterval(() => setMs(performance.now() - begun), 500)
    return () => clearInterval(timer)
  }, [recording])

  async function begin(): Promise<void> {
    onFault(null)
    try {
      const begun = await record()
      running.current = begun
      setMs(0)
      setRecording(begun)
      const ended = await begun.ended
      running.current = null
      setRecording(null)
      if (ended) onEnd(ended)
    } catch {
      onFault('This browser does not give the microphone: allow it for this page.')
    }
  }

  if (!recording)
    return (
      <button type="button" ref={begins} onClick={() => void begin()} disabled={isBusy}>
        Record, up to {voiceMaximumMinutes} min
      </button>
    )
  return (
    <>
      <button type="button" ref={ends} class="main" onClick={() => recording.stop(true)}>
        Send {voiceLength(ms)}
      </button>
      <button type="button" onClick={() => recording.stop(false)}>
        Discard
      </button>
    </>
  )
}
