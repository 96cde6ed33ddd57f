import { type Machine, spend } from '../evaluate/machine.ts'
import type { Program } from './compile.ts'

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
