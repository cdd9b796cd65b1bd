/**
 * How long a test waits for a state before it says what it waited for in vain. It ends a hang, and judges nothing: on a
 * machine ten times slower everything still comes in time. Less than the time-out of a test, so that its words are printed.
 */
export const hangMs = 9 * 60_000
