import type { LabResult, ModeResult } from '../runs/result.ts'
import { type Markup, markup, rounded } from './markup.ts'
import type { Panel } from './panel.ts'
import { insiderOf, withoutInsider } from './pick.ts'
import { grouped } from '../../words/counted.ts'
import { dayNumber, messagesOf, outOf } from './words.ts'

const [width, height] = [560, 270]
const plot = { left: 8, right: 552, top: 62, bottom: 232 }

/** Said and read, day by day, under each mode by the insider; one scale for all. */
export const timelines = (result: LabResult): readonly Panel[] => result.modes.map((mode) => timeline(result, mode))

function timeline({ world, moments }: LabResult, mode: ModeResult): Panel {
  const cell = insiderOf(mode)
  const all = cell && messagesOf(cell)
  const note =
    !cell || !all
      ? withoutInsider(mode)
      : all.read === 0
        ? 'the insider read nothing'
        : `the insider read ${outOf(all)} messages`
  const days = Math.max(world.days, world.saidByDay.length, 1)
  const most = Math.max(1, ...world.saidByDay)
  const x = (day: number) => rounded(plot.left + ((plot.right - plot.left) * day) / days)
  const y = (messages: number) => rounded(plot.bottom - ((plot.bottom - plot.top) * messages) / most)
  const steps = (values: readonly number[]) =>
    `M${x(0)} ${plot.bottom}${values.map((value, day) => `V${y(value)}H${x(day + 1)}`).join('')}V${plot.bottom}Z`
  const upright = (at: number, kind: string) =>
    markup`<path class="${kind}" d="M${x(at)} ${plot.top - 14}V${plot.bottom}"/>`
  const last = world.saidByDay.length
  return {
    title: mode.title,
    note,
    label: `${mode.title}: messages sent and read on each day; ${note}`,
    width,
    height,
    drawing: markup`<rect class="band" x="${x(moments.on)}" y="${plot.top - 14}" width="${rounded(x(moments.off) - x(moments.on))}" height="${plot.bottom - plot.top + 14}"/>${moments.again === null ? null : markup`<rect class="hatched" x="${x(moments.again)}" y="${plot.top - 14}" width="${rounded(plot.right - x(moments.again))}" height="${plot.bottom - plot.top + 14}"/>`}
<path class="read-area" d="${steps(cell?.days ?? [])}"/><path class="said-line" d="${steps(world.saidByDay)}"/><path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}"/>
${upright(moments.on, 'moment')}${upright(moments.off, 'moment')}${upright(moments.breach, 'theft')}${moments.again === null ? null : upright(moments.again, 'moment')}
<text class="mark" x="${x(moments.on)}" y="18">on</text><text class="mark" x="${x(moments.off)}" y="18">off</text>${theft(x(moments.breach))}${moments.again === null ? null : markup`<text class="mark end" x="${plot.right}" y="42">another state</text>`}
<text class="quiet" x="${plot.left}" y="258">day 1</text><text class="quiet middle" x="${(plot.left + plot.right) / 2}" y="258">at most ${grouped(most)} a day</text><text class="quiet end" x="${plot.right}" y="258">day ${Math.max(last, dayNumber(days) - 1)}</text>`,
  }
}

/** To the left of its line, where there is room, for what comes after stands to the right. */
const theft = (x: number): Markup =>
  x > 90
    ? markup`<text class="mark end" x="${x}" y="42">theft</text>`
    : markup`<text class="mark" x="${x}" y="42">theft</text>`
