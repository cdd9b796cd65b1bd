const windowUnits = 240

/**
 * Of a long text the part that has what is looked for, on one line; not made harmless. Where that spans more than one part, the beginning.
 * @param isWanted whether a text has it
 */
export function excerpt(text: string, isWanted: (text: string) => boolean): string {
  if (text.length <= windowUnits) return text
  for (let start = 0; start < text.length; start += windowUnits / 2) {
    const part = text.slice(start, start + windowUnits)
    if (isWanted(part)) return cutOut(text, start)
  }
  return cutOut(text, 0)
}

/** No half of a surrogate pair at its ends. */
function cutOut(text: string, start: number): string {
  const end = start + windowUnits
  const part = text.slice(start, end).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
  return `${start > 0 ? '… ' : ''}${part}${end < text.length ? ' …' : ''}`
}
