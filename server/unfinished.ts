import { frameMaximumBytes } from './api.ts'

/** Counts what has come of a frame that has not come whole. */
export class Unfinished {
  private bytes = 0
  private told = 0

  /** To be told after all that this has finished. @returns by how much there is more now, or less */
  came(sizeBytes: number): number {
    this.bytes += sizeBytes
    const before = this.told
    this.told = Math.min(this.bytes, frameMaximumBytes)
    return this.told - before
  }

  /** @param sizeBytes of the content of a frame that has come whole */
  finished(sizeBytes: number): void {
    this.bytes -= sizeBytes + frameHeadBytes(sizeBytes)
  }

  /** how much there is, as last told */
  get sizeBytes(): number {
    return this.told
  }
}

/** Reads the header of a frame from a device: masked, and in one piece. RFC 6455, section 5.2. */
const frameHeadBytes = (length: number) => 6 + (length < 126 ? 0 : length < 65_536 ? 2 : 8)
