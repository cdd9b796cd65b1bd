import { modes } from '../../../crypto/access/index.ts'

const called = (id: string) => modes.find((mode) => mode.id === id)

/** As people are told it; the id of one that this page does not know. */
export const titleOf = (id: string): string => called(id)?.title ?? id

/** Whether a mode lets somebody in with people who are named, and not with everybody. */
export const isForSome = (id: string): boolean => called(id)?.tapping !== undefined
