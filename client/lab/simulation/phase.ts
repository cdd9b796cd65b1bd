/**
 * By the epoch of an envelope: before the mode, while it is on, after it was switched off, and after it was switched on
 * again with keys of another state.
 */
export type Phase = 'before' | 'during' | 'after' | 'again'
export const phases: readonly Phase[] = ['before', 'during', 'after', 'again']
