/** Folders whose words are not checked, with the reason. */
export const UNCHECKED_WORDS: { readonly [folder: string]: string } = {
  'src/cli/': 'its texts are rewritten apart from this rule',
  'trials/conformance/': 'names of tests',
}

/** Comments that begin with a relative clause instead of their subject; a question may. */
export function clausesFirst(path: string, text: string): string[] {
  return commentsIn(text)
    .filter(({ words }) => /^(?:Of|Who|Whose|Whom|For whom|What|Whatever|Whoever|Those)\b[^?]*$/.test(words))
    .map(({ line, words }) => `${path}:${line} ${words}`)
}

/** Texts that say "is told", or "is no" where English has "is not a". */
export function oddTexts(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const literals = /^\s*(?:\/\/|\/?\*)/.test(line) ? [] : (line.match(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g) ?? [])
    return literals.filter((literal) => ODD.test(literal)).map((literal) => `${path}:${index + 1} ${literal}`)
  })
}

/** Names of tests, of which the same holds. */
export function oddTestNames(path: string, text: string): string[] {
  return [...text.matchAll(TEST_NAME)].flatMap(([, , name = '']) =>
    ODD.test(name) || HOMELY.test(name) ? [`${path} ${name}`] : [],
  )
}

const TEST_NAME = /\b(?:it|test|describe)(?:\.\w+(?:\([^)]*\)|<[^>]*>)*)*\(\s*(['`])((?:[^'`\\]|\\.)*)\1/g

const ODD = /\bis told\b|(?<!\bthere) is no (?!longer\b|more\b)/i

/** A relative clause as the subject, and homely words where the field has its own: cancelled, running, notified. */
const HOMELY =
  /^(?:who(?:se|m)?|what(?:ever)?|whoever)\b(?!.*\?$)|\bcall(?:ed|s) off\b|\bunder way\b|\bfor ever\b|\btaken back\b|\bhears\b|\bare told\b/i

/** Columns of a comment at most. */
const COMMENT_COLUMNS = 120

/** Lines of comments that are too wide to read. */
export function wideComments(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const isWide = /^\s*(?:\/\/|\/?\*)/.test(line) && line.length > COMMENT_COLUMNS
    return isWide ? [`${path}:${index + 1} has ${line.length} columns`] : []
  })
}

type Comment = { readonly line: number; readonly words: string }

function commentsIn(text: string): readonly Comment[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const first = /^\s*(?:\/\*\*?|\/\/)\s*(.*)$/.exec(line)
    if (!first || /^\s*\/\//.test(lines[index - 1] ?? '')) return []
    const rest = lines.slice(index + 1)
    const more = /^\s*\/\//.test(line) ? whileMatching(rest, /^\s*\/\/\s?(.*)$/) : inBlock(line, rest)
    const words = [first[1]!, ...more]
      .join(' ')
      .replace(/\*\/.*$/, '')
      .trim()
    return [{ line: index + 1, words }]
  })
}

function whileMatching(lines: readonly string[], pattern: RegExp): readonly string[] {
  const end = lines.findIndex((line) => !pattern.test(line))
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => pattern.exec(line)![1]!)
}

function inBlock(first: string, rest: readonly string[]): readonly string[] {
  if (first.includes('*/')) return []
  const end = rest.findIndex((line) => line.includes('*/'))
  return rest.slice(0, end + 1).map((line) => line.replace(/^\s*\*(?!\/)\s?/, ''))
}
