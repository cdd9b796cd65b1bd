import { spawn } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { TranscriptLine } from '../authority/transcript.ts'
import { textAndKindOfFile } from '../words/attachment.ts'

/** How the program that runs this is called: what a thief runs too. */
export type Program = readonly [command: string, ...args: string[]]

const lineSchema = z.object({
  time: z.number(),
  from: z.string(),
  fromDevice: z.string(),
  to: z.string(),
  toDevice: z.string(),
  saysSentTo: z.string().nullable(),
  group: z.object({ id: z.string(), title: z.string().nullable() }).nullable(),
  sentAt: z.number(),
  id: z.string(),
  epoch: z.number(),
  text: z.string(),
  attachment: z.object({ sizeBytes: z.number(), voiceMs: z.exactOptional(z.number()) }).nullable(),
  mode: z.string(),
})

/** A folder that was opened, and what came of it. */
export interface Stick {
  readonly folder: string
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[]
  readonly command: string
  readonly lines: readonly TranscriptLine[]
  /** what the program said when it could not open them */
  readonly fault: string | null
}

/**
 * Opens a folder with a key and an archive by a program that has nothing else: another process of doormat, in that folder.
 * @param keys names of key files of one mode in it
 */
export async function openStick(program: Program, folder: string, keys: readonly string[]): Promise<Stick> {
  const [command, ...before] = program
  const args = ['authority', 'open', '--json', '--key', ...keys, '--archive', 'passed.archive']
  const child = spawn(command, [...before, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, error, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status) => resolve(status ?? 1))
    }),
  ])
  const lines = out
    .split('\n')
    .filter((line) => line !== '')
    // files are left out: the page counts and shows texts
    .map((line) => {
      const { attachment, ...said } = lineSchema.parse(JSON.parse(line))
      return { ...said, text: textAndKindOfFile(said.text, attachment), attachment: null }
    })
  const fault = error.split('\n').find((line) => line.startsWith('doormat: '))
  return {
    folder,
    files: readdirSync(folder).map((name) => ({ name, sizeBytes: statSync(join(folder, name)).size })),
    command: `doormat ${args.join(' ')}`,
    lines,
    fault: code === 0 ? null : (fault ?? 'doormat: it could not be opened'),
  }
}

/** Leaves the thief only these, of what was copied. */
export function takeOnly(folder: string, names: readonly string[]): void {
  for (const name of readdirSync(folder)) if (!names.includes(name)) rmSync(join(folder, name))
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
