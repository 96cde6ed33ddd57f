import { createRenderMachine, type RenderMachine, spendSteps } from '../machine/machine.ts'
import { compilePattern, type RegexProgram } from './compile.ts'
import { MatcherInput } from './re2.ts'

/** The offsets of a match: two for the whole and two for each group; undefined for a group without a match. */
export type MatchOffsets = readonly (number | undefined)[]

/** A text that counts how often a character of it is looked at, so that a pattern does not take more than its limit. */
class CountedText extends String {
  readonly #text: string
  readonly #price: number
  readonly #machine: RenderMachine

  constructor(text: string, price: number, machine: RenderMachine) {
    super(text)
    this.#text = text
    this.#price = price
    this.#machine = machine
  }

  override charCodeAt(at: number): number {
    spendSteps(this.#machine, this.#price)
    return this.#text.charCodeAt(at)
  }
}

/** The first match at or after `from`, the same as a backtracking engine would prefer. */
export function findMatch(
  { engine, places, newlines, price }: RegexProgram,
  text: string,
  from: number,
  machine: RenderMachine,
): MatchOffsets | undefined {
  const matcher = engine.matcher(MatcherInput.utf16(new CountedText(text, price, machine)))
  if (!matcher.find(from)) return undefined
  // `$` stands before the newline, which is no part of the match
  const end = newlines.some((group) => matcher.start(group) >= 0) ? text.length - 1 : text.length
  return places
    .flatMap((group) => [matcher.start(group), matcher.end(group)])
    .map((offset) => (offset < 0 ? undefined : Math.min(offset, end)))
}

/** Whether there is a match anywhere. Works like `findMatch`, without its place and groups. */
export const hasMatch = ({ engine, price }: RegexProgram, text: string, machine: RenderMachine): boolean =>
  engine.re2().match(new CountedText(text, price, machine))

const NO_LOCALS = { get: () => undefined }

/**
 * Creates a test whether a text contains a match of a pattern. All its calls together have a limit of work; above it
 * they fail with template_limit. InvalidError for an invalid pattern.
 */
export function createMatcher(pattern: string, steps: number): (text: string) => boolean {
  const machine = createRenderMachine(NO_LOCALS, { steps })
  const program = compilePattern(pattern, machine)
  return (text) => hasMatch(program, text, machine)
}

/**
 * Whether a text matches a pattern at its start; `$` requires its end. Takes time proportional to
 * both.
 * @throws InvalidError for an invalid pattern
 */
export function matchesFromStart(pattern: string, text: string): boolean {
  const machine = createRenderMachine(NO_LOCALS)
  return hasMatch(compilePattern(`^(?:${pattern})`, machine), text, machine)
}
