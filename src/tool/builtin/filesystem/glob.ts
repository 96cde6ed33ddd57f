import { InvalidError } from '../../../errors.ts'

/** Limit of alternatives that the braces of a pattern expand to. */
const MAX_ALTERNATIVES = 100
const GLOBSTAR = '**'

/** One character of a name: the star stands for any number of them. */
type Token = '*' | ((character: string) => boolean)
type Segment = typeof GLOBSTAR | { readonly tokens: readonly Token[]; readonly isHidden: boolean }

/**
 * Compiles a glob: `*`, `?`, `[a-z]` and `{a,b}` within a name, `**` for any folders. A name with a
 * leading dot must be matched by a dot.
 * Runs in time proportional to pattern and path. `node:path` takes hours for some patterns.
 */
export function createGlob(pattern: string): (path: string) => boolean {
  const ways = alternativesOf(pattern).map((way) => way.split('/').map(segmentOf))
  return (path) => {
    const names = path.split('/').map((name) => [...name])
    return ways.some((segments) => fitsPath(segments, names))
  }
}

function segmentOf(text: string): Segment {
  return text === GLOBSTAR ? GLOBSTAR : { tokens: tokensOf(text), isHidden: /^\\?\./.test(text) }
}

const TOKEN = /\\(?<escaped>.)|\[(?<not>[!^]?)(?<set>\]?[^\]]*)\]|(?<star>\*+)|(?<any>\?)|(?<plain>.)/gsu

function tokensOf(text: string): readonly Token[] {
  return Array.from(text.matchAll(TOKEN), ({ groups }) => {
    const { escaped, not, set, star, any, plain = escaped } = groups!
    if (star) return '*'
    if (any) return () => true
    return set === undefined ? (character) => character === plain : oneOf(set, not !== '')
  })
}

function oneOf(set: string, not: boolean): (character: string) => boolean {
  const ranges = Array.from(set.matchAll(/(.)-(.)|(.)/gsu), ([, from, to, one]) => [from ?? one!, to ?? one!] as const)
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== not
}

function fitsPath(segments: readonly Segment[], names: readonly (readonly string[])[]): boolean {
  return matches(segments, names, {
    isStar: (segment) => segment === GLOBSTAR,
    fits: (segment, name) =>
      segment === GLOBSTAR
        ? !isHidden(name)
        : segment.isHidden === isHidden(name) && matches(segment.tokens, name, CHARACTERS),
  })
}

const isHidden = (name: readonly string[]) => name[0] === '.'

const CHARACTERS: Kind<Token, string> = {
  isStar: (token) => token === '*',
  fits: (token, character) => token === '*' || token(character),
}

type Kind<Token, Item> = {
  readonly isStar: (token: Token) => boolean
  /** for a star: whether it may match this item */
  readonly fits: (token: Token, item: Item) => boolean
}

/** Backtracks to the last star only: a longer match of an earlier star never helps. */
function matches<Token, Item>(tokens: readonly Token[], items: readonly Item[], { isStar, fits }: Kind<Token, Item>) {
  let token = 0
  let star = -1
  let taken = 0
  for (let item = 0; item < items.length; ) {
    if (token < tokens.length && isStar(tokens[token]!)) {
      star = token++
      taken = item
    } else if (token < tokens.length && fits(tokens[token]!, items[item]!)) {
      token++
      item++
    } else if (star >= 0 && fits(tokens[star]!, items[taken]!)) {
      token = star + 1
      item = ++taken
    } else return false
  }
  return tokens.slice(token).every(isStar)
}

/** Expands the braces of a pattern. */
function alternativesOf(pattern: string): readonly string[] {
  const closers = closersOf(pattern)
  const [ways] = read(0, pattern.length)
  return ways!

  /** Reads the alternatives between the commas of a part. */
  function read(from: number, to: number): readonly (readonly string[])[] {
    const parts: string[][] = []
    let ways = ['']
    for (let at = from; at < to; at++) {
      const closer = closers.get(at)
      const length = pattern[at] === '\\' ? 2 : 1
      if (closer === undefined && pattern[at] === ',' && from > 0) {
        parts.push(ways)
        ways = ['']
      } else if (closer === undefined) {
        ways = ways.map((way) => way + pattern.slice(at, at + length))
        at += length - 1
      } else {
        ways = joined(ways, braces(read(at + 1, closer)))
        at = closer
      }
    }
    return [...parts, ways]
  }
}

const braces = (parts: readonly (readonly string[])[]) =>
  parts.length > 1 ? parts.flat() : parts.flat().map((only) => `{${only}}`)

function joined(befores: readonly string[], behind: readonly string[]): string[] {
  if (befores.length * behind.length > MAX_ALTERNATIVES)
    throw new InvalidError(`pattern: its braces can be read in more than ${MAX_ALTERNATIVES} ways.`)
  return befores.flatMap((before) => behind.map((way) => before + way))
}

/** The position of the closing brace for each opening brace that has one. */
function closersOf(pattern: string): ReadonlyMap<number, number> {
  const closers = new Map<number, number>()
  const open: number[] = []
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === '{') open.push(at)
    else if (pattern[at] === '}' && open.length > 0) closers.set(open.pop()!, at)
  }
  return closers
}
