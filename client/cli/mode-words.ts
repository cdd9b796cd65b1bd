import { modes } from '../../crypto/access/index.ts'
import type { AccessStatus } from '../../server/api.ts'
import { visible } from '../words/visible.ts'

/** A mode's name, as text has it; the id of a mode that this program does not know. */
export const modeName = (id: string): string => modes.find((mode) => mode.id === id)?.title ?? visible(id)

/** Who can read under a mode, as a sentence. */
export const modeSummary = (id: string): string =>
  modes.find((mode) => mode.id === id)?.summary ??
  'This version of doormat does not know this mode; assume that somebody can read.'

/** What an archive means for a person; it is the relay's word, and nobody else can tell. */
export const archiveSentence = ({ archive }: Pick<AccessStatus, 'archive'>): string =>
  archive
    ? 'The relay says that it keeps a copy of every envelope and file.'
    : 'The relay says that it keeps no copies; nobody but its operator can check that.'
