type Environment = { readonly [name: string]: string | undefined }

const MARK = '[redacted]'
/** Variables that hold what nobody else is to know. */
const SECRET = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|HEADERS|DSN/i
/** Of shorter ones the mark would be all over the text. */
const SHORTEST = 6
/** What looks like a key whosever it is. */
const SHAPES = [
  /\bak_[\w-]+_[\w-]{8,}/g,
  /\b(?:sk|pk|rk|ghp|gho|xox[abp])[-_][\w-]{12,}/g,
  /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /(\/\/[^\s/:@]*:)[^\s/@]+@/g,
]

/** A function that takes secrets out of a text: the values of variables that are called so, and what looks like a key. */
export function createRedaction(environment: Environment): (text: string) => string {
  const values = Object.entries(environment).flatMap(([name, value = '']) =>
    SECRET.test(name) && value.length >= SHORTEST ? [value] : [],
  )
  // the longest first: one may be a part of another
  values.sort((a, b) => b.length - a.length)
  return (text) => {
    const known = values.reduce((safe, value) => safe.replaceAll(value, MARK), text)
    return SHAPES.reduce((safe, shape) => safe.replace(shape, MARK), known)
  }
}
