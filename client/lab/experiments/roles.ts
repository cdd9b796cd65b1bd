import type { World } from '../world/world.ts'

/** Those of a role: `activist` is also who is an `activist who works at the town hall`. */
export const inRole = ({ people }: World, role: string): readonly string[] =>
  people.filter((one) => one.role === role || one.role.startsWith(`${role} `)).map(({ name }) => name)

/** Whom nobody has any reason to name in an order: who has left a partner, in a world that has the stories. */
export function bystanderIn(world: World): string {
  const { people, messages, target } = world
  const near = new Set(
    messages.filter(({ from, to }) => from === target || to === target).flatMap((one) => [one.from, one.to]),
  )
  const [name] = [
    ...inRole(world, 'somebody who has left an abusive partner'),
    ...people.map((one) => one.name).filter((one) => !near.has(one)),
  ]
  return name ?? target
}
