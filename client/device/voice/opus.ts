/** What turns a voice into packets, one after the other: the port behind which an Opus library stands. */
export interface OpusEncoder {
  /** how many samples of silence come out before the first of the sound, at 48 kHz */
  readonly lookahead: number
  /**
   * @param block 960 samples of one channel at 48 kHz: 20 ms
   * @returns a packet of 60 bytes, whatever is in it
   */
  encode(block: Float32Array): Uint8Array
  free(): void
}

export type CreateEncoder = () => Promise<OpusEncoder>

export const blockSamples = 960
/**
 * A voice is clear at that rate, and a minute is 180 kB. It is constant: at a variable rate the lengths of packets follow the sounds of a language,
 * so that phrases are recognised through encryption (Wright and others, Spot Me if You Can, 2008). Of a file only the sum is seen from outside, and
 * so it tells how long somebody spoke, and nothing of how much they said.
 */
const bitsPerSecond = 24_000

/** Loads libopus, which nothing but a voice message needs. */
export async function libopusEncoder(): Promise<OpusEncoder> {
  const { Application, createEncoder, Signal } = await import('libopus-wasm')
  const encoder = await createEncoder({
    channels: 1,
    sampleRate: 48_000,
    frameSize: blockSamples,
    application: Application.Voip,
    signal: Signal.Voice,
    bitrate: bitsPerSecond,
    vbr: false,
    dtx: false,
  })
  return {
    lookahead: encoder.getLookahead(),
    encode: (block) => encoder.encodeFloat(block),
    free: () => encoder.free(),
  }
}
