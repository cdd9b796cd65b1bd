import { modes } from '../crypto/access/index.ts'
import { labExperiments } from '../client/lab/experiments/all.ts'
import { provenanceOf } from '../client/lab/provenance.ts'
import { findings } from '../client/lab/report/findings.ts'
import { matrixPicture } from '../client/lab/report/matrix-picture.ts'
import { runLab } from '../client/lab/run.ts'
import { usualTimetable } from '../client/lab/timetable.ts'
import { builtinWorld, personas } from '../client/lab/world/builtin.ts'

const seed = 'doormat'

/** docs/findings.md and docs/matrix.svg, from a run of the people of the stories under every mode. */
export async function drawFindings(): Promise<{ readonly page: string; readonly picture: string }> {
  const world = builtinWorld(seed, personas.length)
  const result = await runLab({
    world,
    modes,
    timetable: usualTimetable(world),
    seed,
    experiments: labExperiments,
    provenance: provenanceOf(`doormat lab report --people ${personas.length} --seed ${seed}`),
    signal: new AbortController().signal,
    progress: () => undefined,
    finished: () => undefined,
  })
  return { page: findings(result), picture: matrixPicture(result) }
}
