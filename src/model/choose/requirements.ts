import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { CAPABILITY_LEVELS } from './levels.ts'
import type { ModelNeeds } from './model-facts.ts'

/** Parsed needs and the terms that were not understood, with their offsets. */
type ParsedNeeds = { readonly needs: ModelNeeds; readonly faults: readonly NeedsFault[] }
type NeedsFault = {
  readonly term: string
  readonly at: number
  readonly message: string
  readonly hint: string
}

export const NEEDS_EXAMPLE = 'vision, 100k context, json, < $0.01, offline'

/** Maximum characters of a needs text. */
const MAX_NEEDS_LENGTH = 1_000

/** Parses needs separated by commas: `vision, 100k context, json, < $0.01, offline`. */
export function parseNeeds(text: string): ParsedNeeds {
  if (text.length > MAX_NEEDS_LENGTH)
    return { needs: {}, faults: [faultOf('', MAX_NEEDS_LENGTH, `needs are at most ${MAX_NEEDS_LENGTH} letters`)] }
  const faults: NeedsFault[] = []
  let needs: ModelNeeds = {}
  for (const { term, at } of termsOf(text)) {
    const read = readTerm(term)
    if (!read) faults.push(faultOf(term, at, `\`${term}\` is nothing that can be asked of a model`, hintFor(term)))
    else if (asksAgain(needs, read))
      faults.push(faultOf(term, at, `what \`${term}\` asks was asked before it`, 'say it once'))
    else needs = together(needs, read)
  }
  return { needs, faults }
}

const EXAMPLE_HINT = `Write needs like this: ${NEEDS_EXAMPLE}`

function faultOf(term: string, at: number, message: string, hint = EXAMPLE_HINT): NeedsFault {
  return { term, at, message, hint }
}

function hintFor(term: string): string | undefined {
  const spelled = term.split(/\s+/).map((word) => nearestWord(word, KNOWN_WORDS) ?? word)
  const guess = [spelled.join(' '), `${term} context`].find(readTerm)
  if (guess !== undefined) return `Did you mean \`${guess}\`?`
  return /^[a-z-]+$/i.test(term) ? `Write what it is good at as \`good at ${term}\`.` : undefined
}

/** Words of terms, for suggestions after a typo. */
const KNOWN_WORDS = [
  ...['text', 'vision', 'image', 'audio', 'video', 'json', 'tools', 'offline', 'local', 'free', 'context', 'tokens'],
  ...['accuracy', 'good', 'prefer', 'otherwise', 'cheapest', ...CAPABILITY_LEVELS],
]

/** Parses needs; InvalidError for the first term that is not understood, with its place and a suggestion. */
export function requireNeeds(words: string, what = 'needs'): ModelNeeds {
  const { needs, faults } = parseNeeds(words)
  const [fault] = faults
  if (!fault) return needs
  throw new InvalidError(`${what}, letter ${fault.at + 1}: ${fault.message}`, {
    hint: fault.hint,
    place: { path: what },
  })
}

function termsOf(text: string): readonly { readonly term: string; readonly at: number }[] {
  return [...text.matchAll(/[^,;\n]+/g)].flatMap(({ 0: part, index }) => {
    const term = part.trim()
    return term === '' ? [] : [{ term, at: index + part.indexOf(term) }]
  })
}

function readTerm(term: string): ModelNeeds | undefined {
  const plain = term.replace(/\s+/g, ' ')
  for (const [pattern, read] of TERMS) {
    const match = pattern.exec(plain)
    const needs = match && read(match.slice(1).map((group = '') => group.trim()))
    if (needs) return needs
  }
  return undefined
}

const asksAgain = (needs: ModelNeeds, read: ModelNeeds) =>
  Object.entries(read).some(([key, value]) => key in needs && !Array.isArray(value))

/** Lists are merged. */
function together(one: ModelNeeds, other: ModelNeeds): ModelNeeds {
  const lists = Object.entries(other).map(([key, value]) => {
    const before = one[key as keyof ModelNeeds]
    return [key, Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value]
  })
  return { ...one, ...Object.fromEntries(lists) }
}

// possible spellings of a term

type Term = readonly [pattern: RegExp, read: (groups: readonly string[]) => ModelNeeds | undefined]

const AT_LEAST_WORDS = '(?:>=?|≥|at least|from|min(?:imum)?|over)'
const AT_MOST_WORDS = '(?:<=?|≤|at most|up to|max(?:imum)?|under|below)'
const NUMBER = '(\\d+(?:_\\d+)*(?:\\.\\d+)?)'

const TERMS: readonly Term[] = [
  [/^(text|vision|images?|audio|video)(?: input| in)?$/i, ([word]) => ({ modalities: [lower(word)] })],
  [/^json(?: (?:mode|output))?$|^structured(?: output)?$/i, () => ({ capabilities: ['json'] })],
  [/^tools?(?: (?:use|calls?|calling))?$|^function calling$/i, () => ({ capabilities: ['tools'] })],
  [/^(?:offline|local)(?: only)?$/i, () => ({ local: true })],
  [/^(?:free|no cost)$/i, () => ({ costLimit: 0 })],
  [pattern(`(?:${AT_LEAST_WORDS} )?${NUMBER} ?([km])? ?(?:tokens? )?(?:of )?context`), tokens],
  [pattern(`context(?: of)? ?(?:${AT_LEAST_WORDS} ?)?${NUMBER} ?([km])?(?: tokens?)?`), tokens],
  [pattern(`(?:${AT_MOST_WORDS} ?)?\\$ ?${NUMBER}(?: (?:per|a) call)?`), ([sum]) => ({ costLimit: numberOf(sum!) })],
  [pattern(`${AT_MOST_WORDS} ?${NUMBER} ?(ms|s|seconds?)`), ([time, unit]) => ({ maxLatencyMs: inMs(time, unit) })],
  [
    pattern(`(?:${AT_LEAST_WORDS} ?)?${NUMBER} ?(?:tokens?|tok) ?(?:\\/|per |a )(?:s|sec|second)`),
    ([speed]) => ({ minTokensPerSecond: numberOf(speed!) }),
  ],
  [
    pattern(`(?:${AT_LEAST_WORDS} ?)?${NUMBER} ?% accura(?:cy|te)`),
    ([share]) => ({ minAccuracy: numberOf(share!) / 100 }),
  ],
  [
    pattern(`${AT_MOST_WORDS} ?${NUMBER} ?([bmt])(?: parameters)?`),
    ([size, unit]) => ({ maxSize: parseModelSize(`${size}${unit}`)! }),
  ],
  [
    pattern(`(?:${AT_LEAST_WORDS} ?)?${NUMBER} ?([bmt])(?: parameters)?`),
    ([size, unit]) => ({ minSize: parseModelSize(`${size}${unit}`)! }),
  ],
  [
    pattern(`(${CAPABILITY_LEVELS.join('|')})(?: expertise)?`),
    ([level]) => ({ level: lower(level) as NonNullable<ModelNeeds['level']> }),
  ],
  [pattern('good at (.+)'), ([words]) => ({ tags: words!.split(/ or /i).map((word) => word.trim()) })],
  [pattern('prefer(?:ably|red|s)? (\\S+)'), ([name]) => ({ preferred: [name!] })],
  [pattern('(?:not|no|without|except) (\\S+[/:]\\S+)'), ([name]) => ({ excluded: [name!] })],
  [
    pattern('(?:else|otherwise) (?:the )?(best(?: available)?|cheapest)'),
    ([word]) => ({ otherwise: /^b/i.test(word!) ? 'best_available' : 'cheapest' }),
  ],
]

function pattern(source: string): RegExp {
  return new RegExp(`^${source}$`, 'i')
}

function tokens([count, unit]: readonly string[]): ModelNeeds {
  return { minContext: parseTokenCount(`${count}${unit}`)! }
}

const lower = (word = '') => word.toLowerCase()
const inMs = (time = '', unit = '') => numberOf(time) * (lower(unit) === 'ms' ? 1 : 1000)

/** Billions of parameters in `7B`, `1.5b`, `350M` or a number; undefined otherwise. */
export function parseModelSize(text: string | number): number | undefined {
  const [, digits, unit = 'b'] = /^(\d+(?:_\d+)*(?:\.\d+)?)\s*([kmbt])?$/i.exec(String(text).trim()) ?? []
  if (digits === undefined) return undefined
  return numberOf(digits) / { k: 1e6, m: 1e3, b: 1, t: 1e-3 }[unit.toLowerCase()]!
}

/** A number whose digits may be grouped: `32_768`. */
const numberOf = (digits: string): number => Number(digits.replaceAll('_', ''))

/** Tokens in `100k`, `1M`, `32_768` or a number; undefined otherwise. */
export function parseTokenCount(text: string | number): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:_\d+)*(?:\.\d+)?)\s*([km])?$/i.exec(String(text).trim()) ?? []
  if (digits === undefined) return undefined
  return Math.round(numberOf(digits) * { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase()]!)
}
