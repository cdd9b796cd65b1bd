/** `.ci/run` sets it: there everything that the tests need has been installed. */
const everythingIsThere = process.env['DOORMAT_TOOLS'] === 'required'

/**
 * For what some machines lack. It is skipped there, and its name says so.
 * @param because what is missing, and how to get it
 * @returns the words for the name of what is skipped; empty where nothing is missing
 * @throws Error where everything has to be there
 */
export function missing(isThere: boolean, because: string): string {
  if (isThere) return ''
  if (everythingIsThere) throw new Error(`nothing may be skipped here: ${because}`)
  return ` (SKIPPED: ${because})`
}
