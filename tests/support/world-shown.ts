import { linesOf } from '../../client/cli/entries.ts'
import { quoteFrom } from '../../client/words/afterword.ts'
import { visible } from '../../client/words/visible.ts'
import type { Person } from './world.ts'

/** Everything a person is shown, as the program prints it, without the time: messages and notices but those of the policy. */
export const shownTo = (person: Person): readonly string[] =>
  person
    .entries()
    .filter(({ kind }) => kind !== 'access')
    .flatMap((entry) =>
      linesOf(entry, { self: person.name, nameOf: visible, quote: quoteFrom(person.device) }, entry.recordedAt),
    )
    .map((line) => line.replace(/^(\d{4}-\d\d-\d\d )?\d\d:\d\d /, ''))

/** The same without what is said. */
export const noticesTo = (person: Person): readonly string[] =>
  shownTo(person).flatMap((line) => (line.startsWith('* ') ? [line.slice(2)] : []))
