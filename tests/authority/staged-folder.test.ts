import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonList, stagedFolder } from '../../client/authority/staged-folder.ts'
import { folder } from '../support/relay-folder.ts'

const isOurs = (name: string) => name.startsWith('transcript.')
const stage = (path: string) => stagedFolder(path, isOurs, 'run-1')

describe('a folder that is being filled', () => {
  it('has on disk what was said before it asks for more', () => {
    const staged = stage(join(folder(), 'out'))
    const line = 'x'.repeat(1000)
    let mostWaiting = 0
    function* lines() {
      for (let i = 0; i < 1000; i++) {
        mostWaiting = Math.max(mostWaiting, i * line.length - statSync(staged.stagedAt('transcript.txt')).size)
        yield line
      }
    }
    staged.write('transcript.txt', lines())
    expect(mostWaiting).toBeGreaterThan(0)
    expect(mostWaiting).toBeLessThan(70_000)
    expect(statSync(staged.stagedAt('transcript.txt')).size).toBe(1_000_000)
  })

  it('shows nothing until all is there, and nothing of a file that broke off', () => {
    const out = join(folder(), 'out')
    const staged = stage(out)
    function* broken() {
      yield 'so far'
      throw new Error('and no further')
    }
    staged.write('transcript.txt', ['all ', new TextEncoder().encode('of it')])
    expect(() => staged.write('transcript.html', broken())).toThrow('and no further')
    expect(readdirSync(out)).toEqual(['transcript.txt.unfinished-run-1'])
    staged.commit()
    expect(readdirSync(out)).toEqual(['transcript.txt'])
    expect(readFileSync(join(out, 'transcript.txt'), 'utf8')).toBe('all of it')
    expect(statSync(out).mode & 0o777).toBe(0o700)
    expect(statSync(join(out, 'transcript.txt')).mode & 0o777).toBe(0o600)
  })

  it('goes with what is in it if it was made, and else stays with what is not ours', () => {
    const out = join(folder(), 'out')
    const made = stage(out)
    made.write('transcript.txt', ['a'])
    made.discard()
    expect(existsSync(out)).toBe(false)
    mkdirSync(out)
    for (const name of ['transcript.txt.unfinished-0', 'other.unfinished-0']) writeFileSync(join(out, name), 'left')
    const found = stage(out)
    found.write('transcript.txt', ['a'])
    found.discard()
    expect(readdirSync(out)).toEqual(['other.unfinished-0'])
  })

  it('writes through no link', () => {
    const place = folder()
    writeFileSync(join(place, 'theirs'), 'theirs')
    const staged = stage(join(place, 'out'))
    symlinkSync(join(place, 'theirs'), staged.stagedAt('transcript.txt'))
    expect(() => staged.write('transcript.txt', ['ours'])).toThrow('EEXIST')
    expect(readFileSync(join(place, 'theirs'), 'utf8')).toBe('theirs')
  })
})

it.each([[[]], [[1]], [[{ a: '\u001b' }, 'b']]])('a list of %j is JSON, and harmless', (values) => {
  const text = [...jsonList(values)].join('')
  expect(JSON.parse(text)).toEqual(values)
  expect(text).not.toContain('\u001b')
})
