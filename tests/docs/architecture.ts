import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** docs/architecture.svg: the rooms of the house and the imports between them, read off the code. */

const root = resolve(import.meta.dirname, '../..')

interface Room {
  readonly folder: string
  readonly purpose: string
  /** where it is drawn, from the left; a lab is as wide as the picture */
  readonly column: 0 | 1 | 2
}

const rooms: readonly Room[] = [
  { folder: 'crypto', purpose: 'the protocol: bytes in, bytes out', column: 0 },
  { folder: 'crypto/access', purpose: 'access modes, one file each', column: 0 },
  { folder: 'server/disk', purpose: 'how all of them handle files', column: 2 },
  { folder: 'server', purpose: 'the relay, and its contract', column: 1 },
  { folder: 'client/device', purpose: "one person's device", column: 0 },
  { folder: 'client/node', purpose: 'what a device needs of Node', column: 0 },
  { folder: 'client/words', purpose: 'the same words everywhere', column: 1 },
  { folder: 'client/authority', purpose: 'the authority, the order desk', column: 2 },
  { folder: 'client/lab', purpose: 'what each adversary can read', column: 1 },
  { folder: 'client/stage', purpose: 'invented people with real devices', column: 0 },
  { folder: 'client/workshop', purpose: 'a room of people: relay, authority', column: 2 },
  { folder: 'client/cli', purpose: 'the program doormat', column: 1 },
  { folder: 'client/web', purpose: 'a device in a browser, and pages', column: 0 },
]

/** The rooms of the lab, in the order of a run: each imports from those before it, and never from those behind it. */
export const labRooms = ['world', 'simulation', 'adversaries', 'runs', 'experiments', 'report'] as const

/** Imports between folders: from the importing one to those it imports from. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()

/** The folder, of these, that a file belongs to: the longest that its path begins with. */
const folderOf = (file: string, folders: readonly string[]): string | null =>
  folders.filter((folder) => file.startsWith(`${folder}/`)).sort((one, other) => other.length - one.length)[0] ?? null

/** @throws Error for a file below `within` that is in none of these folders */
export function importsBetween(folders: readonly string[], within: readonly string[]): Imports {
  const imports = new Map<string, Set<string>>(folders.map((folder) => [folder, new Set()]))
  for (const file of within.flatMap(sources)) {
    const folder = folderOf(file, folders)
    const known = folder === null ? undefined : imports.get(folder)
    if (!known) throw new Error(`${file} stands in no room that docs/architecture.svg has`)
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target = ''] of text.matchAll(/(?:from|import) '(\.{1,2}\/[^']+)'/g)) {
      const other = folderOf(relative(root, resolve(root, dirname(file), target)), folders)
      if (other !== null && other !== folder) known.add(other)
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

/** A room as wide as the picture has its floor for itself: whoever would stand beside it, and all above, stand one higher. */
function besideNobody(wide: string, floors: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const own = floors.get(wide) ?? 0
  // otherwise the floor above it would be empty
  if (![...floors].some(([room, floor]) => room !== wide && floor === own)) return floors
  const raised = [...floors].map(([room, floor]) => [room, room !== wide && floor >= own ? floor + 1 : floor] as const)
  return new Map(raised)
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

const box = { width: 250, height: 58, gapX: 40, gapY: 48, margin: 24 }
const innerWidth = 3 * box.width + 2 * box.gapX
const labHeight = 104

export function architecturePicture(): string {
  const folders = rooms.map(({ folder }) => folder)
  const imports = importsBetween(folders, ['crypto', 'server', 'client'])
  const floors = besideNobody('client/lab', floorsOf(imports))
  const heightOf = (folder: string) => (folder === 'client/lab' ? labHeight : box.height)
  const top = Math.max(...floors.values())
  const heights = Array.from({ length: top + 1 }, (_, floor) =>
    Math.max(...folders.filter((folder) => floors.get(folder) === floor).map(heightOf)),
  )
  const [width, height] = [
    2 * box.margin + innerWidth,
    2 * box.margin + heights.reduce((sum, one) => sum + one, 0) + top * box.gapY,
  ]
  const topOf = (floor: number) => box.margin + heights.slice(floor + 1).reduce((sum, one) => sum + one + box.gapY, 0)
  const placeOf = ({ folder, column }: Room) => {
    const isLab = folder === 'client/lab'
    return {
      x: box.margin + (isLab ? 0 : column * (box.width + box.gapX)),
      y: topOf(floors.get(folder) ?? 0),
      width: isLab ? innerWidth : box.width,
      height: heightOf(folder),
    }
  }
  const places = new Map(rooms.map((room) => [room.folder, placeOf(room)]))
  const known = (folder: string) => places.get(folder) ?? { x: 0, y: 0, width: 0, height: 0 }

  const arrows = drawn(imports).map(([from, to]) => {
    const [above, below] = [known(from), known(to)]
    const x2 = below.x + below.width / 2
    // a wide room is left right above the room that it goes to
    const x1 = above.width > box.width ? x2 : above.x + above.width / 2
    const [y1, y2] = [above.y + above.height, below.y - 6]
    const bend = box.gapY * 0.6
    return `<path class="arrow" marker-end="url(#head)" d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}"><title>${from} imports ${to}</title></path>`
  })
  const boxes = rooms.map(({ folder, purpose }) => {
    const { x, y, width: across, height: down } = known(folder)
    const middle = x + across / 2
    return `<rect x="${x}" y="${y}" width="${across}" height="${down}" rx="7"/><text class="name" x="${middle}" y="${y + 24}">${folder}/</text><text x="${middle}" y="${y + 43}">${purpose}</text>`
  })
  const lab = known('client/lab')
  const step = (lab.width - 20) / labRooms.length
  const inner = labRooms.map((name, i) => {
    const x = lab.x + 10 + i * step
    return `<rect class="inner" x="${x + 5}" y="${lab.y + 58}" width="${step - 10}" height="34" rx="5"/><text class="name" x="${x + step / 2}" y="${lab.y + 80}">${name}/</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="The rooms of the house; an arrow goes from a room to one that it imports from">
<style>rect { fill: #f4f6f8; stroke: #47627d } .inner { fill: #fff } text { font: 13px system-ui, sans-serif; fill: #33414f; text-anchor: middle } .name { font: bold 14px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; fill: #14202b } .arrow { fill: none; stroke: #7d8fa1; stroke-width: 1.5 } .head { fill: #7d8fa1 } .ground { fill: #fff; stroke: none }</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>
<rect class="ground" width="100%" height="100%"/>
${[...arrows, ...boxes, ...inner].join('\n')}
</svg>
`
}
