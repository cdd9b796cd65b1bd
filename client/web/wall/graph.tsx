import type { HostView } from '../../workshop/api.ts'

const size = { width: 1000, height: 900 }
const middle = { x: 500, y: 450 }
const radius = { x: 355, y: 345 }

const keyOf = (people: readonly string[]) => people.toSorted().join(' ')

/** Everybody on a circle, and a line for each two between whom something has passed: red and thick where a key opens it. */
export function Graph({ now }: { readonly now: HostView }) {
  const { room, passed, read, theft, hideNames, online } = now
  const opened = theft ? theft.read : read
  const readable = new Map(opened.conversations.map(({ people, messages }) => [keyOf(people), messages]))
  const names = [...new Set([...room.people, ...passed.flatMap(({ people }) => people)])].sort()
  const places = new Map(
    names.map((name, i) => {
      const angle = (2 * Math.PI * i) / names.length - Math.PI / 2
      return [name, { x: Math.cos(angle), y: Math.sin(angle) }]
    }),
  )
  const at = (name: string) => {
    const place = places.get(name) ?? { x: 0, y: 0 }
    return { x: middle.x + radius.x * place.x, y: middle.y + radius.y * place.y }
  }
  const exposed = new Set(opened.conversations.flatMap(({ people }) => people))
  const label = `${readable.size} of ${passed.length} conversations can be read`
  // names of a full circle need the room that they have on a screen, and no more
  const text = names.length <= 16 ? 40 : 34

  return (
    <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={label}>
      {passed.map(({ people }) => {
        const [one, other] = [at(people[0]), at(people[1])]
        const isRead = readable.has(keyOf(people))
        return (
          <line
            key={keyOf(people)}
            class={isRead ? 'edge read' : 'edge'}
            x1={one.x}
            y1={one.y}
            x2={other.x}
            y2={other.y}
          />
        )
      })}
      {names.map((name) => {
        const { x, y } = at(name)
        const outward = places.get(name)?.x ?? 0
        const anchor = Math.abs(outward) < 0.25 ? 'middle' : outward > 0 ? 'start' : 'end'
        const above = (places.get(name)?.y ?? 0) < 0
        const away =
          anchor === 'middle' ? { x: 0, y: above ? -28 : 28 + text * 0.7 } : { x: outward > 0 ? 26 : -26, y: text / 3 }
        return (
          <g
            key={name}
            class={`${exposed.has(name) ? 'person read' : 'person'}${online.includes(name) ? '' : ' away'}`}
          >
            <circle cx={x} cy={y} r="17" />
            {!hideNames && (
              <text x={x + away.x} y={y + away.y} text-anchor={anchor} font-size={text}>
                {name.length > 10 ? `${name.slice(0, 9)}…` : name}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}
