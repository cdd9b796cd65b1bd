import { stageFolder } from '../../../server/disk/whole-file.ts'
import { safeJson } from '../../words/visible.ts'
import type { LabResult } from '../runs/result.ts'
import { cellsCsv } from './csv.ts'
import { arrange } from './arrangement.ts'
import { curvesPicture } from './curve-picture.ts'
import { graphs } from './graph.ts'
import { matrixPicture } from './matrix-picture.ts'
import { measured } from './measured.ts'
import { page } from './page.ts'
import { sheet } from './panel.ts'
import { timelines } from './timeline.ts'
import { whosePicture } from './whose.ts'
import { yields } from './yield.ts'

/**
 * Writes the report of a run into a folder, which is made if it is not there: a page that needs nothing else, the figures
 * as CSV and JSON, and each picture. Files of those names are written over.
 */
export function writeReport(folder: string, result: LabResult): void {
  const graph = arrange(result)
  const whose = whosePicture(result)
  const files: Readonly<Record<string, string>> = {
    'index.html': page(result, graph),
    'cells.csv': cellsCsv(result),
    'result.json': `${safeJson(result)}\n`,
    'matrix.svg': matrixPicture(result),
    'days.svg': sheet('Messages sent and read, day by day', timelines(result), 2),
    'conversations.svg': sheet('Conversations, and those that were read', graphs(result, graph, 'large'), 2),
    'order.svg': sheet('One order: as used, and without limits', yields(result), 2),
    'sensitivity.svg': curvesPicture(measured, result),
    ...(whose === null ? {} : { 'whose-conversations.svg': whose }),
  }
  stageFolder(folder, files, { folder: 0o777, file: 0o666 }).commit()
}
