import { concat } from '../../../crypto/bytes.ts'
import { ascii, BadForm, joined, textAt, u32, viewOf } from './parts.ts'

/*
 * The numbers of a colour profile (ICC.1, section 10), each kind as long as its numbers are: whatever stands behind them, between
 * them, or in bytes that are reserved, could be text. Pipelines of floating-point numbers (mpet) are too free a form for that, and go:
 * a profile that has them has tables of one of these kinds too.
 */

const plainOf: Readonly<Record<string, (data: Uint8Array) => Uint8Array>> = {
  'XYZ ': (data) => kindOf('XYZ ', numbersAt(data, 8, 12)),
  // a matrix of 3 by 3, the only thing of this kind that colours are computed from
  'sf32': (data) => kindOf('sf32', numbersAt(data, 8, 36)),
  'cicp': (data) => kindOf('cicp', numbersAt(data, 8, 4)),
  'curv': plainCurve,
  'para': plainCurve,
  'mft1': (data) => plainTable(data, 'mft1', 48, 1, [256, 256]),
  'mft2': (data) => plainTable(data, 'mft2', 52, 2, [u16At(data, 48), u16At(data, 50)]),
  'mAB ': (data) => plainStages(data, 'mAB '),
  'mBA ': (data) => plainStages(data, 'mBA '),
}

/**
 * @param data a tag's, as long as the profile says
 * @returns null for what is not of numbers, or has fewer than it says
 */
export function plainTag(data: Uint8Array): Uint8Array | null {
  try {
    return plainOf[textAt(data, 0, 4)]?.(data) ?? null
  } catch (error) {
    if (error instanceof BadForm) return null
    throw error
  }
}

/** Behind the kind 4 bytes are reserved. */
const kindOf = (kind: string, ...numbers: readonly Uint8Array[]) => concat(ascii(kind), new Uint8Array(4), ...numbers)

/** @throws BadForm where there are not so many */
function numbersAt(data: Uint8Array, from: number, sizeBytes: number): Uint8Array {
  // a size can be no number at all, if it is the product of what a stranger has written
  if (!(from + sizeBytes <= data.length)) throw new BadForm('this colour profile is cut')
  return data.subarray(from, from + sizeBytes)
}

const u16At = (data: Uint8Array, at: number) => viewOf(numbersAt(data, at, 2)).getUint16(0)
const u32At = (data: Uint8Array, at: number) => viewOf(numbersAt(data, at, 4)).getUint32(0)

/** How many parameters each function has. */
const parameters = [1, 3, 4, 5, 7]

function plainCurve(data: Uint8Array): Uint8Array {
  const kind = textAt(data, 0, 4)
  if (kind === 'curv') return kindOf('curv', numbersAt(data, 8, 4 + 2 * u32At(data, 8)))
  const count = kind === 'para' ? parameters[u16At(data, 8)] : undefined
  if (count === undefined) throw new BadForm('this colour profile has a curve of no known kind')
  return kindOf('para', numbersAt(data, 8, 2), new Uint8Array(2), numbersAt(data, 12, 4 * count))
}

/** Curves, a grid and curves again, all of the same width, after a matrix. */
function plainTable(
  data: Uint8Array,
  kind: string,
  headSizeBytes: number,
  widthBytes: number,
  [before, behind]: readonly [number, number],
): Uint8Array {
  const [inputs = 0, outputs = 0, points = 0] = numbersAt(data, 8, 3)
  const count = before * inputs + points ** inputs * outputs + behind * outputs
  return kindOf(
    kind,
    numbersAt(data, 8, 3),
    new Uint8Array(1),
    numbersAt(data, 12, headSizeBytes - 12 + widthBytes * count),
  )
}

const stagesHeadSizeBytes = 32

/** Up to five stages, each where an offset says: curves, a matrix, curves, a grid, curves; the first are those of the common colour space. */
function plainStages(data: Uint8Array, kind: 'mAB ' | 'mBA '): Uint8Array {
  const [inputs = 0, outputs = 0] = numbersAt(data, 8, 2)
  const [device, common] = kind === 'mAB ' ? [inputs, outputs] : [outputs, inputs]
  const readers = [
    (stage: Uint8Array) => plainCurves(stage, common),
    (stage: Uint8Array) => numbersAt(stage, 0, 48),
    (stage: Uint8Array) => plainCurves(stage, common),
    (stage: Uint8Array) => plainGrid(stage, inputs, outputs),
    (stage: Uint8Array) => plainCurves(stage, device),
  ]
  const stages: Uint8Array[] = []
  let end = stagesHeadSizeBytes
  const offsets = readers.map((read, i) => {
    const from = u32At(data, 12 + 4 * i)
    if (from === 0) return u32(0)
    const stage = padded(read(data.subarray(from)))
    stages.push(stage)
    end += stage.length
    return u32(end - stage.length)
  })
  return kindOf(kind, numbersAt(data, 8, 2), new Uint8Array(2), ...offsets, ...stages)
}

function plainCurves(data: Uint8Array, count: number): Uint8Array {
  const curves: Uint8Array[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    const curve = padded(plainCurve(data.subarray(at)))
    curves.push(curve)
    at += curve.length
  }
  return joined(curves)
}

/** 16 bytes say how many points it has along each input; then there is the width of a number. */
function plainGrid(data: Uint8Array, inputs: number, outputs: number): Uint8Array {
  const points = numbersAt(data, 0, 16).slice().fill(0, inputs)
  const width = numbersAt(data, 16, 1)
  const count = points.subarray(0, inputs).reduce((product, along) => product * along, outputs)
  return concat(points, width, new Uint8Array(3), numbersAt(data, 20, count * (width[0] ?? 0)))
}

/** Everything in a profile begins at a multiple of 4 bytes. */
export function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  whole.set(bytes)
  return whole
}
