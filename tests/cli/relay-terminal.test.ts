import { spawn, spawnSync } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { plainly } from '../../server/log.ts'
import { bin } from '../support/program.ts'
import { missing } from '../support/missing.ts'
import { folder } from '../support/relay-folder.ts'

const noScript = missing(spawnSync('script', ['--version']).status === 0, 'no script, of util-linux')

/** A relay on a terminal of its own, until it has said how it is stopped. */
async function onTerminal(...flags: readonly string[]): Promise<string> {
  const line = [process.execPath, bin, 'relay', '--port', '0', '--dir', folder(), ...flags].join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'])
  onTestFinished(() => void child.kill('SIGKILL'))
  let [shown, asked] = ['', false]
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    shown += piece.toString()
    if (asked || !shown.includes('Ctrl-C stops it')) continue
    asked = true
    child.stdin.write('\u0003')
  }
  return shown.replaceAll('\r', '').replace('^C', '')
}

describe('doormat relay on a terminal', () => {
  it.skipIf(noScript)(
    `says where it is, what it keeps and how it is stopped, and logs nothing${noScript}`,
    async () => {
      const shown = await onTerminal()
      expect(shown).toMatch(
        /^The relay listens at http:\/\/127\.0\.0\.1:\d+\nIt keeps its store and keys in \S+\nThe operator's token is in \S+operator\.token\nIt keeps no copy of .*\nCtrl-C stops it\n\s*$/,
      )
      expect(await onTerminal('--verbose')).toMatch(/^\{"level":30,.*Server listening/m)
    },
  )

  it('tells of a fault in words', () => {
    const lines: string[] = []
    const time = new Date(2026, 2, 1, 9, 5).getTime()
    plainly({ write: (line) => void lines.push(line) }).write(
      `${JSON.stringify({ level: 50, time, msg: 'old mail could not be removed: the disk is full' })}\n`,
    )
    expect(lines).toEqual(['09:05:00 relay: old mail could not be removed: the disk is full\n'])
  })
})
