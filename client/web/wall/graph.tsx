import type { HostView } from '../../workshop/api.ts'
import { readableIn } from './readable.ts'

const size = { width: 1000, height: 900 }
const middle = { x: 500, y: 450 }
/** More people than this have their names along the rays of the circle, and shorter: none covers another. */
const fewMaximum = 14
const few = { radius: { x: 250, y: 335 }, letters: 8 }
const many = { radius: { x: 285, y: 285 }, letters: 7 }
/** On a projector a thirtieth of the height, whatever the screen. */
const textSize = 46

const keyOf = (people: readonly string[]) => people.toSorted().join(' ')

/** Everybody on a circle, and a line for each two between whom something has passed: red and thick where a key opens it. */
export function Graph({ now }: { readonly now: HostView }) {
  const { room, passed, read, theft, wall, online, stage } = now
  const opened = readableIn(theft && !now.exercise ? theft.read : read)
  const readable = new Map(opened.map(({ people, messages }) => [keyOf(people), messages]))
  // in the order in which they came: nobody changes places with anybody
  const names = [...new Set([...room.people, ...stage.people, ...passed.flatMap(({ people }) => people)])].filter(
    (name) => room.people.includes(name) || passed.some(({ people }) => people.includes(name)),
  )
  const places = new Map(
    names.map((name, i) => {
      const angle = (2 * Math.PI * i) / names.length - Math.PI / 2
      return [name, { x: Math.cos(angle), y: Math.sin(angle) }]
    }),
  )
  const isCrowd = names.length > fewMaximum
  const { radius, letters } = isCrowd ? many : few
  const at = (name: string) => {
    const place = places.get(name) ?? { x: 0, y: 0 }
    return { x: middle.x + radius.x * place.x, y: middle.y + radius.y * place.y }
  }
  const exposed = new Set(opened.flatMap(({ people }) => people))
  /** readable for somebody, and not for the thief whose reading is shown */
  const elsewhere = new Set(readableIn(read).map(({ people }) => keyOf(people)))
  const label = `${readable.size} of ${passed.length} conversations can be read`

  return (
    <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={label} class={isCrowd ? 'crowd' : ''}>
      {passed.map(({ people }) => {
        const [one, other] = [at(people[0]), at(people[1])]
        const isRead = readable.has(keyOf(people))
        return (
          <line
            key={keyOf(people)}
            class={isRead ? 'edge read' : elsewhere.has(keyOf(people)) ? 'edge once' : 'edge'}
            x1={one.x}
            y1={one.y}
            x2={other.x}
            y2={other.y}
          />
        )
      })}
      {names.map((name) => {
        const { x, y } = at(name)
        const shown = name.length > letters ? `${name.slice(0, letters - 1)}…` : name
        return (
          <g
            key={name}
            class={`${exposed.has(name) ? 'person read' : 'person'}${online.includes(name) ? '' : ' away'}${stage.people.includes(name) ? ' acting' : ''}`}
          >
            <circle cx={x} cy={y} r="17" />
            {!wall.hidesNames && (
              <Name text={shown} x={x} y={y} ray={places.get(name) ?? { x: 0, y: 0 }} isCrowd={isCrowd} />
            )}
          </g>
        )
      })}
    </svg>
  )
}

interface NameProps {
  readonly text: string
  readonly x: number
  readonly y: number
  /** from the middle, of length 1 */
  readonly ray: { readonly x: number; readonly y: number }
  readonly isCrowd: boolean
}

function Name({ text, x, y, ray, isCrowd }: NameProps) {
  const toTheRight = ray.x > -0.001
  if (isCrowd) {
    const turned = (Math.atan2(ray.y, ray.x) * 180) / Math.PI + (toTheRight ? 0 : 180)
    return (
      <text
        transform={`translate(${x + 28 * ray.x} ${y + 28 * ray.y}) rotate(${turned})`}
        dominant-baseline="central"
        text-anchor={toTheRight ? 'start' : 'end'}
        font-size={textSize}
      >
        {text}
      </text>
    )
  }
  const isUpright = Math.abs(ray.x) < 0.25
  return (
    <text
      x={x + (isUpright ? 0 : toTheRight ? 26 : -26)}
      y={y + (isUpright ? (ray.y < 0 ? -28 : 28 + textSize * 0.7) : textSize / 3)}
      text-anchor={isUpright ? 'middle' : toTheRight ? 'start' : 'end'}
      font-size={textSize}
    >
      {text}
    </text>
  )
}
