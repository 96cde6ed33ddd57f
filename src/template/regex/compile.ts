import { fail, type Machine, spend } from '../machine/machine.ts'
import type { Fits } from './character-sets.ts'
import { openParser, type Parser, parseChoice, type Tree, wrong } from './parse.ts'

/** One step of a matching machine; `next` steps are indices into the program. */
export type Instruction =
  | { readonly op: 'take'; readonly fits: Fits }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: 'match' }

/** A compiled pattern: its instructions, how many groups it has, and those that are named. */
export type Program = {
  readonly instructions: readonly Instruction[]
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
}

const LONGEST_PATTERN = 500
const MOST_KEPT = 50
const LARGEST_PROGRAM = 3_000

/** The patterns that each rendering has compiled so far. */
const COMPILED = new WeakMap<Machine, Map<string, Program>>()

/**
 * Compiles a pattern for `findMatch`, which needs time in proportion to the text, whatever the pattern: that is why
 * look-around and back-references are refused, as are patterns longer than 500 characters.
 */
export function compilePattern(source: string, machine: Machine): Program {
  const patterns = patternsOf(machine)
  const known = patterns.get(source)
  if (known) return known
  if (source.length > LONGEST_PATTERN) return fail(machine, `the pattern is longer than ${LONGEST_PATTERN} characters`)
  const parser = openParser(source, machine)
  const tree = parseChoice(parser)
  if (parser.offset < source.length) wrong(parser, "')' closes nothing")
  const instructions: Instruction[] = []
  emit(tree, instructions, parser)
  instructions.push({ op: 'match' })
  const program = { instructions, groups: parser.groups, names: parser.names }
  spend(machine, instructions.length)
  if (patterns.size >= MOST_KEPT) patterns.clear()
  patterns.set(source, program)
  return program
}

function patternsOf(machine: Machine): Map<string, Program> {
  const known = COMPILED.get(machine)
  if (known) return known
  const patterns = new Map<string, Program>()
  COMPILED.set(machine, patterns)
  return patterns
}

function emit(tree: Tree, out: Instruction[], parser: Parser): void {
  if (out.length > LARGEST_PROGRAM || ++parser.emitted > LARGEST_PROGRAM * 10) {
    spend(parser.machine, parser.emitted)
    wrong(parser, 'its repetitions multiply to too much')
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

/** Room for an instruction that is known only when what follows has been emitted. */
function reserve(out: Instruction[]): number {
  return out.push({ op: 'match' }) - 1
}

function emitOptions(options: readonly Tree[], out: Instruction[], parser: Parser): void {
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

type Repeat = Tree & { readonly type: 'repeat' }

function emitLoop(tree: Repeat, out: Instruction[], parser: Parser): void {
  const split = reserve(out)
  emit(tree.inner, out, parser)
  out.push({ op: 'jump', to: split })
  out[split] = choice(tree, split + 1, out.length)
}

function emitOptional(tree: Repeat, times: number, out: Instruction[], parser: Parser): void {
  const splits: number[] = []
  for (let turn = 0; turn < times; turn++) {
    splits.push(reserve(out))
    emit(tree.inner, out, parser)
  }
  for (const split of splits) out[split] = choice(tree, split + 1, out.length)
}

/** Once more first, or on first when the repetition is lazy. */
function choice({ lazy }: Repeat, again: number, on: number): Instruction {
  return { op: 'split', first: lazy ? on : again, second: lazy ? again : on }
}
