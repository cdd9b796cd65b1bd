/** Everything that something gives one by one. */
export async function allOf<T>(these: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const one of these) all.push(one)
  return all
}
