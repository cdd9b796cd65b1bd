import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { answer } from '../../client/lab/report/answer.ts'
import { comparedColumn } from '../../client/lab/experiments/active-relay.ts'
import { claims } from '../../client/lab/report/claims.ts'
import { crowd } from '../../client/lab/report/crowd.ts'
import { cellsCsv } from '../../client/lab/report/csv.ts'
import { findings } from '../../client/lab/report/findings.ts'
import { arrange, leftOut } from '../../client/lab/report/arrangement.ts'
import { layout } from '../../client/lab/report/layout.ts'
import { markup } from '../../client/lab/report/markup.ts'
import { page } from '../../client/lab/report/page.ts'
import { paceOf } from '../../client/lab/report/scale.ts'
import { sameHands } from '../../client/lab/report/same-hands.ts'
import { timelines } from '../../client/lab/report/timeline.ts'
import { percent } from '../../client/lab/report/words.ts'
import { writeReport } from '../../client/lab/report/write.ts'
import { noteOf, yieldOf, yields } from '../../client/lab/report/yield.ts'
import type { Cell } from '../../client/lab/adversaries/cell.ts'
import type { LabResult } from '../../client/lab/runs/result.ts'
import { at } from '../support/at.ts'
import { hostile, labResult } from '../support/lab-result.ts'
import { missing } from '../support/missing.ts'

const folder = mkdtempSync(join(tmpdir(), 'doormat-report-'))
afterAll(() => rmSync(folder, { recursive: true }))

const result = labResult()
writeReport(folder, result)
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const written = readdirSync(folder).sort()
const html = read('index.html')

const unseen = /(?!\n)[\p{Cc}\p{Cf}]/u

/** The run as it would be had the cells of some adversaries been others. */
const withCells = (change: (cell: Cell) => Cell): LabResult => ({
  ...result,
  modes: result.modes.map((mode) => ({ ...mode, cells: mode.cells.map(change) })),
})
/** The run had an operator also done the mode's part for everybody: under some modes that is what the insider has. */
const forEverybody = (run: LabResult): LabResult => ({
  ...run,
  modes: run.modes.map((mode) => {
    const insider = cellOf(mode.id, 'insider')
    const asked = mode.id === 'ghost-device' || mode.id === 'key-substitution'
    const cell = asked ? cellOf('message-key-escrow', 'insider') : insider
    return { ...mode, cells: [...mode.cells, { ...cell, mode: mode.id, adversary: 'order, for everybody' }] }
  }),
})
const cellOf = (mode: string, adversary: string): Cell => {
  const cell = result.modes
    .flatMap(({ cells }) => cells)
    .find((one) => one.mode === mode && one.adversary === adversary)
  if (!cell) throw new Error(`there is no cell of ${adversary} under ${mode}`)
  return cell
}

describe('the folder', () => {
  it('has the page, the figures and each picture', () => {
    expect(written).toEqual(
      ['cells.csv', 'conversations.svg', 'days.svg', 'index.html', 'matrix.svg', 'order.svg', 'result.json'].sort(),
    )
  })

  it('is the same again for the same run', () => {
    const before = written.map(read)
    writeReport(folder, labResult())
    expect(written.map(read)).toEqual(before)
  })

  it('has the whole run in its JSON', () => {
    expect(JSON.parse(read('result.json'))).toEqual(result)
  })

  it('lets nothing of what others wrote be more than text, in any file', () => {
    for (const name of written.filter((one) => /\.(html|svg)$/.test(one))) {
      expect(read(name), name).not.toMatch(/<script|<img|<b>cat|onerror=(?!alert\(1\)&gt;)|javascript:(?!alert\(1\)\))/)
      expect(read(name), name).not.toMatch(unseen)
    }
    expect(read('result.json')).not.toMatch(unseen)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('needs nothing from anywhere: no address but that of SVG, no script, and a policy that says so', () => {
    const addresses = written.flatMap((name) => read(name).match(/\b(?:https?:)?\/\/[\w.]+/g) ?? [])
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org']))
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(html).not.toMatch(/<script|<link|@import|url\((?!#)/)
  })
})

describe('markup', () => {
  it('escapes every text, also in attributes, and leaves markup alone', () => {
    expect(markup`<p title="${hostile.attribute}">${markup`<b>${'a & b'}</b>`}${[1, null, '<']}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"><b>a &amp; b</b>1&lt;</p>',
    )
  })

  it('writes nothing that XML does not have', () => {
    expect(markup`${'a\u0000b\ufffec'}`.markup).toBe('a\u2400b\ufffdc')
  })
})

describe('the CSV', () => {
  const lines = cellsCsv(result).trimEnd().split('\r\n')

  it('has a line for each cell, and no figures where there was nothing to measure', () => {
    expect(lines).toHaveLength(1 + result.modes.flatMap(({ cells }) => cells).length)
    const none = lines.filter((line) => line.includes('"not applicable"'))
    expect(none).toHaveLength(8)
    for (const line of none) expect(line).toMatch(/",{18,}$/)
    expect(lines.find((line) => line.startsWith('"split-escrow","wire"'))).toMatch(/,0,3,0,16,0,3,0,2,0,\d+,0,5,/)
  })

  it('is taken for a formula nowhere', () => {
    const fields = lines.flatMap((line) => [...line.matchAll(/(?:^|,)"((?:[^"]|"")*)"/g)].map(([, text]) => text))
    expect(fields).toContain(`'${hostile.formula}`)
    for (const text of fields) expect(text).not.toMatch(/^\s*[=+\-@]/)
  })
})

describe('a figure', () => {
  it('is never nothing for something, nor all for less than all', () => {
    expect([0, 1, 500, 999, 1000].map((read) => percent({ read, of: 1000 }))).toEqual([
      '0',
      '< 1 %',
      '50 %',
      '> 99 %',
      '100 %',
    ])
    expect(percent({ read: 0, of: 0 })).toBe('none there')
  })
})

/** The cells of one of the page's pictures by modes: look, share, mode, figure and what stands below it. */
const cellsIn = (table: string) =>
  [
    ...(html.split(/<table role="table" class="matrix"><caption>/).find((one) => one.startsWith(table)) ?? '').matchAll(
      /<td role="cell" class="(\w+)" style="--share: ([\d.]+)%"><i>([^<]*)<\/i><b>([^<]*)<\/b><small>([^<]*)</g,
    ),
  ].map(([, ...parts]) => parts.join(' | '))

describe('the matrix', () => {
  const cells = cellsIn('Share of all conversations')

  it('shows what was read, a zero that was tried, a guess, and what is not applicable, each in its own way', () => {
    expect(cells).toHaveLength(11 * 6)
    expect(cells).toContain('read | 40 | Ghost device | 40 % | 2 of 5')
    expect(cells).toContain('zero | 0 | Split escrow | 0 | 24 tried')
    expect(cells).toContain('zero | 0 | Split escrow | 0 | 0 of 5')
    expect(cells).toContain('guess | 100 | Split escrow | ≈ 100 % | 5 of 5')
    expect(cells).toContain('none | 0 | No access | – | not applicable (a)')
    expect(cells).toContain('read | 40 | Key substitution | 40 % | 2 of 5 · forged')
  })

  it('gives the reason of what is not applicable, in the page and in the picture', () => {
    for (const name of ['index.html', 'matrix.svg'])
      expect(read(name)).toContain('there is no secret that anybody could hold')
  })

  it('has the same figures in the picture', () => {
    const shown = [...read('matrix.svg').matchAll(/class="share middle"[^>]*>([^<]*)</g)].map(([, figure]) => figure)
    expect(shown).toEqual(cells.map((cell) => cell.split(' | ')[3]))
  })
})

describe('who could have noticed', () => {
  it('is shown by detector and mode, of an order and of a lying relay, and a detector that was not run is no zero', () => {
    expect(cellsIn('An order')).toHaveLength(2 * 6)
    expect(cellsIn('An order')).toContain('noticed | 75 | Ghost device | 75 % | 3 of 4')
    expect(cellsIn('An order')).toContain('zero | 0 | Split escrow | 0 | 0 of 4')
    expect(cellsIn('A relay').filter((cell) => cell.includes('noticed | 25'))).toHaveLength(5)
    expect(cellsIn('A relay').filter((cell) => cell.includes('Split escrow'))).toEqual([])
  })
})

describe('an interrupted run', () => {
  it('says so, and what it had finished', () => {
    const part = { ...result, complete: false, modes: result.modes.slice(0, 2), experiments: [] }
    expect(page(part, arrange(part))).toContain(
      'interrupted. What it had finished is here: No access and Message key escrow.',
    )
    expect(findings(part)).toContain('This run was interrupted')
    expect(html).not.toContain('interrupted.')
  })

  it('is a page also where nothing was finished', () => {
    const nothing = { ...result, complete: false, modes: [], experiments: [] }
    expect(() => writeReport(join(folder, 'nothing'), nothing)).not.toThrow()
    expect(answer(nothing)).toContain('no run without access stands beside it')
  })
})

describe('the answer', () => {
  it('sets what an order opened beside what the same keys open, and beside no access', () => {
    expect(answer(result)).toBe(
      'Under message key escrow an order for one person opened 2 conversations, and the same keys open 5 of 5 (100 %); without access the most was 2 of 5 (unlocked device).',
    )
  })

  it('tells a relay that lies from all others', () => {
    const lying = (others: number) =>
      answer(
        withCells((cell) =>
          cell.mode === 'none'
            ? { ...cell, conversations: { read: cell.adversary === 'active relay' ? 4 : others, of: 5 } }
            : cell,
        ),
      )
    expect(lying(1)).toMatch(/; without access a relay that lies read 4 of 5, and nobody else more than 1\.$/)
    expect(lying(0)).toMatch(/read 4 of 5, and nobody else any\.$/)
  })

  it('says nothing of an order that opens all that its keys open, nor of guesses', () => {
    const held = withCells((cell) =>
      cell.adversary === 'order, as possible' ? { ...cell, conversations: { read: 2, of: 5 } } : cell,
    )
    expect(answer(held)).toMatch(/^Under message key escrow 5 of 5 conversations \(100 %\) were read \(insider\);/)
    const guesses = withCells((cell) => ({ ...cell, status: cell.adversary === 'wire' ? 'measured' : 'extrapolated' }))
    expect(answer(guesses)).toBe('Under no access mode of this run was anything read; without access nobody read any.')
  })
})

describe('the pictures', () => {
  it('of days fill what was read, and mark the switch, the theft and another state', () => {
    const [none, escrow] = timelines(result).map(({ drawing }) => drawing.markup)
    for (const mark of ['>on<', '>off<', '>theft<', '>another state<']) expect(escrow).toContain(mark)
    const filled = (drawing = '') => /class="read-area" d="([^"]*)"/.exec(drawing)?.[1]
    expect(filled(escrow)).toContain('V62')
    expect(filled(none)).not.toContain('V62')
    expect(at(timelines(result), 0).note).toMatch(/^no insider: .*there is no secret/)
    const once = timelines({ ...result, moments: { ...result.moments, again: null } })
    expect(at(once, 1).drawing.markup).not.toContain('another state')
  })

  it('of an order show what was used, what was possible, and where there was none', () => {
    expect(yields(result).map(({ note }) => note.replace(/ applicable:.*/, ' applicable'))).toEqual([
      'not applicable',
      ...Array.from({ length: 3 }, () => 'the same hands reach 3 people more than the order did'),
      ...Array.from({ length: 2 }, () => 'the same hands reach nobody more, of what was recorded'),
    ])
    expect(yieldOf(result, cellOf('split-escrow', 'order, as used'))).toEqual({ read: 2, of: 2 })
    const nobody = { ...cellOf('split-escrow', 'wire') }
    expect(noteOf(nobody, nobody)).toBe('nobody but the target can be reached')
  })

  it('of people put those who talk near to each other, and everybody at the same place again', () => {
    const edges = Array.from({ length: 20 }, (_, i) => [i, (i + 1) % 20] as const)
    const points = layout(40, edges, 'a seed')
    expect(layout(40, edges, 'a seed')).toEqual(points)
    expect(layout(40, edges, 'another')).not.toEqual(points)
    const distance = (i: number, j: number) =>
      Math.hypot(at(points, i).x - at(points, j).x, at(points, i).y - at(points, j).y)
    const mean = (pairs: readonly (readonly [number, number])[]) =>
      pairs.reduce((sum, [i, j]) => sum + distance(i, j), 0) / pairs.length
    expect(mean(edges)).toBeLessThan(mean(edges.map(([i]) => [i, (i + 10) % 20])) / 2)
  })

  it('of too many people show those nearest to the target, and say in numbers who is left out', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `p${i}`)
    const conversations = names.slice(1).map((name, i) => ({ pair: `p${i} ${name}`, messages: 1 }))
    const world = {
      ...result.world,
      target: 'p500',
      people: names.map((name) => ({ name, role: 'somebody' })),
      conversations,
    }
    const few = crowd(world, 5)
    expect(few.names).toEqual(['p500', 'p499', 'p501', 'p498', 'p502'])
    expect(few.edges.map(({ pair }) => pair)).toEqual(['p498 p499', 'p499 p500', 'p500 p501', 'p501 p502'])
    const lit = ['p0 p1', 'p500 p501']
    const modes = [{ ...at(result.modes, 1), cells: [{ ...cellOf('message-key-escrow', 'insider'), lit }] }]
    const large = { ...result, world, modes }
    expect(leftOut(large, { crowd: few, points: [] })).toBe(
      'Drawn are 5 of 1,000 people, those nearest to p500, and the 4 conversations between them. Left out are 995 people and 995 conversations, of which were read: 1 under Message key escrow.',
    )
    expect(leftOut(result, arrange(result))).toBeNull()
  })
})

describe('the pace', () => {
  it('is what was opened over the time that it took, and the rest is arithmetic', () => {
    expect(paceOf(at(result.modes, 1))).toEqual({ aSecond: 800, coreHours: 1e11 / 800 / 3600, cores: 1447 })
    expect(html).toContain('arithmetic, not measured')
  })

  it('is not reckoned from a few openings, nor where nobody has keys', () => {
    expect(paceOf(at(result.modes, 0))).toBeNull()
    const slow = withCells((cell) => ({ ...cell, work: { tried: 99, opened: 99, seconds: 1 } }))
    expect(paceOf(at(slow.modes, 1))).toBeNull()
    expect(page(slow, arrange(slow))).toContain('Too little was opened')
  })
})

/** What axe cannot judge: text over an area that is filled in part. */
describe('the colours', () => {
  const themes = [...html.matchAll(/--paper: [^}]*?--dot: #\w{6}/g)].map(
    ([tokens]) => new Map([...tokens.matchAll(/--(\w+): #(\w{6})/g)].map(([, name = '', code = '']) => [name, code])),
  )
  const light = (code: string) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
      const part = Number.parseInt(code.slice(2 * i, 2 * i + 2), 16) / 255
      return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    }, 0)
  const contrast = (one: string, other: string) => {
    const [dark = 0, bright = 0] = [light(one), light(other)].sort((a, b) => a - b)
    return (bright + 0.05) / (dark + 0.05)
  }

  it('keep text legible over every area, and lines visible, in light and dark (WCAG 1.4.3, 1.4.11)', () => {
    expect(themes).toHaveLength(2)
    const pairs = ['paper', 'card', 'fill', 'gain', 'faint', 'band'].map((area) => ['ink', area, 4.5] as const)
    const quiet = ['paper', 'card', 'faint'].map((area) => ['quiet', area, 4.5] as const)
    for (const theme of themes)
      for (const [one, other, least] of [...pairs, ...quiet, ['read', 'paper', 3] as const])
        expect([one, other, contrast(theme.get(one) ?? '', theme.get(other) ?? '')]).toEqual([
          one,
          other,
          expect.toSatisfy((found: number) => found >= least),
        ])
  })
})

describe('the findings', () => {
  const text = findings(result)
  const part = (title: string, from = text) =>
    from.split(`## ${title}\n`)[1]?.split('\n## ')[0]?.replaceAll(/\n +/g, ' ') ?? ''

  it('have nothing in them that depends on the machine', () => {
    const other = withCells((cell) => ({ ...cell, work: { ...cell.work, seconds: cell.work.seconds * 3 } }))
    const elsewhere = { ...other.provenance, machine: 'another', node: 'v24', began: 'later', seconds: 99 }
    const experiments = other.experiments.map((one) => ({
      ...one,
      seconds: 77,
      rows: one.rows.map((row) => [...row.slice(0, -1), 88]),
    }))
    expect(findings({ ...other, provenance: elsewhere, experiments })).toBe(text)
  })

  it('say what speaks for access and what speaks against it, from the figures', () => {
    expect(part('What speaks for it')).toContain('conversations of the target read under message key escrow (2 of 2)')
    expect(part('What speaks for it')).toContain(
      'one stolen secret with all envelopes read nothing under split escrow.',
    )
    expect(part('What speaks against it')).toContain('message key escrow (5, where the order used 2)')
    expect(part('What speaks against it')).toContain(
      'A relay that lies asks nobody: it read conversations under no access (1 of 5).',
    )
    expect(part('What speaks against it')).toContain('were read under session key escrow (3 of 3).')
    expect(part('What speaks against it')).toContain('in another’s name under key substitution (“insider”).')
    expect(part('What speaks for it')).toContain(
      'was refused under message key escrow, session key escrow, split escrow',
    )
  })

  it('drop or turn a sentence when the figures do', () => {
    const nobody = findings(
      withCells((cell) => ({ ...cell, conversations: { ...cell.conversations, read: 0 }, lit: [], forged: null })),
    )
    expect(part('What speaks for it', nobody)).not.toContain('The order read nothing')
    expect(part('What speaks against it', nobody)).toContain(
      'The order read nothing of the target under message key escrow (0 of 2)',
    )
    expect(part('What speaks for it', nobody)).not.toContain('To read is not to write')
    expect(part('What speaks against it', nobody)).not.toContain('insider')
  })

  it('call the switch exact only where nothing was read before, after and when it was on again', () => {
    expect(part('What speaks for it')).toMatch(
      /by the insider under message key escrow, split escrow, ghost device and key substitution\./,
    )
    const again = findings(
      withCells((cell) =>
        cell.mode === 'message-key-escrow' && cell.adversary === 'insider'
          ? { ...cell, messages: { ...cell.messages, again: { read: 1, of: 1 } } }
          : cell,
      ),
    )
    expect(part('What speaks for it', again)).toMatch(/by the insider under split escrow, ghost device and key sub/)
    expect(part('What speaks against it', again)).toContain(
      'were read under message key escrow (of what was said once another state had switched it on again, 1 of 1)',
    )
    const silent = findings(
      withCells((cell) => ({ ...cell, messages: { ...cell.messages, after: { read: 0, of: 0 } } })),
    )
    expect(part('What speaks for it', silent)).not.toContain('The switch does what it says')
  })

  it('say of a mode that reaches few that it is so of what was recorded, and of strangers only where there are any', () => {
    const tried = forEverybody(result)
    expect(part('What speaks for it', findings(tried))).toContain(
      'under ghost device and key substitution the keys that were made for the order opened nothing of strangers, of what was recorded. One more name needs no other key there, only one more request to the operator.',
    )
    const none = { read: 0, of: 0 }
    const alone = findings({
      ...tried,
      modes: tried.modes.map((mode) => ({
        ...mode,
        cells: mode.cells.map((cell) => ({ ...cell, people: { ...cell.people, strangers: none } })),
      })),
    })
    expect(part('What speaks for it')).not.toContain('Not every mode')
    expect(part('What speaks for it', alone)).not.toContain('Not every mode')
  })

  it('give the figure of the same keys for everybody where that was tried', () => {
    const tried = forEverybody(result)
    const told = findings(tried)
    expect(part('What speaks against it', told)).toContain(
      'opened words of people who are no target under ghost device (5, where the order used 2) and key substitution (5, where the order used 2).',
    )
    expect(page(tried, arrange(tried))).toContain(
      'more can be read under ghost device (words of 5 people beside the target) and key substitution',
    )
    expect(text + html).not.toContain('does the mode’s part for everybody')
  })

  it('take for an order’s traces only what more people notice than without access', () => {
    const seen = { id: 'missing messages', runBy: 'two people', noticed: { read: 2, of: 4 } }
    const lossy = (where: (id: string) => boolean) =>
      findings({
        ...result,
        modes: result.modes.map((mode) => ({
          ...mode,
          detections: { ...mode.detections, order: [...mode.detections.order, ...(where(mode.id) ? [seen] : [])] },
        })),
      })
    expect(
      part(
        'What speaks for it',
        lossy((id) => id !== 'none'),
      ),
    ).toContain('(missing messages: 2 of 4)')
    expect(
      part(
        'What speaks for it',
        lossy(() => true),
      ),
    ).not.toContain('missing messages')
    expect(
      part(
        'What speaks for it',
        lossy(() => true),
      ),
    ).toContain('under ghost device (unsigned list: 3 of 4).')
    const fewer = at(result.modes, 1).detections.order.map((one) => ({ ...one, noticed: { read: 3, of: 4 } }))
    const told = findings({
      ...result,
      modes: result.modes.slice(0, 2).map((mode) => ({ ...mode, detections: { ...mode.detections, order: fewer } })),
    })
    expect(part('What speaks for it', told)).toContain(
      'devices showed which mode was in force under message key escrow (3 of 4).',
    )
  })

  it('say which rows are one finding, under the matrix of page and findings', () => {
    const once = (rows: string, modes: string, number: string) =>
      `Under ${modes} the rows ${rows} are the same secrets with the same envelopes, and so the same figures: one finding, not ${number}.`
    const single = once(
      '“order, as possible”, “insider”, “one secret and archive” and “one state”',
      'message key escrow, session key escrow, ghost device and key substitution',
      'four',
    )
    expect(sameHands(result)).toEqual([single, once('“order, as possible” and “insider”', 'split escrow', 'two')])
    expect(html).toContain(single)
    expect(text.replaceAll('\n', ' ')).toContain(single)
    expect(sameHands(forEverybody(result))).toEqual([
      expect.stringMatching(
        /^Under message key escrow and session key escrow the rows .*“order, for everybody”.* five\.$/,
      ),
      expect.stringMatching(/^Under split escrow the rows .*“order, for everybody” and “insider” .* three\.$/),
      expect.stringMatching(
        /^Under ghost device and key substitution the rows “order, as possible”, “insider”.* four\.$/,
      ),
    ])
    const unlike = withCells((cell) =>
      cell.adversary === 'insider' ? { ...cell, conversations: { ...cell.conversations, of: 99 } } : cell,
    )
    expect(sameHands(unlike)).toEqual([])
  })

  it('print what is assumed, in page and findings, and how many pairs compare', () => {
    const [one] = result.experiments
    if (!one) throw new Error('no experiment')
    const counted = { ...one, columns: [...one.columns, comparedColumn], rows: one.rows.map((row) => [...row, 3]) }
    const told = { ...result, experiments: [one, counted] }
    const shown = part('What is assumed', findings(told))
    const drawn = page(told, arrange(told))
    for (const sentence of [
      'key substitution would read nothing of people who had already met',
      'In this world 3 pairs do, of 5 pairs that talk.',
      'from the first day, before anybody has met',
      'keeps every envelope',
      'every six hours',
      'the mode’s own division',
      'The other state comes after the switch is off.',
    ]) {
      expect(shown).toContain(sentence)
      expect(drawn).toContain(sentence)
    }
    const once = { ...result, moments: { ...result.moments, again: null } }
    expect(part('What is assumed', findings(once))).toContain('Which pairs do is part of the world.')
    expect(part('What is assumed', findings(once))).not.toContain('other state')
  })

  it('do not say that devices hold nothing: their histories were put aside', () => {
    expect(text.replaceAll('\n', ' ')).toContain(
      'The keys left on all devices, their histories put aside, were tried too',
    )
    expect(html).toContain('The keys left on all devices, their histories put aside, were tried too')
    expect(text + html).not.toMatch(/last states?/)
  })

  it('do not ask to believe a zero whose control failed', () => {
    expect(text.replaceAll('\n', ' ')).toContain('opened that message and no other')
    const [none, ...rest] = result.modes
    const failed = findings({ ...result, modes: [{ ...(none as (typeof rest)[number]), control: 0 }, ...rest] })
    expect(failed.replaceAll('\n', ' ')).toContain('The zeros cannot be believed under no access')
  })

  it('name every claim, and what tried it', () => {
    expect(text.match(/^\| \d+ \|.*$/gm)).toHaveLength(22)
    expect(text).toMatch(/^\| 12 \| EFF \|.*\| A stolen key \|$/m)
  })

  it('let no text of others be Markdown', () => {
    expect(text).not.toMatch(/(?<!\\)<(?!1)/)
    expect(text).toContain('\\| \\[a\\](javascript:alert(1)) \\*\\*b\\*\\* \\`c\\`')
  })
})

const list = new URL('../../../shared/CLAIMS.md', import.meta.url)
const listMissing = missing(existsSync(list), 'there is no ../shared/CLAIMS.md')
it.skipIf(listMissing)(`the claims are those of ../shared/CLAIMS.md, and quote nothing else${listMissing}`, () => {
  const straight = (text: string) => text.replaceAll(/[“”]/g, '"').replaceAll('’', "'")
  const rows = [...readFileSync(list, 'utf8').matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \|/gm)]
  expect(claims.map(({ row, who }) => [row, straight(who)])).toEqual(rows.map(([, row, who]) => [Number(row), who]))
  for (const [i, { claim }] of claims.entries())
    for (const [, quote] of claim.matchAll(/“([^”]*)”/g)) expect(rows[i]?.[3]).toContain(quote)
})
