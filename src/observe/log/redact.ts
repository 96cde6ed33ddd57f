const MARK = '[redacted]'
/** What looks like a key whosever it is. */
const SHAPES = [
  /\b[al]k_[\w-]+_[\w-]{8,}/g,
  /\b(?:sk|pk|rk|gh[opsu]|github_pat|glpat|xox[abp])[-_][\w-]{12,}/g,
  /\bAIza[\w-]{30,}/g,
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /(\/\/[^\s/:@]*:)[^\s/]+@/g,
]

/** A text without what looks like a key. */
export function withoutKeys(text: string): string {
  return SHAPES.reduce((safe, shape) => safe.replace(shape, MARK), text)
}
