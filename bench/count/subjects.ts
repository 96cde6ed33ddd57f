const SUFFIX = '-counted'

/** The name of a subject whose writes are counted, in a process and on a server without measurements of rates. */
export const countedOf = (subject: string): string => `${subject}${SUFFIX}`

export const isCounted = (subject: string): boolean => subject.endsWith(SUFFIX)

/** The subject itself, whether it is counted or not. */
export const uncountedOf = (subject: string): string =>
  isCounted(subject) ? subject.slice(0, -SUFFIX.length) : subject
