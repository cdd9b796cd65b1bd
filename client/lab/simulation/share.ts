/** So many of so many: read, noticed, opened. */
export interface Share {
  readonly read: number
  readonly of: number
}
