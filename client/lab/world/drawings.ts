import { type Colour, pictureOf } from './test-picture.ts'

const colours: Readonly<Record<string, Colour>> = {
  '.': [244, 240, 228],
  '#': [38, 38, 42],
  'o': [240, 170, 20],
  'm': [150, 90, 40],
  'g': [60, 130, 80],
}

const drawn = (rows: readonly string[]): Uint8Array =>
  pictureOf(rows.map((row) => Array.from(row, (sign) => colours[sign] as Colour)))

/** A fire salamander: black, with yellow spots. */
export const salamander = drawn([
  '................',
  '.##.............',
  '####.#......#...',
  '#o###########...',
  '#####o##o##o###.',
  '.##.#######..##.',
  '....#.....#...##',
  '................',
])

/** A mat, and a door over it. */
export const doormat = drawn([
  '....mmmmmmmm....',
  '....mmmmmmmm....',
  '....mmmmmmom....',
  '....mmmmmmmm....',
  '....mmmmmmmm....',
  '..gggggggggggg..',
  '.gggggggggggggg.',
  '................',
])
