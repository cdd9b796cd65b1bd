/** `npm run test:long` tries every case of some kind, `npm test` the first few. */
export const few = <T>(all: readonly T[], count: number): readonly T[] =>
  process.env['DOORMAT_EVERYTHING'] === undefined ? all.slice(0, count) : all
