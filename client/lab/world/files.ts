import { utf8 } from '../../../crypto/bytes.ts'
import { background, backgroundNames } from './background.ts'
import { type Draws, draws } from './draws.ts'
import { pairsWriting } from './pair.ts'
import { createTalk } from './phrases/talk.ts'
import { type Colour, pictureOf } from './test-picture.ts'
import type { World, WorldFile } from './world.ts'

/** So many messages in a hundred have a file, and so many of those a picture; the others are notes. */
const [withFile, withPicture] = [35, 70]

/**
 * A small world in which people send each other pictures and notes: squares of colour, and a line said again and again. Nobody
 * evades. The order names whoever writes with most people.
 * @param seed draws who knows whom, who says what when, and what has a file
 */
export function worldWithFiles(seed: string, size: number): World {
  const names = backgroundNames(size, `${seed} files`)
  const { messages, verified } = background(names, [], createTalk(new Set()), `${seed} files`)
  const chance = draws(`${seed} files`)
  const sent = messages
    .toSorted((one, other) => one.at - other.at)
    .map((message, i) => (chance.percent(withFile) ? { ...message, file: someFile(i, message.text, chance) } : message))
  const writing = pairsWriting(sent)
  const partners = (name: string) => writing.filter((pair) => pair.includes(name)).length
  const [target = '', ...others] = names.toSorted((one, other) => partners(other) - partners(one))
  return {
    name: `files, seed ${seed}`,
    people: names.map((name) => ({ name, role: 'somebody' })),
    messages: sent,
    target,
    shared: others[0] ?? target,
    listed: others.slice(0, 2),
    verified,
    evading: [],
    quotable: true,
  }
}

function someFile(number: number, line: string, chance: Draws): WorldFile {
  return chance.percent(withPicture) ? somePicture(number, chance) : someNote(number, line, chance)
}

/** A drawing of its own: no two are the same, or a reading could be held against the wrong one. */
export function somePicture(number: number, { below }: Draws): WorldFile {
  const colour = (): Colour => [below(256), below(256), below(256)]
  const side = 4 + below(13)
  const bytes = pictureOf(Array.from({ length: side }, () => Array.from({ length: side }, colour)))
  return { name: `picture-${number}.jpg`, type: 'image/jpeg', bytes }
}

const noteMaximumBytes = 150_000

/** Some are of several pieces. */
function someNote(number: number, line: string, { below }: Draws): WorldFile {
  const said = `${number}: ${line}\n`
  const times = Math.ceil((1 + below(noteMaximumBytes)) / utf8(said).length)
  return { name: `note-${number}.txt`, type: 'text/plain', bytes: utf8(said.repeat(times)) }
}
