import type { Line } from '../conversation.ts'
import type { Draws } from '../draws.ts'
import { asides, unanswered } from './asides.ts'
import { colleagues } from './colleagues.ts'
import { family } from './family.ts'
import { friends } from './friends.ts'
import { neighbours } from './neighbours.ts'
import { slots } from './slots.ts'

/** What two people can talk about, by how they know each other. */
export type Stock = readonly (readonly Line[])[]
export const acquainted: readonly Stock[] = [friends, neighbours, colleagues].map((stock) => stock.map(inTurn))
export const related: Stock = family.map(inTurn)

/** Says what people of the background say to each other. */
export interface Talk {
  /** two or more lines, the first by the one at place 0 */
  readonly exchange: (stock: Stock, chance: Draws) => readonly Line[]
  /** one line that gets no answer */
  readonly monologue: (chance: Draws) => readonly Line[]
}

/** So many times other words are looked for before asides are put behind these. */
const attempts = 12

/** @param said every text of the world so far; each that is said here is new, and is added */
export function createTalk(said: Set<string>): Talk {
  /** One of them with its slots filled, at best so that nobody has ever said any line of it. */
  function fresh(stock: Stock, chance: Draws): readonly Line[] {
    let lines: readonly Line[] = []
    for (let attempt = 0; attempt < attempts; attempt++) {
      lines = filled(chance.pick(stock), chance)
      if (!lines.some(([, text]) => said.has(text))) break
    }
    return lines.map(([speaker, text]) => {
      const distinct = varied(text, chance)
      said.add(distinct)
      return [speaker, distinct]
    })
  }

  /** The text, and behind it as many asides as it takes to say what nobody has said. */
  function varied(text: string, chance: Draws): string {
    if (!said.has(text)) return text
    for (let count = 1; ; count += chance.percent(10) ? 1 : 0) {
      const chosen = Array.from({ length: count }, (): Line => [0, chance.pick(asides)])
      const longer = [text, ...filled(chosen, chance).map(([, aside]) => aside)].join(' ')
      if (!said.has(longer)) return longer
    }
  }

  const alone = unanswered.map((phrase) => inTurn([phrase]))
  return { exchange: fresh, monologue: (chance) => fresh(alone, chance) }
}

/** The two speak in turn; behind `+ ` the same one goes on. */
function inTurn(phrases: readonly string[]): readonly Line[] {
  let speaker: 0 | 1 = 1
  return phrases.map((phrase) => {
    const goesOn = phrase.startsWith('+ ')
    if (!goesOn) speaker = speaker === 0 ? 1 : 0
    return [speaker, goesOn ? phrase.slice(2) : phrase]
  })
}

/** Fills the slots: one name means one thing in all of the lines, and with a number behind it another. */
function filled(lines: readonly Line[], { pick }: Draws): readonly Line[] {
  const chosen = new Map<string, string>()
  function value(slot: string): string {
    const known = chosen.get(slot)
    if (known !== undefined) return known
    const values: readonly string[] = slots[slot.replace(/\d$/, '') as keyof typeof slots]
    const taken = new Set(chosen.values())
    const drawn = pick(values.filter((value) => !taken.has(value)))
    chosen.set(slot, drawn)
    return drawn
  }
  return lines.map(([speaker, phrase]) => {
    const text = phrase.replaceAll(/\{(\w+)\}/g, (_, slot: string) => value(slot))
    return [speaker, text.replaceAll(/(?:^|[.?!]\s)\p{Ll}/gu, (start) => start.toUpperCase())]
  })
}
