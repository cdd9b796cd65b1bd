/** The longest voice message that this page makes: it is in memory as a whole. */
export const voiceMaximumMinutes = 5
export const voiceMaximumMs = voiceMaximumMinutes * 60_000
const rateHz = 48_000

/** Only where the page is a secure context is there a microphone: on https, or on the same machine. */
export const hasMicrophone = (): boolean => 'mediaDevices' in navigator && typeof MediaRecorder !== 'undefined'

export interface Recording {
  /** @returns what was recorded, as the browser writes it down; null where it was thrown away */
  readonly ended: Promise<Blob | null>
  /** @param isKept whether what was recorded is wanted */
  stop(isKept: boolean): void
}

/** @throws DOMException where the person or the browser does not give the microphone */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const recorder = new MediaRecorder(stream)
  const parts: Blob[] = []
  let isWanted = true
  recorder.addEventListener('dataavailable', ({ data }) => void parts.push(data))
  const ended = new Promise<Blob | null>((resolve) => {
    recorder.addEventListener('stop', () => {
      for (const track of stream.getTracks()) track.stop()
      resolve(isWanted ? new Blob(parts) : null)
    })
  })
  recorder.start()
  const limit = setTimeout(() => recorder.stop(), voiceMaximumMs)
  return {
    ended,
    stop(isKept) {
      clearTimeout(limit)
      isWanted = isKept
      if (recorder.state !== 'inactive') recorder.stop()
    },
  }
}

/** Whatever the browser decodes, as one channel of 48,000 samples a second. @throws Error with words for the person */
export async function samplesOf(recording: Blob): Promise<Float32Array> {
  const decoded = await new OfflineAudioContext(1, 1, rateHz)
    .decodeAudioData(await recording.arrayBuffer())
    .catch(() => {
      throw new Error('This browser finds no sound in this file.')
    })
  if (decoded.duration * 1000 > voiceMaximumMs + 1000)
    throw new Error(`This is longer than ${voiceMaximumMinutes} minutes, the most of a voice message from this page.`)
  const samples = new Float32Array(decoded.length)
  for (let channel = 0; channel < decoded.numberOfChannels; channel++)
    for (const [i, sample] of decoded.getChannelData(channel).entries())
      samples[i] = (samples[i] ?? 0) + sample / decoded.numberOfChannels
  return samples
}
