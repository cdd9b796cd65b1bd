import { modes } from '../../../crypto/access/index.ts'
import { paragraph, table } from '../layout.ts'
import { print } from '../output.ts'
import { safeJson } from '../../words/visible.ts'

/** Every access mode, as a table or in JSON. */
export function listModes(flags: { readonly json?: boolean }): void {
  for (const { id, title, year, summary, source, simplifies, tapping } of modes)
    if (flags.json) print(safeJson({ id, title, year, summary, source, simplifies, tap: tapping !== undefined }))
  if (flags.json) return
  table(
    [{ heading: 'mode' }, { heading: 'who can read' }],
    modes.map(({ id, summary }) => [id, summary]),
  ).forEach(print)
  const tapped = modes.flatMap(({ id, tapping }) => (tapping ? [id] : []))
  print('')
  for (const text of [
    `Under ${tapped.join(' and ')}, only the people are read whom the authority has named in an instrument: doormat authority instrument --mode MODE --person NAME`,
    'docs/access-modes.md says how each mode works, and what speaks for and against it.',
  ])
    paragraph(text, { first: '' }).forEach(print)
}

/** Below the help of a command that takes a mode. */
export function modesBelowHelp(): void {
  print('Modes:')
  const rows = modes.filter(({ id }) => id !== 'none').map(({ id, summary }) => [id, summary])
  const [, ...below] = table([{ heading: '' }, { heading: '' }], rows, 2)
  below.forEach(print)
}
