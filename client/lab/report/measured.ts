import file from '../../../docs/sensitivity.json' with { type: 'json' }
import type { Sensitivity } from '../runs/sensitivity.ts'

/** How far the headline depends on the world: measured once, by `npm run sensitivity`, and the same on every page. */
export const measured = file as Sensitivity
