import { failAtNode, type RenderMachine, spendSteps } from '../machine/machine.ts'
import { RE2JS, RE2JSSyntaxException } from './re2.ts'
import { type TranslatedPattern, translatePattern } from './translate.ts'

/** A compiled pattern. `groups`: their number; `price`: the work of one look at a character. */
export type RegexProgram = Omit<TranslatedPattern, 'text' | 'sets'> & {
  readonly engine: RE2JS
  readonly groups: number
  readonly price: number
}

const MAX_PATTERN_LENGTH = 500
const MAX_CACHED_PATTERNS = 50
const MAX_PROGRAM_SIZE = 3_000

/** The patterns that each rendering has compiled. */
const COMPILED_PATTERNS = new WeakMap<RenderMachine, Map<string, RegexProgram>>()

/**
 * Compiles a pattern for RE2, whose time is proportional to the text for any pattern. For this reason look-around,
 * back-references and patterns longer than 500 characters are refused.
 */
export function compilePattern(source: string, machine: RenderMachine): RegexProgram {
  const patterns = patternsOf(machine)
  const known = patterns.get(source)
  if (known) return known
  if (source.length > MAX_PATTERN_LENGTH)
    return failAtNode(machine, `the pattern is longer than ${MAX_PATTERN_LENGTH} characters`)
  const { text, sets, ...translated } = translatePattern(source, machine)
  const engine = compile(text, source, machine)
  const size = engine.programSize()
  spendSteps(machine, COMPILE_STEPS + size + SET_STEPS * sets)
  if (size > MAX_PROGRAM_SIZE) refuse(source, 'its repetitions multiply to too much', machine)
  const program = { ...translated, engine, groups: translated.places.length - 1, price: (1 + size / 16) / 8 }
  if (patterns.size >= MAX_CACHED_PATTERNS) patterns.clear()
  patterns.set(source, program)
  return program
}

/** The work of compiling: for each pattern, and for each set of characters in it. */
const [COMPILE_STEPS, SET_STEPS] = [20, 50]

function patternsOf(machine: RenderMachine): Map<string, RegexProgram> {
  const known = COMPILED_PATTERNS.get(machine)
  if (known) return known
  const patterns = new Map<string, RegexProgram>()
  COMPILED_PATTERNS.set(machine, patterns)
  return patterns
}

function compile(text: string, source: string, machine: RenderMachine): RE2JS {
  try {
    return RE2JS.compile(text)
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    const part = error.getPattern() ?? ''
    spendSteps(machine, MAX_PROGRAM_SIZE)
    return refuse(source, Object.hasOwn(FAULTS, error.error) ? FAULTS[error.error]!(part) : error.message, machine)
  }
}

/** The faults that the library finds, by its words for them. `part`: where it found one. */
const FAULTS: { readonly [words: string]: (part: string) => string } = {
  'missing closing ]': () => "a '[' is never closed",
  'missing argument to repetition operator': (part) => `'${part}' repeats nothing`,
  'invalid nested repetition operator': (part) => `'${part.slice(1)}' repeats nothing`,
  'invalid character class range': (part) =>
    /^\\p/i.test(part)
      ? `there is no property ${part.replace(/^..\{|\}$/g, '')} of characters`
      : `a range in [ ] runs backwards: '${part}'`,
  'expression too large': () => 'its repetitions multiply to too much',
  'invalid repeat count': (part) => {
    const [, least, most = least] = /^\{(\d+)(?:,(\d+))?/.exec(part) ?? []
    return Number(most) < Number(least)
      ? `a repetition counts backwards: '${part}'`
      : `its repetitions multiply to too much: '${part}'`
  },
}

const refuse = (source: string, message: string, machine: RenderMachine) =>
  failAtNode(machine, `pattern '${source}': ${message}`)
