/** Whether this is `npm run test:long`, which tries everything. */
export const isLong = process.env['DOORMAT_EVERYTHING'] !== undefined

/** The long run tries every case of some kind, `npm test` the first few. */
export const few = <T>(all: readonly T[], count: number): readonly T[] => (isLong ? all : all.slice(0, count))
