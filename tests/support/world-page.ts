import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')

export interface Field {
  readonly name: string
  readonly type: string
}

/** A command as docs/cli.md has it. */
export interface CommandSection {
  /** with its arguments, `send <name> [text]` */
  readonly usage: string
  readonly options: readonly string[]
  readonly examples: readonly string[]
}

/** The rows of the table under this heading, a list of cells each. */
function rowsUnder(text: string, heading: string): string[][] {
  const [, after] = text.split(heading)
  if (after === undefined) return []
  const table = /^\|---.*\n((?:\|.*\n)*)/m.exec(after)?.[1] ?? ''
  return table.split('\n').flatMap((row) =>
    row === ''
      ? []
      : [
          row
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()),
        ],
  )
}

const unquoted = (cell = '') => cell.replaceAll('`', '')

export const commandSections: readonly CommandSection[] = page
  .split(/^## /m)
  .filter((section) => section.startsWith('`doormat '))
  .map((section) => ({
    usage: /^`doormat (.*)`$/m.exec(section)?.[1] ?? '',
    options: rowsUnder(section, '| option | meaning |\n').map(([option]) => unquoted(option)),
    examples: (/^```\n([^]*?)^```/m.exec(section)?.[1] ?? '').split('\n').filter((line) => line !== ''),
  }))

/** The fields of an object that stands under its name in bold. */
export const fieldsOf = (object: string): readonly Field[] =>
  rowsUnder(page, `**${object}**\n\n| field | type | meaning |\n`).map(([name, type]) => ({
    name: unquoted(name),
    type: type ?? '',
  }))

export const notices = (): readonly string[] => rowsUnder(page, '| kind | meaning |\n').map(([kind]) => unquoted(kind))

export const variables = (): readonly string[] =>
  rowsUnder(page, '| variable | meaning |\n').map(([name]) => unquoted(name))

export const exitCodes = (): readonly number[] => rowsUnder(page, '| code | meaning |\n').map(([code]) => Number(code))

const isOf: Record<string, (value: unknown) => boolean> = {
  'string': (value) => typeof value === 'string',
  'number': (value) => typeof value === 'number' && Number.isSafeInteger(value),
  'boolean': (value) => typeof value === 'boolean',
  'object': (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'list of strings': (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  'null': (value) => value === null,
}

const matches = (value: unknown, type: string) =>
  type
    .replace('true or false', 'boolean')
    .split(' or ')
    .some((one) => isOf[one]?.(value))

/** Where what was printed and what the page says of it differ: fields too many, missing, or of another type. */
export function differences(printed: Record<string, unknown>, object: string): string[] {
  const fields = fieldsOf(object)
  if (fields.length === 0) return [`docs/cli.md has no object ${object}`]
  const undocumented = Object.keys(printed).filter((key) => !fields.some(({ name }) => name === key))
  const wrong = fields.filter(({ name, type }) => !matches(printed[name], type))
  return [
    ...undocumented.map((key) => `${key} is not on the page`),
    ...wrong.map(({ name, type }) => `${name} is no ${type}: ${JSON.stringify(printed[name])}`),
  ]
}
