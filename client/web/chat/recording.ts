/** The longest voice message that this page makes: it is in memory as a whole. */
export const voiceMaximumMinutes = 5
export const voiceMaximumMs = voiceMaximumMinutes * 60_000
const rateHz = 48_000

/** Only where the page is a secure context is there a microphone: on https, or on the same machine. */
export const hasMicrophone = (): boolean => 'mediaDevices' in navigator && typeof MediaRecorder !== 'undefined'

/** Why a recording ended: its person wants it, or has thrown it away; or its time was over, or the microphone was taken away. */
export interface Ended {
  readonly why: 'wanted' | 'thrown away' | 'by itself'
  /** as the browser writes it down */
  readonly blob: Blob
}

export interface Recording {
  readonly ended: Promise<Ended>
  stop(isWanted: boolean): void
}

/** @throws DOMException where the person or the browser does not give the microphone */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const letGo = () => stream.getTracks().forEach((track) => track.stop())
  try {
    const recorder = new MediaRecorder(stream)
    const parts: Blob[] = []
    let why: Ended['why'] = 'by itself'
    recorder.addEventListener('dataavailable', ({ data }) => void parts.push(data))
    const ended = new Promise<Ended>((resolve) => {
      recorder.addEventListener('stop', () => {
        letGo()
        resolve({ why, blob: new Blob(parts) })
      })
    })
    recorder.start()
    const stop = () => {
      if (recorder.state !== 'inactive') recorder.stop()
    }
    const limit = setTimeout(stop, voiceMaximumMs)
    return {
      ended,
      stop(isWanted) {
        clearTimeout(limit)
        if (recorder.state !== 'inactive') why = isWanted ? 'wanted' : 'thrown away'
        stop()
      },
    }
  } catch (error) {
    letGo()
    throw error
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
