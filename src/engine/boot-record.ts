import type { Problem } from '../errors.ts'

/** By id of a message: how many times in a row the process died while that message was under way. */
export type Crashes = { readonly [id: string]: number }

/** What one process leaves for the next, so that it can tell which message kills processes. */
export type BootRecord = {
  /** to blame if the process dies now */
  readonly exposed: Crashes
  /** not let go yet, and not to blame */
  readonly held: Crashes
}

/** After so many times a message is a suspect. */
export const SUSPECT = 3
/** After so many it is poison: the last ones were trials of this message alone. */
export const POISON = 5

/** What is known of the first message of an actor after a process died. A crash counts as a trial only of one that was tried alone. */
export function crashesOf({ exposed, held }: BootRecord, id: string): number {
  const before = exposed[id]
  if (before === undefined) return held[id] ?? 0
  const alone = Object.keys(exposed).length === 1
  return before < SUSPECT || alone ? before + 1 : before
}

/** Suspects are tried in so many groups, so that each crash leaves an eighth of them. */
const GROUPS = 8

export function groupsOf<Item>(suspects: readonly Item[]): readonly (readonly Item[])[] {
  const size = Math.ceil(suspects.length / GROUPS)
  const count = Math.ceil(suspects.length / Math.max(1, size))
  return Array.from({ length: count }, (_, index) => suspects.slice(index * size, (index + 1) * size))
}

/** Why a message is given up. */
export function poisonProblem(crashes: number): Problem {
  const history = `the process died ${crashes} times in a row while it was under way, the last ${crashes - SUSPECT} times with no other suspect`
  return { code: 'poison', name: 'TerminalError', message: history, terminal: true }
}
