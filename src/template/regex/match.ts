import { createMachine, type Machine, spend } from '../machine/machine.ts'
import { compilePattern, type Instruction, type Program } from './compile.ts'

/** Where a pattern matched: offsets of the whole and its groups, two each; undefined: the group took no part. */
export type Match = readonly (number | undefined)[]

type Thread = { readonly at: number; readonly slots: Match }

/** `marks` holds, by instruction, the offset it was last reached at, plus one. */
type Threads = { readonly list: Thread[]; readonly marks: Int32Array }

/**
 * The first match at or behind `from`, preferring what a backtracking engine would, in time proportional to text
 * times pattern: all ways to match advance together, one character at a time.
 */
export function findMatch(program: Program, text: string, from: number, machine: Machine): Match | undefined {
  let found: Match | undefined
  let [current, next] = [openThreads(program), openThreads(program)]
  for (let at = from; at <= text.length; ) {
    if (!found) follow(program, text, at, current, 0, [at])
    if (current.list.length === 0 && found) break
    spend(machine, (current.list.length + 1) / 4)
    const code = at < text.length ? text.codePointAt(at)! : -1
    const width = code > 0xffff ? 2 : 1
    found = advance(program, text, current, next, code, at + width) ?? found
    current.list.length = 0
    ;[current, next] = [next, current]
    at += width
  }
  return found
}

function openThreads({ instructions }: Program): Threads {
  return { list: [], marks: new Int32Array(instructions.length) }
}

/** Moves every thread over one character, in order of preference; a match ends all that come behind it. */
function advance(
  program: Program,
  text: string,
  from: Threads,
  to: Threads,
  code: number,
  at: number,
): Match | undefined {
  for (const thread of from.list) {
    const instruction = program.instructions[thread.at]!
    if (instruction.op === 'match') return thread.slots
    if (instruction.op === 'take' && code >= 0 && instruction.fits(code))
      follow(program, text, at, to, thread.at + 1, thread.slots)
  }
  return undefined
}

/** Adds the threads that can be reached from an instruction without taking a character. */
function follow(program: Program, text: string, at: number, threads: Threads, start: number, slots: Match): void {
  const open: Thread[] = [{ at: start, slots }]
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

function withSlot(slots: Match, slot: number, at: number): Match {
  const copy = slots.slice()
  copy[slot] = at
  return copy
}

/** Whether there is a match at all, wherever: as `findMatch` does it, without looking for its place and groups. */
export function hasMatch(program: Program, text: string, machine: Machine): boolean {
  const { instructions } = program
  const marks = new Int32Array(instructions.length)
  let [current, next]: [number[], number[]] = [[], []]
  for (let at = 0; at <= text.length; ) {
    if (reach(program, text, at, current, marks, 0, machine)) return true
    spend(machine, (current.length + 1) / 4)
    const code = at < text.length ? text.codePointAt(at)! : -1
    at += code > 0xffff ? 2 : 1
    for (let index = 0; index < current.length; index++) {
      const place = current[index]!
      const { fits } = instructions[place] as Instruction & { readonly op: 'take' }
      if (code >= 0 && fits(code) && reach(program, text, at, next, marks, place + 1, machine)) return true
    }
    current.length = 0
    ;[current, next] = [next, current]
  }
  return false
}

/** Adds the places that can be reached without taking a character; whether the end of the pattern is among them. */
function reach(
  { instructions }: Program,
  text: string,
  at: number,
  places: number[],
  marks: Int32Array,
  start: number,
  machine: Machine,
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
  spend(machine, work / 16)
  return false
}

const NOTHING = { get: () => undefined }

/**
 * Whether a text matches a pattern from its beginning on; `$` asks for its end. Takes time in proportion to both, whatever the
 * pattern; InvalidError for a pattern that is none.
 */
export function beginsWith(pattern: string, text: string): boolean {
  const machine = createMachine(NOTHING)
  return hasMatch(compilePattern(`^(?:${pattern})`, machine), text, machine)
}
