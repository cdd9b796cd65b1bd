/** A block of README's tour: what a person types, and what stands under it. */
export interface TourBlock {
  /** the words before it, since the last block */
  readonly words: string
  readonly commands: readonly string[]
  /** null where nothing is shown */
  readonly printed: readonly string[] | null
}

/** The tour's section of README.md, block by block. */
export function tourIn(readme: string): readonly TourBlock[] {
  const from = readme.indexOf('## Five minutes by hand')
  const section = readme.slice(from, readme.indexOf('\n## ', from + 1))
  const blocks: TourBlock[] = []
  for (const [, words = '', language, body = ''] of section.matchAll(/([^]*?)```(sh|text)\n([^]*?)\n```\n/g)) {
    const lines = body.split('\n')
    const last = blocks.at(-1)
    if (language === 'sh') blocks.push({ words, commands: lines, printed: null })
    else if (last) blocks.splice(-1, 1, { ...last, printed: lines })
  }
  return blocks
}

/** Times differ from run to run, and so does how many messages one receipt speaks of. */
export const comparable = (line: string): string =>
  line
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/\b(\d{4}-\d\d-\d\d )?\d\d:\d\d\b/g, 'TIME')
    .replaceAll(/\b\d+ (delivery receipt|envelope)s?( was| were)?/g, 'SOME $1s')
    .trimEnd()
