import type { RoomErrorCode } from './api.ts'

/** What a host is told, with what to try. */
export class WorkshopError extends Error {
  override readonly name = 'WorkshopError'
  readonly hint: string | null

  constructor(message: string, hint: string | null = null) {
    super(message)
    this.hint = hint
  }
}

/** The room says no to a page; the message is meant for whoever looks at it. */
export class RoomError extends Error {
  override readonly name = 'RoomError'
  readonly code: RoomErrorCode

  constructor(code: RoomErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
