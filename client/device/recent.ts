/** Whether something was less than so long ago. What seems to lie ahead was not: a clock that was put back must make nobody wait. */
export const isRecent = (at: number, ms: number, now: number): boolean => at <= now && now < at + ms
