import { createRenderMachine, type RenderMachine, spendSteps } from '../machine/machine.ts'
import { compilePattern, type RegexInstruction, type RegexProgram } from './compile.ts'

/** The offsets of a match: two for the whole and two for each group; undefined for a group without a match. */
export type MatchOffsets = readonly (number | undefined)[]

type MatchThread = { readonly at: number; readonly slots: MatchOffsets }

/** `marks` holds, by instruction, the offset it was last reached at, plus one. */
type MatchThreads = { readonly list: MatchThread[]; readonly marks: Int32Array }

/**
 * The first match at or after `from`, the same as a backtracking engine would prefer. Takes time
 * proportional to text times pattern, because all threads advance together, one character at a
 * time.
 */
export function findMatch(
  program: RegexProgram,
  text: string,
  from: number,
  machine: RenderMachine,
): MatchOffsets | undefined {
  let found: MatchOffsets | undefined
  let [current, next] = [openThreads(program), openThreads(program)]
  for (let at = from; at <= text.length; ) {
    if (!found) follow(program, text, at, current, 0, [at])
    if (current.list.length === 0 && found) break
    spendSteps(machine, (current.list.length + 1) / 4)
    const code = at < text.length ? text.codePointAt(at)! : -1
    const width = code > 0xffff ? 2 : 1
    found = advance(program, text, current, next, code, at + width) ?? found
    current.list.length = 0
    ;[current, next] = [next, current]
    at += width
  }
  return found
}

function openThreads({ instructions }: RegexProgram): MatchThreads {
  return { list: [], marks: new Int32Array(instructions.length) }
}

/** Advances every thread by one character, in order of preference. A match ends all threads after it. */
function advance(
  program: RegexProgram,
  text: string,
  from: MatchThreads,
  to: MatchThreads,
  code: number,
  at: number,
): MatchOffsets | undefined {
  for (const thread of from.list) {
    const instruction = program.instructions[thread.at]!
    if (instruction.op === 'match') return thread.slots
    if (instruction.op === 'take' && code >= 0 && instruction.fits(code))
      follow(program, text, at, to, thread.at + 1, thread.slots)
  }
  return undefined
}

/** Adds the threads that are reachable from an instruction without consuming a character. */
function follow(
  program: RegexProgram,
  text: string,
  at: number,
  threads: MatchThreads,
  start: number,
  slots: MatchOffsets,
): void {
  const open: MatchThread[] = [{ at: start, slots }]
  for (let thread = open.pop(); thread; thread = open.pop()) {
    if (threads.marks[thread.at] === at + 1) continue
    threads.marks[thread.at] = at + 1
    const instruction = program.instructions[thread.at]!
    if (instruction.op === 'take') threads.list.push(thread)
    else if (instruction.op === 'match') threads.list.push({ at: thread.at, slots: withSlot(thread.slots, 1, at) })
    else if (instruction.op === 'jump') open.push({ at: instruction.to, slots: thread.slots })
    else if (instruction.op === 'save')
      open.push({ at: thread.at + 1, slots: withSlot(thread.slots, instruction.slot, at) })
    else if (instruction.op === 'assert')
      instruction.holds(text, at) && open.push({ at: thread.at + 1, slots: thread.slots })
    else open.push({ at: instruction.second, slots: thread.slots }, { at: instruction.first, slots: thread.slots })
  }
}

function withSlot(slots: MatchOffsets, slot: number, at: number): MatchOffsets {
  const copy = slots.slice()
  copy[slot] = at
  return copy
}

/** Whether there is a match anywhere. Works like `findMatch`, without its place and groups. */
export function hasMatch(program: RegexProgram, text: string, machine: RenderMachine): boolean {
  const { instructions } = program
  const marks = new Int32Array(instructions.length)
  let [current, next]: [number[], number[]] = [[], []]
  for (let at = 0; at <= text.length; ) {
    if (reach(program, text, at, current, marks, 0, machine)) return true
    spendSteps(machine, (current.length + 1) / 4)
    const code = at < text.length ? text.codePointAt(at)! : -1
    at += code > 0xffff ? 2 : 1
    for (let index = 0; index < current.length; index++) {
      const place = current[index]!
      const { fits } = instructions[place] as RegexInstruction & { readonly op: 'take' }
      if (code >= 0 && fits(code) && reach(program, text, at, next, marks, place + 1, machine)) return true
    }
    current.length = 0
    ;[current, next] = [next, current]
  }
  return false
}

/** Adds the states that are reachable without consuming a character. Returns whether the final state is among them. */
function reach(
  { instructions }: RegexProgram,
  text: string,
  at: number,
  places: number[],
  marks: Int32Array,
  start: number,
  machine: RenderMachine,
): boolean {
  const open = [start]
  let work = 0
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (marks[place] === at + 1) continue
    marks[place] = at + 1
    work++
    const instruction = instructions[place]!
    if (instruction.op === 'match') return true
    if (instruction.op === 'take') places.push(place)
    else if (instruction.op === 'jump') open.push(instruction.to)
    else if (instruction.op === 'split') open.push(instruction.second, instruction.first)
    else if (instruction.op === 'save' || instruction.holds(text, at)) open.push(place + 1)
  }
  spendSteps(machine, work / 16)
  return false
}

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
