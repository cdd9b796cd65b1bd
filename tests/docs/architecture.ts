import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** docs/architecture.svg: the rooms of the house and the imports between them, read off the code. */

const root = resolve(import.meta.dirname, '../..')

/** Every room with what it is for; a folder belongs to the longest of these that it begins with. */
export const rooms: readonly (readonly [folder: string, purpose: string])[] = [
  ['crypto', 'the protocol: bytes in, bytes out'],
  ['crypto/access', 'access modes, one file each'],
  ['server/disk', 'what all do with files'],
  ['server', 'the relay'],
  ['client/device', "one person's device"],
  ['client/node', 'what it needs of Node'],
  ['client/words', 'what is said, everywhere alike'],
  ['client/authority', 'who holds the keys; orders'],
  ['client/lab/world', 'people, and what they say'],
  ['client/lab/simulation', 'a world is played'],
  ['client/lab/adversaries', 'what each can read'],
  ['client/lab/runs', 'every mode, every adversary'],
  ['client/lab/experiments', 'questions, and their verdicts'],
  ['client/lab/report', 'pages and pictures'],
  ['client/cli', 'the program doormat'],
]

/** Imports between rooms: from the importing one to those it imports from. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()

const roomOf = (file: string): string | null =>
  rooms
    .map(([folder]) => folder)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((one, other) => other.length - one.length)[0] ?? null

/** @throws Error for a file that stands in no room */
export function importsOfRooms(): Imports {
  const imports = new Map<string, Set<string>>(rooms.map(([folder]) => [folder, new Set()]))
  for (const file of ['crypto', 'server', 'client'].flatMap(sources)) {
    const room = roomOf(file)
    const known = room === null ? undefined : imports.get(room)
    if (!known) throw new Error(`${file} stands in no room that docs/architecture.svg has`)
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/(?:from|import) '(\.{1,2}\/[^']+)'/g)) {
      const other = roomOf(relative(root, resolve(root, dirname(file), target)))
      if (other !== null && other !== room) known.add(other)
    }
  }
  return imports
}

/** On which floor each room stands: above all that it imports. @throws Error where imports go in a circle */
export function floorsOf(imports: Imports): ReadonlyMap<string, number> {
  const floors = new Map<string, number>()
  const climb = (room: string, below: readonly string[]): number => {
    if (below.includes(room)) throw new Error(`imports go in a circle: ${[...below, room].join(', ')}`)
    const known = floors.get(room)
    if (known !== undefined) return known
    const floor = Math.max(-1, ...Array.from(imports.get(room) ?? [], (next) => climb(next, [...below, room]))) + 1
    floors.set(room, floor)
    return floor
  }
  for (const room of imports.keys()) climb(room, [])
  return floors
}

/** An import that also goes another way, through a third room, is not drawn. */
function drawn(imports: Imports): readonly (readonly [from: string, to: string])[] {
  const reaches = (from: string, to: string): boolean =>
    [...(imports.get(from) ?? [])].some((next) => next === to || reaches(next, to))
  return [...imports].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((between) => between !== to && reaches(between, to)))
      .map((to) => [from, to] as const),
  )
}

const box = { width: 236, height: 58, gapX: 34, gapY: 62, margin: 24 }

export function architecturePicture(): string {
  const imports = importsOfRooms()
  const floors = floorsOf(imports)
  const top = Math.max(...floors.values())
  const onFloor = (floor: number) => rooms.map(([folder]) => folder).filter((folder) => floors.get(folder) === floor)
  const widest = Math.max(...Array.from({ length: top + 1 }, (_, floor) => onFloor(floor).length))
  const width = 2 * box.margin + widest * box.width + (widest - 1) * box.gapX
  const height = 2 * box.margin + (top + 1) * box.height + top * box.gapY
  const places = new Map<string, { readonly x: number; readonly y: number }>()
  for (let floor = 0; floor <= top; floor++) {
    const here = onFloor(floor)
    const taken = here.length * box.width + (here.length - 1) * box.gapX
    for (const [i, folder] of here.entries())
      places.set(folder, {
        x: (width - taken) / 2 + i * (box.width + box.gapX),
        y: height - box.margin - box.height - floor * (box.height + box.gapY),
      })
  }
  const placeOf = (folder: string) => places.get(folder) ?? { x: 0, y: 0 }
  const arrows = drawn(imports).map(([from, to]) => {
    const [above, below] = [placeOf(from), placeOf(to)]
    const [x1, y1] = [above.x + box.width / 2, above.y + box.height]
    const [x2, y2] = [below.x + box.width / 2, below.y - 7]
    const bend = box.gapY * 0.6
    return `<path class="arrow" marker-end="url(#head)" d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}"><title>${from} imports ${to}</title></path>`
  })
  const boxes = rooms.map(([folder, purpose]) => {
    const { x, y } = placeOf(folder)
    return `<g><rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="7"/><text class="name" x="${x + box.width / 2}" y="${y + 25}">${folder}/</text><text x="${x + box.width / 2}" y="${y + 44}">${purpose}</text></g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The rooms of the house; an arrow goes from a room to one that it imports from">
<style>rect { fill: #f4f6f8; stroke: #47627d } text { font: 13px system-ui, sans-serif; fill: #33414f; text-anchor: middle } .name { font: bold 14px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; fill: #14202b } .arrow { fill: none; stroke: #7d8fa1; stroke-width: 1.4 } .head { fill: #7d8fa1 } .ground { fill: #fff; stroke: none }</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>
<rect class="ground" width="100%" height="100%"/>
${arrows.join('\n')}
${boxes.join('\n')}
</svg>
`
}
