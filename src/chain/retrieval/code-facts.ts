import { basename } from 'node:path'
import { clip } from '../../lib/clip.ts'
import { withoutEnd } from '../../lib/text/without-end.ts'
import { termsOf } from '../../model/text/terms.ts'
import type { CodeFacts, CodeSymbol } from '../../source/code/facts.ts'
import { languageOf } from '../../source/code/languages.ts'
import { type CodeQuestion, readCodeQuestion } from '../questions/code-question.ts'

export type CodeText = { readonly file: string; readonly text: string; readonly code: CodeFacts }

/** A sentence that lines of code show. `of`: the code, by its position. `shownAt`: where the lines begin in `text`. */
type Fact = {
  readonly of: number
  readonly line: number
  readonly endLine: number
  readonly text: string
  readonly shownAt: number
}

/** Maximum facts for a question. */
const MAX_FACT_HITS = 12
const MAX_LINE = 160
/** Maximum lines of a fact; of a longer one, the first line is shown. */
const MAX_FACT_LINES = 20
/** How far an error is followed through calls. */
const MAX_STEPS = 3

type Code = CodeText & { readonly of: number; readonly lines: readonly string[] }
/** The codes that a question is about, and all definitions in them. */
type Codes = { readonly codes: readonly Code[]; readonly symbols: readonly Found[] }
type Found = CodeSymbol & { readonly in: Code }
type Thrown = CodeFacts['throws'][number]

/**
 * The facts about code that answer a question, best first; none if it asks for something else, or for a name that the
 * code does not have. Calls go by names: two methods of one name are not told apart.
 */
export function factsFor(question: string, texts: readonly (CodeText | undefined)[]): readonly Fact[] {
  if (texts.every((text) => text === undefined)) return []
  const asked = readCodeQuestion(question)
  if (!asked) return []
  const all = texts.flatMap((text, of) => (text ? [{ ...text, of, lines: text.text.split('\n') }] : []))
  const files = all.filter(({ file }) => namesFile(question, file))
  // it is about a file that is not among them
  if (files.length === 0 && /^(?:ex|im)ports$/.test(asked.asks) && wordsBetween(question).some(languageOf)) return []
  const codes = files.length > 0 ? files : all
  const symbols = codes.flatMap((code) => code.code.symbols.map((symbol) => ({ ...symbol, in: code })))
  const facts = ANSWERS[asked.asks]({ codes, symbols }, asked, question)
  if (facts.length <= MAX_FACT_HITS) return facts
  const left = facts.length - MAX_FACT_HITS
  return facts.slice(0, MAX_FACT_HITS).map((fact, at) => (at < MAX_FACT_HITS - 1 ? fact : withCount(fact, left)))
}

/** The count is part of the sentence, since what follows is the line. */
function withCount(fact: Fact, left: number): Fact {
  const count = ` (and ${left} more)`
  return { ...fact, text: fact.text.replace(': ', () => `${count}: `), shownAt: fact.shownAt + count.length }
}

/** A question that names a file is about that file. */
function namesFile(question: string, file: string): boolean {
  return wordsBetween(question).some((word) => word === basename(file) || (word !== '' && file.endsWith(`/${word}`)))
}

const wordsBetween = (question: string) => question.split(/[\s,;()`'"]+/).map((word) => withoutEnd(word, /[?.!:]/))

const ANSWERS: {
  readonly [Asks in CodeQuestion['asks']]: (all: Codes, asked: CodeQuestion, question: string) => readonly Fact[]
} = {
  definition: ({ symbols }, asked) =>
    symbolsOf(symbols, asked).map((symbol) =>
      factOf(symbol, `is defined in ${basename(symbol.in.file)}, line ${symbol.line}`, `The ${symbol.kind} `),
    ),
  callers({ codes, symbols }, asked) {
    const called = symbolsOf(symbols, asked)[0]?.name ?? lastOf(asked.name)
    const facts = codes.flatMap((code) =>
      code.code.calls
        .filter(({ name }) => name === called)
        .map(({ from, line }) => factAt(code, line, `${placeOf(code, from)} calls ${quoted(called)}`)),
    )
    return oncePerLine(facts)
  },
  callees: ({ symbols }, asked) =>
    symbolsOf(symbols, asked).flatMap((symbol) =>
      callsIn(symbol).map(({ name, line }) => factAt(symbol.in, line, `${quoted(symbol.path)} calls ${quoted(name)}`)),
    ),
  throws({ symbols }, asked, question) {
    const words = new Set(termsOf(question))
    const shared = ({ text }: Fact) => termsOf(text).filter((term) => words.has(term)).length
    return symbolsOf(symbols, asked).flatMap((symbol) => {
      // its own errors come first, and the ones with the words of the question before the others
      const { own, called } = thrownBy(symbols, symbol)
      return [own, called].flatMap((some) => some.toSorted((one, other) => shared(other) - shared(one)))
    })
  },
  throwers: ({ codes }, { name }) =>
    codes.flatMap((code) =>
      code.code.throws
        .filter(({ text }) => wordsOf(text).includes(lastOf(name)))
        .map((thrown) => thrownAt(code, thrown, placeOf(code, thrown.from))),
    ),
  exports({ codes, symbols }, { kinds }, question) {
    if (/\bdefault\b/i.test(question)) return codes.flatMap(defaultExport)
    const all = symbols.filter(({ exported }) => exported === true)
    const fits = ({ kind, path }: Found) => (kinds.length > 0 ? kinds.includes(kind) : !path.includes(' › '))
    const methods = all.filter(({ kind }) => kind === 'method')
    // a file that exports nothing of the kind: the answer is what it exports instead
    const others =
      codes.length === 1 && methods.length === 0 ? all.filter(({ path }) => !path.includes(' › ')) : methods
    const chosen = all.some(fits) ? all.filter(fits) : others
    return chosen.map((symbol) => factOf(symbol, `is an exported ${symbol.kind}`))
  },
  members({ codes, symbols }, asked, question) {
    const isFile = codes.some(({ file }) => namesFile(question, file))
    const around = isFile ? [] : symbolsOf(symbols, asked)
    return symbols
      .filter(
        ({ kind, path }) =>
          asked.kinds.includes(kind) && (isFile || around.some((one) => path !== one.path && isIn(path, one))),
      )
      .map((symbol) =>
        factOf(symbol, `is a ${symbol.kind} in ${isFile ? basename(symbol.in.file) : quoted(around[0]!.path)}`),
      )
  },
  imports: ({ codes }) =>
    codes.flatMap((code) =>
      code.code.imports.map(({ module, line, endLine }) =>
        factAt(code, line, `${basename(code.file)} imports ${quoted(module)}`, { endLine }),
      ),
    ),
}

function defaultExport(code: Code): readonly Fact[] {
  const at = code.lines.findIndex((line) => /^\s*export default\b|\bas default\b|^module\.exports =/.test(line))
  return at < 0 ? [] : [factAt(code, at + 1, `The default export of ${basename(code.file)}`)]
}

type ThrownBy = { readonly own: readonly Fact[]; readonly called: readonly Fact[] }

/** Errors of a definition, and of what it calls as far as a name says which definition that is. */
function thrownBy(symbols: readonly Found[], asked: Found): ThrownBy {
  const named = Map.groupBy(symbols, ({ name, kind }) => (CALLABLE.includes(kind) ? name : ''))
  const seen = new Set([asked])
  const called: Fact[] = []
  const follow = (caller: Found, way: readonly string[]) => {
    for (const { name } of way.length < MAX_STEPS ? callsIn(caller) : []) {
      const [only, ...others] = named.get(name) ?? []
      if (!only || others.length > 0 || seen.has(only)) continue
      seen.add(only)
      const steps = [...way, quoted(caller.path)]
      // one sentence, so that its citation covers all of it
      const [first, ...later] = [...steps, quoted(only.path)]
      called.push(...throwsIn(only, `${first} calls ${later.join(', which calls ')}, which`))
      follow(only, steps)
    }
  }
  follow(asked, [])
  return { own: throwsIn(asked, quoted(asked.path)), called }
}

const throwsIn = (symbol: Found, place: string): readonly Fact[] =>
  symbol.in.code.throws.filter(({ from }) => isIn(from, symbol)).map((thrown) => thrownAt(symbol.in, thrown, place))

const CALLABLE: readonly string[] = ['function', 'method', 'macro']

/** A statement with the word of its language for it. A condition above it says when it is reached. */
function thrownAt(code: Code, { line, endLine = line, text }: Thrown, place: string): Fact {
  const [own, above] = [shownLines(code, line, endLine), shownLines(code, line - 1)]
  const isAlone = own.startsWith(text.slice(0, 20))
  const hasCondition = isAlone && CONDITION.test(above)
  const [, verb = 'throw'] = /^(return|raise|panic|exit)/.exec(text.replace(/^Err\(/, 'return ')) ?? []
  const statement = clip(isAlone || own.length > MAX_LINE ? text : own, MAX_LINE)
  const shown = hasCondition ? `${above} ${statement}` : statement
  return factAt(code, hasCondition ? line - 1 : line, `${place} ${verb}s`, { endLine, shown })
}

const CONDITION = /^(?:\} ?)?(?:else |el)?if\b|^(?:\} ?)?else\b|^(?:case|when|unless|default|guard)\b/

// names

/** The definitions that a question names, such as `get`, `Store.get` or `get of Store`. */
function symbolsOf(symbols: readonly Found[], { name = '', within }: CodeQuestion): readonly Found[] {
  const inside = within === undefined ? [] : symbolsNamed(symbols, `${within}.${name}`)
  return inside.length > 0 ? inside : symbolsNamed(symbols, name)
}

/** In another case if no name is written so. */
function symbolsNamed(symbols: readonly Found[], name: string): readonly Found[] {
  const path = wordsOf(name)
  const named = (same: (one: string) => string) =>
    symbols.filter((symbol) => {
      const own = wordsOf(symbol.path).map(same)
      return path.length > 0 && path.every((word, at) => own.at(at - path.length) === same(word))
    })
  const exact = named((one) => one)
  return exact.length > 0 ? exact : named((one) => one.toLowerCase())
}

const wordsOf = (text: string): readonly string[] => text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []
const lastOf = (name = '') => wordsOf(name).at(-1) ?? name

const isIn = (from: string, { path }: CodeSymbol) => from === path || from.startsWith(`${path} › `)

function callsIn(symbol: Found) {
  const calls = symbol.in.code.calls.filter(({ from, line }) => isIn(from, symbol) && line <= symbol.endLine)
  return [...new Map(calls.map((call) => [call.name, call])).values()]
}

const placeOf = ({ file }: Code, from: string) =>
  from === '' ? `${basename(file)}, outside of any definition,` : quoted(from)

// facts

const quoted = (name: string) => `\`${name}\``

type Shown = { readonly endLine?: number | undefined; readonly shown?: string }

function factAt(code: Code, line: number, says: string, { endLine: last = line, shown }: Shown = {}): Fact {
  const endLine = last - line < MAX_FACT_LINES ? last : line
  const text = `${says}: ${shown ?? clip(shownLines(code, line, endLine), MAX_LINE)}`
  return { of: code.of, line, endLine, text, shownAt: says.length + 2 }
}

const shownLines = ({ lines }: Code, line: number, endLine = line) =>
  lines
    .slice(Math.max(0, line - 1), endLine)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()

const factOf = ({ path, line, headLine, in: code }: Found, says: string, before = '') =>
  factAt(code, line, `${before}${quoted(path)} ${says}`, { endLine: headLine })

const oncePerLine = (facts: readonly Fact[]): readonly Fact[] =>
  [...new Map(facts.map((fact) => [`${fact.of} ${fact.line}`, fact] as const).toReversed()).values()].toReversed()
