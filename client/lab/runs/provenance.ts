import { cpus, totalmem } from 'node:os'
import about from '../../../package.json' with { type: 'json' }
import { commit } from './commit.ts'
import type { LabResult } from './result.ts'

/** Where and with what a run was made. */
export function provenanceOf(command: string): Omit<LabResult['provenance'], 'seed' | 'seconds'> {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return {
    command,
    version: about.version,
    commit: commit(),
    node: process.version,
    libsodium: `libsodium-wrappers ${about.dependencies['libsodium-wrappers']}`,
    machine: `${cpus().length} × ${cpu?.model.trim() ?? 'processor unknown'}, ${memory} GiB, ${process.platform} ${process.arch}`,
    began: new Date().toISOString(),
  }
}
