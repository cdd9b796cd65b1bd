import { modes } from '../../../crypto/access/index.ts'

/** A mode's name by its id; an id that no mode has stays as it is. */
export const modeCalledHere = (id: string): string => modes.find((mode) => mode.id === id)?.title ?? id
