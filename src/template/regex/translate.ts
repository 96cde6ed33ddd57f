import { failAtNode, type RenderMachine } from '../machine/machine.ts'

/** A pattern in the syntax of RE2. `places`: the number there of the whole match and of each group of the author. */
export type TranslatedPattern = {
  readonly text: string
  readonly places: readonly number[]
  /** the groups of the author by their names */
  readonly names: ReadonlyMap<string, number>
  /** groups of ours, which hold the newline that ends the text and that `$` stands before */
  readonly newlines: readonly number[]
  /** parts that stand for sets of characters; each takes work to compile */
  readonly sets: number
}

const FLAGS = /^\(\?([imsu]{1,4})\)/
const TOKEN =
  /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|[pP]\{[\w=]{1,40}\}|[\s\S])?|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\((?:\?(?::|P?<[A-Za-z_]\w{0,40}>))?|\)|\{,\d{1,4}\}|\$/g
const ESCAPE = /\\(?:u[\da-fA-F]{4}|x[\da-fA-F]{2}|[pP]\{[\w=]{1,40}\}|[\s\S])?/g
const UNCHANGED = /[dDbBAntrfvpP]|[^\w\u0080-\uffff]|_/
const MAX_DEPTH = 40
const SET = /^(?:\[|\\[wWsSpP])/

/** Escapes with another meaning in RE2, outside of a set and in one: there, words and blanks are those of ASCII. */
const ESCAPES: { readonly [letter: string]: readonly [outside: string, inside: string] } = {
  w: [String.raw`[\p{L}_\p{N}]`, String.raw`\p{L}_\p{N}`],
  W: [
    String.raw`[^\p{L}_\p{N}]`,
    String.raw`\p{M}\x{203f}\x{2040}\x{2054}\x{fe33}\x{fe34}\x{fe4d}-\x{fe4f}\x{ff3f}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{Z}\p{C}\p{S}`,
  ],
  s: [String.raw`[\t-\r\x{feff}\p{Z}]`, String.raw`\t-\r\x{feff}\p{Z}`],
  S: [
    String.raw`[^\t-\r\x{feff}\p{Z}]`,
    String.raw`\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`,
  ],
  Z: [String.raw`\z`, 'Z'],
  '0': [String.raw`\x00`, String.raw`\x00`],
}

/** Translates a pattern, or fails with the position in it: for look-around, a back-reference or an unknown escape. */
export function translatePattern(source: string, machine: RenderMachine): TranslatedPattern {
  const [head = '', flags = ''] = FLAGS.exec(source) ?? []
  const known = flags.replaceAll('u', '')
  const places = [0]
  const names = new Map<string, number>()
  const newlines: number[] = []
  let [captures, sets, depth] = [0, 0, 0]
  const refuse = (message: string, at: number, hint?: string) =>
    failAtNode(machine, `pattern '${source}': ${message} (at ${at + 1})`, hint)

  function escaped(token: string, isInSet: boolean, at: number): string {
    const [, letter] = token
    if (letter === undefined) return refuse("'\\' stands at the end", at)
    if (token.length > 2) return letter === 'u' ? `\\x{${token.slice(2)}}` : token.replace(/\{\w+=/, '{')
    if (Object.hasOwn(ESCAPES, letter)) return ESCAPES[letter]![isInSet ? 1 : 0]
    if (/[1-9k]/.test(letter)) return refuse('back-references are not supported', at, ONLY_IN_REPLACEMENT)
    if (letter > '\u007f') return letter
    return UNCHANGED.test(letter) ? token : refuse(`there is no escape '${token}'`, at)
  }

  function open(token: string, at: number): string {
    if (source.startsWith('(?P=', at)) refuse('back-references are not supported', at, ONLY_IN_REPLACEMENT)
    if (token === '(' && source[at + 1] === '?') refuse('look-around and other (? groups are not supported', at)
    if (++depth > MAX_DEPTH) refuse('groups nest too deeply', at)
    if (token.endsWith(':')) return token
    places.push(++captures)
    if (token !== '(') names.set(token.slice(token.indexOf('<') + 1, -1), places.length - 1)
    return '('
  }

  const text = source.slice(head.length).replace(TOKEN, (token, offset: number) => {
    const at = head.length + offset
    if (SET.test(token)) sets++
    if (token.startsWith('\\')) return escaped(token, false, at)
    if (token.startsWith('[')) return token.replace(ESCAPE, (one, place: number) => escaped(one, true, at + place))
    if (token.startsWith('(')) return open(token, at)
    if (token === ')') return --depth < 0 ? refuse("')' closes nothing", at) : token
    if (token !== '$') return token.replace(',', '0,')
    if (flags.includes('m')) return token
    newlines.push(++captures)
    return String.raw`(?:\z|(\n)\z)`
  })
  if (depth > 0) refuse("a '(' is never closed", source.length)
  return { text: known === '' ? text : `(?${known})${text}`, places, names, newlines, sets }
}

const ONLY_IN_REPLACEMENT = "only a replacement names groups: '\\1', '\\g<name>'"
