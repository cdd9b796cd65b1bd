/** Minutes and seconds of what lasts so long: `0:12`, `10:03`. */
export function voiceLength(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** What a voice message is called, as a file: how long it is, and nothing of when, where or from what it was made. */
export const voiceName = (ms: number): string => `voice-${voiceLength(ms).replace(':', 'm')}s.ogg`
