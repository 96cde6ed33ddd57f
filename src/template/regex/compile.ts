import { failAtNode, type RenderMachine, spendSteps } from '../machine/machine.ts'
import type { CharacterTest } from './character-sets.ts'
import { openRegexParser, parseAlternatives, type RegexParser, type RegexTree, regexError } from './parse.ts'

/** One step of a matching machine; `next` steps are indices into the program. */
export type RegexInstruction =
  | { readonly op: 'take'; readonly fits: CharacterTest }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: 'match' }

/** A compiled pattern: instructions, number of groups, and named groups. */
export type RegexProgram = {
  readonly instructions: readonly RegexInstruction[]
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
}

const MAX_PATTERN_LENGTH = 500
const MAX_CACHED_PATTERNS = 50
const MAX_PROGRAM_SIZE = 3_000

/** The patterns that each rendering has compiled. */
const COMPILED_PATTERNS = new WeakMap<RenderMachine, Map<string, RegexProgram>>()

/**
 * Compiles a pattern for `findMatch`, whose time is proportional to the text for any pattern. For this reason
 * look-around, back-references and patterns longer than 500 characters are refused.
 */
export function compilePattern(source: string, machine: RenderMachine): RegexProgram {
  const patterns = patternsOf(machine)
  const known = patterns.get(source)
  if (known) return known
  if (source.length > MAX_PATTERN_LENGTH)
    return failAtNode(machine, `the pattern is longer than ${MAX_PATTERN_LENGTH} characters`)
  const parser = openRegexParser(source, machine)
  const tree = parseAlternatives(parser)
  if (parser.offset < source.length) regexError(parser, "')' closes nothing")
  const instructions: RegexInstruction[] = []
  emit(tree, instructions, parser)
  instructions.push({ op: 'match' })
  const program = { instructions, groups: parser.groups, names: parser.names }
  spendSteps(machine, instructions.length)
  if (patterns.size >= MAX_CACHED_PATTERNS) patterns.clear()
  patterns.set(source, program)
  return program
}

function patternsOf(machine: RenderMachine): Map<string, RegexProgram> {
  const known = COMPILED_PATTERNS.get(machine)
  if (known) return known
  const patterns = new Map<string, RegexProgram>()
  COMPILED_PATTERNS.set(machine, patterns)
  return patterns
}

function emit(tree: RegexTree, out: RegexInstruction[], parser: RegexParser): void {
  if (out.length > MAX_PROGRAM_SIZE || ++parser.emitted > MAX_PROGRAM_SIZE * 10) {
    spendSteps(parser.machine, parser.emitted)
    regexError(parser, 'its repetitions multiply to too much')
  }
  switch (tree.type) {
    case 'take':
      out.push({ op: 'take', fits: tree.fits })
      break
    case 'assert':
      out.push({ op: 'assert', holds: tree.holds })
      break
    case 'all':
      for (const part of tree.parts) emit(part, out, parser)
      break
    case 'group':
      out.push({ op: 'save', slot: tree.slot })
      emit(tree.inner, out, parser)
      out.push({ op: 'save', slot: tree.slot + 1 })
      break
    case 'any':
      emitOptions(tree.options, out, parser)
      break
    case 'repeat':
      for (let turn = 0; turn < tree.least; turn++) emit(tree.inner, out, parser)
      if (tree.most === Number.POSITIVE_INFINITY) emitLoop(tree, out, parser)
      else emitOptional(tree, tree.most - tree.least, out, parser)
  }
}

/** Reserves an instruction whose content is known only after the following ones. */
const reserve = (out: RegexInstruction[]): number => out.push({ op: 'match' }) - 1

function emitOptions(options: readonly RegexTree[], out: RegexInstruction[], parser: RegexParser): void {
  const jumps: number[] = []
  for (const [index, option] of options.entries()) {
    const last = index === options.length - 1
    const split = last ? -1 : reserve(out)
    emit(option, out, parser)
    if (last) break
    jumps.push(reserve(out))
    out[split] = { op: 'split', first: split + 1, second: out.length }
  }
  for (const jump of jumps) out[jump] = { op: 'jump', to: out.length }
}

type Repeat = RegexTree & { readonly type: 'repeat' }

function emitLoop(tree: Repeat, out: RegexInstruction[], parser: RegexParser): void {
  const split = reserve(out)
  emit(tree.inner, out, parser)
  out.push({ op: 'jump', to: split })
  out[split] = choice(tree, split + 1, out.length)
}

function emitOptional(tree: Repeat, times: number, out: RegexInstruction[], parser: RegexParser): void {
  const splits: number[] = []
  for (let turn = 0; turn < times; turn++) {
    splits.push(reserve(out))
    emit(tree.inner, out, parser)
  }
  for (const split of splits) out[split] = choice(tree, split + 1, out.length)
}

/** Tries another repetition first; a lazy repetition tries to go on first. */
function choice({ lazy }: Repeat, again: number, on: number): RegexInstruction {
  return { op: 'split', first: lazy ? on : again, second: lazy ? again : on }
}
