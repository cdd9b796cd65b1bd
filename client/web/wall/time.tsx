import type { HostView, Timeline } from '../../workshop/api.ts'

const size = { width: 1600, height: 700 }
const base = 520
const margin = 40
/** On a projector a thirtieth of the height, whatever the screen. */
const textSize = 46
const most = 400

const words: Readonly<Record<Timeline['events'][number]['what'], string>> = {
  'on': 'key on',
  'off': 'key off',
  'order': 'order',
  'looked up': 'clerk',
  'stolen': 'stolen',
  'compelled': 'compelled',
  'deleted': 'deleted',
}

/** Everything that passed, ten seconds by ten seconds; red is what a key has opened of it. */
export function LineOfTime({ now: { timeline } }: { readonly now: HostView }) {
  const { bins, events, binMs } = timeline
  if (bins.length === 0) return <p class="pad">Nothing has passed yet.</p>
  const times = [...bins.map(({ at }) => at), ...events.map(({ at }) => at)]
  const [from, to] = [Math.min(...times), Math.max(...times) + binMs]
  const x = (at: number) => margin + ((at - from) / (to - from)) * (size.width - 2 * margin)
  const width = Math.max(3, x(from + binMs) - x(from) - 1)
  const highest = Math.max(...bins.map(({ passed }) => passed))
  const tall = (count: number) => (count / highest) * most
  const [passed, opened] = [sum(bins.map((bin) => bin.passed)), sum(bins.map((bin) => bin.opened))]
  const shown = spread(events, x)
  return (
    <section class="time" aria-label="The line of time">
      <h2>
        {passed} envelopes have passed. A key opens <strong class="exposed">{opened}</strong> of them (in red).
      </h2>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label="Envelopes by time">
        {bins.map((bin) => (
          <g key={bin.at}>
            <rect class="passed" x={x(bin.at)} y={base - tall(bin.passed)} width={width} height={tall(bin.passed)} />
            <rect class="opened" x={x(bin.at)} y={base - tall(bin.opened)} width={width} height={tall(bin.opened)} />
          </g>
        ))}
        <text class="hour" x={margin} y={base - most - 40} font-size={textSize}>
          {clock(from)}
        </text>
        <text class="hour" x={size.width - margin} y={base - most - 40} font-size={textSize} text-anchor="end">
          {clock(to)}
        </text>
        <line class="axis" x1={margin} x2={size.width - margin} y1={base} y2={base} />
        {shown.map(({ at, what }) => (
          <line key={`${at} ${what}`} class="event" x1={x(at)} x2={x(at)} y1={base - most - 20} y2={base + 20} />
        ))}
        {shown.map(({ at, what, row }) => (
          <text
            key={`${at} ${what}`}
            class="event"
            x={x(at)}
            y={base + 60 + row * 52}
            font-size={textSize}
            text-anchor={anchor(x(at))}
          >
            {words[what]}
          </text>
        ))}
      </svg>
    </section>
  )
}

const clock = (ms: number) =>
  new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0)
const anchor = (x: number) => (x < 200 ? 'start' : x > size.width - 200 ? 'end' : 'middle')

const rows = 3
/** Each in a row in which no other stands beside it; where all are full, the first stay. */
function spread(events: Timeline['events'], x: (at: number) => number) {
  const free: number[] = Array.from({ length: rows }, () => -Infinity)
  return events.flatMap((event) => {
    const row = free.findIndex((end) => x(event.at) - 110 > end)
    if (row === -1) return []
    free[row] = x(event.at) + 110
    return [{ ...event, row }]
  })
}
