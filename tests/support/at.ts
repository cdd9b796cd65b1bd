/** What stands at that place of a list, which must have one. */
export function at<T>(list: readonly T[], place: number): T {
  const found = list.at(place)
  if (found === undefined) throw new Error(`a list of ${list.length} has no place ${place}`)
  return found
}
