import { useState } from 'preact/hooks'
import { fileMaximumBytes } from '../device/protocol.ts'
import { ask } from './device.ts'
import { isLocking } from './own-lock.tsx'
import { Recorder } from './recorder.tsx'
import { hasMicrophone, samplesOf, voiceMaximumMinutes } from './recording.ts'

/** A recording that is a larger file than this is longer than 5 minutes, in every form that a phone records in. */
const recordingMaximumBytes = 120_000_000

interface AttachProps {
  readonly to: string
  /** whether a text is being written, or a message answered: a file answers nothing */
  readonly isInTheWay: boolean
}

/** What goes to somebody besides a text: a file, or a voice from the microphone, or from a recording where the page has none. */
export function Attach({ to, isInTheWay }: AttachProps) {
  const [isRecording, setRecording] = useState(false)
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
    <div class="attach" hidden={isInTheWay && !isBusy && !isRecording && fault === null}>
      <Picker name="file" words="File, up to 8 MB" isBusy={isBusy} onPick={(file) => void sendFile(file)} />
      {hasMicrophone() ? (
        <Recorder
          isBusy={isBusy}
          onSend={(recording) => void sendVoice(recording)}
          onFault={setFault}
          onActive={setRecording}
        />
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
