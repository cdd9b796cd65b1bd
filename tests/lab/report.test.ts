import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { achieved } from '../../client/lab/report/achieved.ts'
import { answer, evaders, inConversations } from '../../client/lab/report/answer.ts'
import { claims } from '../../client/lab/report/claims.ts'
import { crowd } from '../../client/lab/report/crowd.ts'
import { cellsCsv } from '../../client/lab/report/csv.ts'
import { denominators, pairsWords } from '../../client/lab/report/denominators.ts'
import { findings } from '../../client/lab/report/findings.ts'
import { arrange, leftOut } from '../../client/lab/report/arrangement.ts'
import { layout } from '../../client/lab/report/layout.ts'
import { limits } from '../../client/lab/report/limits.ts'
import { markup } from '../../client/lab/report/markup.ts'
import { page } from '../../client/lab/report/page.ts'
import { paceOf } from '../../client/lab/report/scale.ts'
import { sameHands } from '../../client/lab/report/same-hands.ts'
import { sides } from '../../client/lab/report/sides.ts'
import { timelines } from '../../client/lab/report/timeline.ts'
import { balance, verdictRule, verdicts } from '../../client/lab/report/verdicts.ts'
import { percent, wordsIn } from '../../client/lab/report/words.ts'
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
/** The run with its experiment under another id and title. */
const withTitle = (id: string, title: string): LabResult => ({
  ...result,
  experiments: result.experiments.map((one) => ({ ...one, id, title, figures: { bankTried: 1, bankOpened: 1 } })),
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
      [
        'cells.csv',
        'conversations.svg',
        'days.svg',
        'index.html',
        'matrix.svg',
        'order.svg',
        'result.json',
        'sensitivity.svg',
        'whose-conversations.svg',
      ].sort(),
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
    for (const line of none) expect(line).toMatch(/",{24,}"0\.0\.0"/)
    expect(lines.find((line) => line.startsWith('"split-escrow","wire"'))).toMatch(
      /,0,3,0,16,0,3,0,2,0,\d+,0,8,0,14,0,4,0,5,/,
    )
  })

  it('says in each line of which run it is, and that a commit is unknown', () => {
    expect(lines[0]).toMatch(/"version","commit","began","seed","machine","command"$/)
    for (const line of lines.slice(1)) expect(line).toContain('"0.0.0","unknown","2026-03-02T00:00:00.000Z","1"')
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

/** The cells of the page's tables with such a caption: mode, look, share, column, figure and what stands below it. */
const cellsIn = (table: string, from = html) =>
  from
    .split(/<table role="table" class="matrix of-\d+"><caption>/)
    .filter((one) => one.startsWith(table))
    .flatMap((one) => one.split('<tr role="row"><th role="rowheader" scope="row">').slice(1))
    .flatMap((row) =>
      [
        ...row.matchAll(
          /<td role="cell" class="(\w+)" style="--share: ([\d.]+)%"><i>([^<]*)<\/i><b>([^<]*)<\/b><small>([^<]*)</g,
        ),
      ].map(([, ...parts]) => [row.slice(0, row.indexOf('<')), ...parts].join(' | ')),
    )

describe('the matrix', () => {
  const part = html.split('<section id="matrix">')[1]?.split('</section>')[0] ?? ''
  const [sameDays = '', whole = ''] = part.split('<details id="whole-time">')
  const [early, cells] = [cellsIn('', sameDays), cellsIn('', whole)]

  it('shows what was read, a zero that was tried, a guess, and what is not applicable, each in its own way', () => {
    expect(cells).toHaveLength(11 * 6)
    expect(cells).toContain('Ghost device | read | 40 | insider at the authority | 40 % | 2 of 5')
    expect(cells).toContain('Split escrow | zero | 0 | eavesdropper on the wire | 0 | 24 tried')
    expect(cells).toContain('Split escrow | zero | 0 | key thief | 0 | 0 of 5')
    expect(cells).toContain('Split escrow | guess | 100 | a million people | ≈ 100 % | 5 of 5')
    expect(cells).toContain('No access | none | 0 | key thief | – | not applicable (a)')
    expect(cells).toContain('Key substitution | read | 40 | insider at the authority | 40 % | 2 of 5 · forged')
  })

  it('shows first what complying people sent while the mode was on, without a state that comes later', () => {
    expect(early).toHaveLength(10 * 6)
    expect(early).toContain('Ghost device | read | 57.1 | insider at the authority | 57 % | 8 of 14')
    expect(early.join()).not.toContain('another state')
  })

  it('has no table with more columns than a page is wide', () => {
    const tables = html
      .split('<thead')
      .slice(1)
      .map((one) => one.split('</thead>')[0] ?? '')
    expect(tables.length).toBeGreaterThan(10)
    for (const heading of tables) expect(heading.match(/<t[hd]\b/g)?.length).toBeLessThanOrEqual(8)
  })

  it('gives the reason of what is not applicable, in the page and in the picture', () => {
    for (const name of ['index.html', 'matrix.svg'])
      expect(read(name)).toContain('there is no secret that anybody could hold')
  })

  it('has the same figures in the picture', () => {
    const shown = [...read('matrix.svg').matchAll(/class="share middle"[^>]*>([^<]*)</g)].map(([, figure]) => figure)
    const figures = cells.map((cell) => cell.split(' | ')[4])
    for (const figure of new Set([...shown, ...figures]))
      expect([figure, shown.filter((one) => one === figure).length]).toEqual([
        figure,
        figures.filter((one) => one === figure).length,
      ])
  })
})

describe('who could have noticed', () => {
  it('is shown by detector and mode, of an order and of a dishonest server, and a detector that was not run is no zero', () => {
    expect(cellsIn('An order')).toHaveLength(2 * 6)
    expect(cellsIn('An order')).toContain('Ghost device | noticed | 75 | unsigned list | 75 % | 3 of 4')
    expect(cellsIn('An order')).toContain('Split escrow | zero | 0 | unsigned list | 0 | 0 of 4')
    expect(cellsIn('A dishonest').filter((cell) => cell.includes('noticed | 25'))).toHaveLength(5)
    expect(cellsIn('A dishonest').filter((cell) => cell.includes('Split escrow'))).toEqual([])
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
    expect(answer(nothing)).toContain('was not played without an access mode')
  })
})

describe('the answer', () => {
  const before = (read: number, of = 14) => ({
    messages: { read, of },
    conversations: { read: Math.min(read, 4), of: 4 },
  })

  it('sets what an order read beside what the same key opens, and beside no access, of the same people and days', () => {
    expect(answer(result)).toBe(
      'Under message key escrow an order for one person read 2 messages; the same key opens all 14 that complying people sent in 4 days. No detector here shows that reading. Even with no access mode, over the same days, an unlocked device read 6 of 14.',
    )
    expect(inConversations(result)).toBe(
      'In conversations, over the same 4 days: the order 2, the same keys 4 of 4, an unlocked device with no access mode 2 of 4.',
    )
    for (const sentence of answer(result).split(/(?<=\.) /)) expect(wordsIn(sentence)).toBeLessThanOrEqual(25)
  })

  it('says that comparing shows false keys, and what was never sent, only where the run says so', () => {
    const [none, ...rest] = result.modes
    const told = (noticed: number, silenced: number) =>
      answer({
        ...result,
        modes: [
          {
            ...(none as (typeof rest)[number]),
            cells: at(result.modes, 0).cells.map((cell) => ({
              ...cell,
              complying: before(cell.adversary === 'active relay' ? 9 : 0),
            })),
            detections: {
              order: [],
              activeRelay: [{ id: 'safety number', runBy: 'anybody', noticed: { read: noticed, of: 4 } }],
            },
          },
          ...rest,
        ],
        experiments: [{ ...at(result.experiments, 0), id: 'active-relay', figures: { silenced } }],
      })
    expect(told(4, 5)).toMatch(/\. Anybody who compared would have seen it; the other 5 were never sent\.$/)
    expect(told(4, 3)).toMatch(/\. Anybody who compared would have seen it\.$/)
    expect(told(3, 5)).toMatch(/had compared safety numbers\.$/)
    const seen = at(result.modes, 1).detections.order.map((one) => ({ ...one, noticed: { read: 3, of: 4 } }))
    const noticed = { ...result, modes: result.modes.map((mode) => ({ ...mode })) }
    noticed.modes[1] = { ...at(result.modes, 1), detections: { order: seen, activeRelay: [] } }
    expect(answer(noticed)).not.toContain('No detector')
  })

  it('gives the reason where it was a dishonest server, and none where everybody had compared', () => {
    const lying = withCells((cell) =>
      cell.mode === 'none' ? { ...cell, complying: before(cell.adversary === 'active relay' ? 9 : 0) } : cell,
    )
    expect(answer(lying)).toMatch(
      /\. Even with no access mode, over the same days, a dishonest server read 9 of 14, because only 1 pair had compared safety numbers\.$/,
    )
    const compared = { ...lying, world: { ...lying.world, compared: 5 } }
    expect(answer(compared)).toMatch(/a dishonest server read 9 of 14\.$/)
  })

  it('says nothing of an order that opens all that its keys open, nor of guesses', () => {
    const held = withCells((cell) =>
      cell.adversary === 'order, as possible' ? { ...cell, complying: before(2) } : cell,
    )
    expect(answer(held)).toMatch(/^Under message key escrow an insider at the authority read 14 of 14 messages that/)
    expect(inConversations(held)).toBeNull()
    const guesses = withCells((cell) => ({ ...cell, status: cell.adversary === 'wire' ? 'measured' : 'extrapolated' }))
    expect(answer(guesses)).toBe(
      'Nobody read anything under any access mode of this run. With no access mode nobody read any.',
    )
  })

  it('has beside it who is left out, that chance drew them, and what would move it', () => {
    expect(evaders(result)).toMatch(
      /^Complying people do not evade the mode\. 1 of 5 pairs evades and is left out .*Chance drew them from all pairs/,
    )
    expect(evaders({ ...result, world: { ...result.world, evading: [] } })).toBe(
      'Complying people do not evade the mode. Nobody in this world evades.',
    )
    const [header = ''] = html.split('</header>')
    expect(header).toContain('left out of these figures')
    expect(header).toContain('<p id="sensitivity">How many pairs compare safety numbers')
  })
})

describe('the page', () => {
  const header = html.split('<header>')[1]?.split('</header>')[0] ?? ''

  it('says in its second line that the people are invented', () => {
    expect(header).toMatch(/^<h1>[^<]*<\/h1>\n<p class="invented">The people are invented: 6 people/)
  })

  it('has contents, and everything that they and its links name', () => {
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links.length).toBeGreaterThan(13)
    for (const id of links) expect(html).toContain(` id="${id}"`)
  })

  it('folds the evidence of experiments, and not their verdicts', () => {
    const article = html.split('<article id="theft">')[1]?.split('</article>')[0] ?? ''
    const [shown = '', folded = ''] = article.split('<details>')
    expect(shown).toContain('class="verdict"')
    expect(folded).toContain('class="plain"')
    expect(folded).toContain('class="method"')
  })

  it('says what an order achieves beside whom it exposes', () => {
    const table = html.split('aria-label="What an order achieves"')[1]?.split('</table>')[0] ?? ''
    const row = (mode: string) =>
      [...(table.split(`scope="row">${mode}</th>`)[1]?.split('</tr>')[0] ?? '').matchAll(/<td[^>]*>([^<]*)/g)].map(
        ([, field]) => field,
      )
    expect(row('Split escrow')).toEqual(['yes', '1 day', '2 of 8 (25 %)', '2', '5'])
    expect(row('No access')).toEqual([expect.stringMatching(/^no: .*no secret/), '–', '–', '–', '–'])
    const unserved = withCells((cell) => ({ ...cell, asked: { read: 0, of: 8 }, days: cell.days.map(() => 0) }))
    expect(
      achieved(unserved)
        .map(({ served, after }) => [served, after])
        .slice(1),
    ).toEqual(Array.from({ length: 5 }, () => ['no: it read nothing', '–']))
  })

  it('says who holds what', () => {
    const table = html.split('aria-label="Who holds which key"')[1]?.split('</table>')[0] ?? ''
    expect(table.match(/share \d/g)).toHaveLength(1 + 1 + 3 + 1 + 1)
    expect(table).toContain('the operator, who has to know it')
  })

  it('says how to cite it, with everything that it takes to run it again', () => {
    expect(html).toContain(
      'Cite it as: <cite>The developers of Doormat, Doormat 0.0.0 (commit unknown), run of 2 March 2026',
    )
    for (const wanted of ['version', 'commit', 'date', 'command', 'seed', 'machine'])
      expect(html).toContain(`<dt>${wanted}</dt>`)
  })

  it('has a text for every drawing, with figures in it', () => {
    const drawings = [...html.matchAll(/<svg class="plot"[^>]*aria-label="([^"]*)"/g)].map(([, label = '']) => label)
    expect(drawings.length).toBeGreaterThan(15)
    for (const label of drawings) expect(label).toMatch(/\d|no insider|nothing|not applicable/)
    for (const name of written.filter((one) => one.endsWith('.svg')))
      expect(/aria-label="([^"]*)"/.exec(read(name))?.[1]).toMatch(/\d of \d|\d %/)
  })

  it('is lit in the picture for README by what an order read, and by what its keys open', () => {
    const labels = /aria-label="([^"]*)"/.exec(read('whose-conversations.svg'))?.[1]
    expect(labels).toMatch(/What an order for one person read.* 2 of 5 conversations.*What the same keys open.* 5 of 5/)
    expect(read('whose-conversations.svg')).toContain('prefers-color-scheme: dark')
  })
})

describe('the two sides', () => {
  it('have the same length and the same place', () => {
    const { inFavour, against } = sides(result)
    expect(inFavour.length).toBeGreaterThan(3)
    expect(against).toHaveLength(inFavour.length)
    const [one, other] = [inFavour, against].map((all) => wordsIn(all.join(' ')))
    expect(Math.max(one ?? 0, other ?? 0) / Math.min(one ?? 0, other ?? 0)).toBeLessThan(1.2)
    for (const sentence of [...inFavour, ...against]) expect(wordsIn(sentence)).toBeLessThanOrEqual(25)
    const both = html.split('<div class="sides">')[1] ?? ''
    expect(both).toMatch(/^<div id="for"><h3>For it<\/h3>.*<\/div><div id="against"><h3>Against it/s)
  })

  it('are cut to the shorter, and lose nothing by it', () => {
    const unheard = withCells((cell) => ({ ...cell, forged: null, stillSealed: 0 }))
    const { inFavour, against, further } = sides(unheard)
    expect(inFavour).toHaveLength(against.length)
    expect(further.join(' ')).toContain('A tap leaves traces')
  })
})

describe('the claims', () => {
  const all = verdicts(result)
  const ruled = (run: LabResult, row: number) => at(verdicts(run), row - 1)

  it('have a verdict each, of at most 25 words, and the same on page and findings', () => {
    expect(all).toHaveLength(22)
    const text = findings(result)
    for (const { row, verdict, words, experiment } of all) {
      expect(['holds', 'holds in part', 'does not hold', 'not tried']).toContain(verdict)
      expect([row, wordsIn(words) <= 25]).toEqual([row, true])
      if (verdict !== 'not tried') expect(words).toMatch(/\d|nobody|nothing|none/)
      expect(html).toContain(`<li id="claim-${row}" value="${row}">`)
      const shown = html.split(`<li id="claim-${row}"`)[1]?.split('</li>')[0]
      expect(shown).toContain(`>${verdict}</b> ${words.replaceAll('’', '’')}`)
      expect(text.split('\n').find((line) => line.startsWith(`| ${row} |`))).toContain(`| **${verdict}** | ${words}`)
      if (experiment) expect(result.experiments.map(({ id }) => id)).toContain(experiment)
    }
  })

  it('say what was not tried and why, and that the sides are not tried evenly', () => {
    for (const row of [5, 6, 9, 11, 19, 22]) expect(at(all, row - 1).verdict).toBe('not tried')
    expect(balance(all)).toMatch(
      /^17 of 22 claims were not tried\. .*ask for access 2 of 11 were tried, .* warn of it 3 of 7; the other 4 belong to neither side\. That is uneven: more of what those who ask/,
    )
    expect(balance(all.map((one) => ({ ...one, verdict: 'holds' as const })))).not.toContain('uneven')
  })

  const nobody = withCells((cell) => ({
    ...cell,
    conversations: { ...cell.conversations, read: 0 },
    complying: { messages: { read: 0, of: 14 }, conversations: { read: 0, of: 4 } },
    asked: { ...cell.asked, read: 0 },
    people: {
      target: { ...cell.people.target, read: 0 },
      partners: { ...cell.people.partners, read: 0 },
      strangers: { ...cell.people.strangers, read: 0 },
    },
  }))

  it.each([
    [1, 'holds in part', 'does not hold'],
    [3, 'holds', 'does not hold'],
    [12, 'holds in part', 'does not hold'],
    [14, 'holds in part', 'holds'],
    [15, 'holds', 'does not hold'],
  ] as const)('turn with the cells: claim %d', (row, verdict, turned) => {
    expect(ruled(result, row).verdict).toBe(verdict)
    expect(ruled(nobody, row).verdict).toBe(turned)
  })

  it('turn with the cells of a ghost: claim 20', () => {
    const ghost = (change: (cell: Cell) => Cell) => {
      const tried = forEverybody(result)
      return {
        ...tried,
        modes: tried.modes.map((mode) =>
          mode.id === 'ghost-device' ? { ...mode, cells: mode.cells.map(change) } : mode,
        ),
      }
    }
    expect(
      ruled(
        ghost((cell) => cell),
        20,
      ).verdict,
    ).toBe('holds in part')
    const asUsed = cellOf('ghost-device', 'order, as used').people
    expect(
      ruled(
        ghost((cell) => ({ ...cell, people: asUsed })),
        20,
      ).verdict,
    ).toBe('holds')
    const wide = { ...asUsed, strangers: { read: 3, of: 3 } }
    const beyond = ghost((cell) => (cell.adversary === 'order, as possible' ? { ...cell, people: wide } : cell))
    expect(ruled(beyond, 20).verdict).toBe('does not hold')
  })

  const [made] = result.experiments
  const withFigures = (id: string, figures: Readonly<Record<string, number>>): LabResult => ({
    ...result,
    experiments: [{ ...(made as (typeof result.experiments)[number]), id, figures }],
  })

  it.each([
    [2, 'transcript', { found: 9, of: 9 }, { found: 0, of: 9 }, 'holds', 'does not hold'],
    [
      4,
      'order-yield',
      { bankTried: 5, bankOpened: 5 },
      { bankTried: 5, bankOpened: 2 },
      'does not hold',
      'holds in part',
    ],
    [
      7,
      'two-paths',
      { of: 9, direct: 9, government: 9, directDays: 7, governmentFromDays: 100 },
      { of: 9, direct: 9, government: 9, directDays: 7, governmentFromDays: 7 },
      'holds',
      'holds in part',
    ],
    [
      8,
      'two-standards',
      { direct: 2, directPassed: 2, government: 4, governmentPassed: 1 },
      { direct: 2, directPassed: 2, government: 4, governmentPassed: 4 },
      'holds',
      'does not hold',
    ],
    [10, 'metadata', { guessed: 4, better: 2 }, { guessed: 4, better: 0 }, 'holds in part', 'does not hold'],
    [
      13,
      'order-yield',
      { atRiskTried: 5, atRiskModes: 5, atRiskOpened: 7, atRiskOf: 7 },
      { atRiskTried: 5, atRiskModes: 0 },
      'holds',
      'does not hold',
    ],
    [
      16,
      'evader',
      { tried: 3, always: 3, sometimes: 3 },
      { tried: 3, always: 1, sometimes: 2 },
      'holds',
      'holds in part',
    ],
    [
      17,
      'deleted',
      { of: 9, opened: 8, limited: 0, wide: 3 },
      { of: 9, opened: 8, limited: 2, wide: 3 },
      'holds',
      'holds in part',
    ],
    [
      18,
      'custodians',
      { all: 5, needed: 3, statesThatOpenAlone: 0 },
      { all: 5, needed: 0, statesThatOpenAlone: 0 },
      'holds',
      'does not hold',
    ],
    [
      21,
      'bad-orders',
      { bad: 9, stopped: 9, openedAnyway: 0 },
      { bad: 9, stopped: 0, openedAnyway: 0 },
      'holds',
      'does not hold',
    ],
  ] as const)('turn with the figures: claim %d', (row, id, figures, others, verdict, turned) => {
    expect(ruled(withFigures(id, figures), row).verdict).toBe(verdict)
    expect(ruled(withFigures(id, figures), row).experiment).toBe(id)
    expect(ruled(withFigures(id, others), row).verdict).toBe(turned)
    expect(ruled(result, row).verdict).toBe('not tried')
    for (const run of [figures, others]) expect(wordsIn(ruled(withFigures(id, run), row).words)).toBeLessThanOrEqual(25)
  })
})

describe('the pictures', () => {
  it('of days fill what was read, and mark the switch, the theft and another state', () => {
    const [none, escrow] = timelines(result).map(({ drawing }) => drawing.markup)
    for (const mark of ['>on<', '>off<', '>theft<', '>another state<']) expect(escrow).toContain(mark)
    const filled = (drawing = '') => /class="read-area" d="([^"]*)"/.exec(drawing)?.[1]
    expect(filled(escrow)).toContain('V62')
    expect(filled(none)).not.toContain('V62')
    expect(at(timelines(result), 0).note).toMatch(/^there is no insider: .*there is no secret/)
    const once = timelines({ ...result, moments: { ...result.moments, again: null } })
    expect(at(once, 1).drawing.markup).not.toContain('another state')
  })

  it('of an order show what was used, what was possible, and where there was none', () => {
    expect(yields(result).map(({ note }) => note.replace(/ applicable:.*/, ' applicable'))).toEqual([
      'not applicable',
      ...Array.from({ length: 3 }, () => 'the same keys reach 3 more people than the order did'),
      ...Array.from({ length: 2 }, () => 'the same keys reach nobody else, in what was recorded'),
    ])
    expect(yieldOf(result, cellOf('split-escrow', 'order, as used'))).toEqual({ read: 2, of: 2 })
    const nobody = { ...cellOf('split-escrow', 'wire') }
    expect(noteOf(nobody, nobody)).toBe('the keys reach nobody but the target')
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
      'The pictures show the 5 of 1,000 people nearest to p500, and the 4 conversations between them. They leave out 995 people and 995 conversations, of which the insider read 1 under message key escrow.',
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
    expect(page(slow, arrange(slow))).toContain('opened too little to calculate with')
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
    const elsewhere = {
      ...other.provenance,
      machine: 'another',
      node: 'v24',
      began: '2026-03-02T23:00:00.000Z',
      seconds: 99,
    }
    const experiments = other.experiments.map((one) => ({
      ...one,
      seconds: 77,
      rows: one.rows.map((row) => [...row.slice(0, -1), 88]),
    }))
    expect(findings({ ...other, provenance: elsewhere, experiments })).toBe(text)
  })

  it('say what speaks for access and what speaks against it, from the figures', () => {
    expect(part('What speaks for it')).toContain('under every access mode it read 2 of 2 conversations of its target.')
    expect(part('What speaks for it')).toContain('under split escrow one stolen key opened nothing')
    expect(part('What speaks against it')).toContain(
      'The order exposed 2 others; under 3 of 5 access modes its key could expose 5.',
    )
    expect(part('What speaks against it')).toContain('a dishonest server read 1 of 5 conversations')
    expect(part('What speaks against it')).toContain(
      'under session key escrow the keys opened 3 of 3 messages sent after',
    )
    expect(part('What speaks against it')).toContain('under key substitution devices accepted a message')
    expect(part('What speaks for it')).toContain('under 4 of 5 access modes devices refused')
  })

  it('drop or turn a sentence when the figures do', () => {
    const nobody = findings(
      withCells((cell) => ({ ...cell, conversations: { ...cell.conversations, read: 0 }, lit: [], forged: null })),
    )
    expect(part('What speaks for it', nobody)).not.toContain('The order read nothing')
    expect(part('What speaks against it', nobody)).toContain('The order read nothing of its target under every access')
    expect(part('What speaks for it', nobody)).not.toContain('To read is not to write')
    expect(part('What speaks against it', nobody)).not.toContain('works without an order')
  })

  it('call the switch exact only where nothing was read before, after and when it was on again', () => {
    expect(part('What speaks for it')).toMatch(/under 4 of 5 access modes an insider read nothing from before/)
    const again = findings(
      withCells((cell) =>
        cell.mode === 'message-key-escrow' && cell.adversary === 'insider'
          ? { ...cell, messages: { ...cell.messages, again: { read: 1, of: 1 } } }
          : cell,
      ),
    )
    expect(part('What speaks for it', again)).toMatch(/under 3 of 5 access modes an insider read nothing from/)
    expect(part('What speaks against it', again)).toContain(
      'Off is not off at once: under message key escrow and session key escrow',
    )
    const silent = findings(
      withCells((cell) => ({ ...cell, messages: { ...cell.messages, after: { read: 0, of: 0 } } })),
    )
    expect(part('What speaks for it', silent)).not.toContain('The switch does what it says')
  })

  it('say of a mode that reaches few that it is so of what was recorded, and of strangers only where there are any', () => {
    const tried = forEverybody(result)
    expect(part('What speaks for it', findings(tried))).toContain(
      'under ghost device and key substitution the keys made for the order opened nothing of strangers.',
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
      'under ghost device and key substitution, with everybody tapped, it exposed 5 people besides the target.',
    )
    expect(page(tried, arrange(tried))).toContain(
      'more can be read under ghost device (words of 5 people besides the target) and key substitution',
    )
    expect(text + html).not.toMatch(/taps everybody|everybody tapped/)
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
    ).toContain('under every access mode up to 3 people could have noticed')
    expect(
      part(
        'What speaks for it',
        lossy(() => true),
      ),
    ).toContain('under ghost device up to 3 people could have noticed')
    const fewer = at(result.modes, 1).detections.order.map((one) => ({ ...one, noticed: { read: 3, of: 4 } }))
    const told = findings({
      ...result,
      modes: result.modes.slice(0, 2).map((mode) => ({ ...mode, detections: { ...mode.detections, order: fewer } })),
    })
    expect(part('What speaks for it', told)).toContain(
      'the devices of 3 of 4 people showed it. That is Doormat’s design; in some laws operators may not.',
    )
  })

  it('say which rows are one finding, under the matrix of page and findings', () => {
    const once = (rows: string, modes: string, number: string) =>
      `Under ${modes} the columns for ${rows} show the same keys on the same envelopes, and so the same figures: one finding, not ${number}.`
    const single = once(
      'an order without limits, an insider at the authority, a thief of one key and one state',
      'message key escrow, session key escrow, ghost device and key substitution',
      'four',
    )
    expect(sameHands(result)).toEqual([
      single,
      once('an order without limits and an insider at the authority', 'split escrow', 'two'),
    ])
    expect(html).toContain(single)
    expect(text.replaceAll('\n', ' ')).toContain(single)
    expect(sameHands(forEverybody(result))).toEqual([
      expect.stringMatching(
        /^Under message key escrow and session key escrow the columns .*an order for everybody.* five\.$/,
      ),
      expect.stringMatching(/^Under split escrow the columns .*an order for everybody and an insider .* three\.$/),
      expect.stringMatching(
        /^Under ghost device and key substitution the columns for an order without limits, an insider.* four\.$/,
      ),
    ])
    const unlike = withCells((cell) =>
      cell.adversary === 'insider' ? { ...cell, conversations: { ...cell.conversations, of: 99 } } : cell,
    )
    expect(sameHands(unlike)).toEqual([])
  })

  it('print what is assumed, in page and findings, and how many pairs compare and evade', () => {
    const shown = part('What is assumed')
    for (const sentence of [
      'key substitution would read nothing of people who had already met',
      'In this world 1 pair does, of 5 pairs that talk.',
      'In this world 1 pair does, drawn from all but the target’s.',
      'from the first day, before anybody has met',
      'The server keeps every envelope',
      'how a clerk there comes by what the company recorded',
      'every six hours',
      'Which keys lie in which state is put into the mode',
      'The other state comes after the switch is off.',
    ]) {
      expect(shown).toContain(sentence)
      expect(html).toContain(sentence)
    }
    const once = { ...result, moments: { ...result.moments, again: null } }
    expect(part('What is assumed', findings(once))).not.toContain('other state')
  })

  it('print what a run does not show, in page and findings', () => {
    for (const limit of limits) {
      expect(part('What this does not show')).toContain(limit)
      expect(html).toContain(limit)
    }
  })

  it('do not say that devices hold nothing: their histories were put aside', () => {
    for (const shown of [text.replaceAll('\n', ' '), html])
      expect(shown).toContain('The keys left on all devices, their histories put aside, had to open nothing')
    expect(text + html).not.toMatch(/last states?/)
  })

  it('do not ask to believe a zero whose control failed', () => {
    expect(text.replaceAll('\n', ' ')).toContain('had to open that message and no other')
    const [none, ...rest] = result.modes
    const failed = findings({ ...result, modes: [{ ...(none as (typeof rest)[number]), control: 0 }, ...rest] })
    expect(failed.replaceAll('\n', ' ')).toContain('That failed under no access mode: its zeros cannot be believed.')
  })

  it('say of how many each figure is, with parts that add up', () => {
    const rows = new Map(denominators(result))
    const count = (what: string) => Number(rows.get(what))
    expect(count('all of them')).toBe(24)
    expect(count('sent while it was on')).toBe(
      count('of these, by pairs who comply') + count('of these, by pairs who evade'),
    )
    expect(pairsWords(result)).toMatch(
      /^Of 5 conversations 4 are between pairs who comply .* 4 are between pairs who had/,
    )
    const foreign = { pair: at(result.world.conversations, 0).pair, by: 'foreign client' as const }
    const elsewhere = at(result.world.conversations, 0).messages
    const apart = denominators({
      ...result,
      world: { ...result.world, evading: [foreign], messages: at(result.modes, 0).envelopes + elsewhere },
    })
    expect(new Map(apart).get('of all, sent by a client that does not use this server')).toBe(String(elsewhere))
  })

  it('say what a state can order where there is no mode, in page and findings, where it was tried', () => {
    const told = 'Another state needs no mode either: it can order the operator to hand out false keys.'
    expect(text.replaceAll('\n', ' ')).toContain(told)
    expect(html).toContain(told)
    const honest = withCells((cell) => (cell.adversary === 'active relay' ? cellOf('none', 'wire') : cell))
    expect(findings(honest).replaceAll('\n', ' ')).not.toContain(told)
  })

  it('give the price of new keys beside what they save, and name collusion where a key is divided', () => {
    const figures = { changed: 5, never: 200, of: 224, everyDays: 1, orderChanged: 2, orderKept: 49 }
    const tried = (told: typeof figures) => ({
      ...result,
      experiments: [{ ...at(result.experiments, 0), id: 'theft', figures: told }],
    })
    const all = ({ inFavour, further }: ReturnType<typeof sides>) => [...inFavour, ...further].join(' ')
    expect(all(sides(tried(figures)))).toContain(
      'New keys every day, old ones destroyed: a thief read 5 of 224 earlier messages instead of 200, but an order 2 instead of 49.',
    )
    expect(all(sides(tried({ ...figures, changed: 200 })))).not.toContain('New keys every')
    const divided = {
      ...result,
      modes: result.modes.map((mode) => ({
        ...mode,
        secrets: mode.secrets.map((secret, i) => ({ ...secret, holder: `institution ${i}` })),
      })),
    }
    expect(sides(divided).against.join(' ')).toContain('; under split escrow, 3 colluding institutions.')
    expect(sides(result).against.join(' ')).not.toContain('colluding')
    expect(all(sides(result))).toContain('even with every envelope, nor did any single state.')
    const seen = withCells((cell) =>
      cell.adversary === 'one secret and archive' ? cellOf('message-key-escrow', 'insider') : cell,
    )
    expect(all(sides(seen))).toContain('Dividing a key among states helps: under split escrow no single state')
  })

  it('name every claim, and link to what tried it', () => {
    for (const { source, tried } of claims) {
      expect(text).toContain(source)
      expect(html).toContain(source)
      if (tried !== null) expect(text).toContain(`| ${tried} |`)
    }
    expect(text.replaceAll('\n', ' ')).toContain(verdictRule)
    expect(html).toContain(verdictRule)
    expect(text.match(/^\| \d+ \|.*$/gm)).toHaveLength(22)
    const told = findings(withTitle('order-yield', 'An order, for one: “person”'))
    expect(told).toContain('[Experiment](#an-order-for-one-person)')
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
