import { expect, it } from 'vitest'
import { program } from '../support/program.ts'

it('the demo runs to its end by itself, with figures that agree, and a fresh sentence each time', async () => {
  const demo = program(['demo', '--yes'], { input: '' })
  expect(await demo.ended, demo.errors.join('\n')).toBe(0)
  const text = demo.lines.join('\n')
  expect(text).toContain(
    'The key opens 3 of 3 conversations. People read who were never targets: 4 (heron, ines, mara, tove).',
  )
  expect(text).toContain('messages sent: 6 before, 7 while the key was under the mat, 6 after')
  expect(text).toContain('messages the key opens: 0, 7, 0;')
  const [sentence] = /I left .*/.exec(text) ?? ['']
  expect(demo.lines.filter((line) => line.includes(sentence)).length).toBeGreaterThanOrEqual(3)
  for (const who of ['rook', 'jay', 'mara', 'heron', 'ines', 'tove']) {
    expect(
      demo.lines.some((line) => line.trim().startsWith(who) && line.includes('access: message-key-escrow (epoch 2)')),
    ).toBe(true)
  }
})
