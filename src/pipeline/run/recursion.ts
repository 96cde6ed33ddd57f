import type { Problem } from '../../errors.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { RecursionMessage } from '../plan/messages/run.ts'
import type { RunState } from '../plan/run-state.ts'

/** All contexts of a tree, in part `recursion`. */
type Contexts = { readonly [context: string]: Context }
type Context = { readonly iteration: number; readonly state: { readonly [key: string]: Json } }

const PART = 'recursion'
const NEW: Context = { iteration: 0, state: {} }
/** Characters of JSON of all that is counted. */
const MOST = 64 * 1024

/** Counts and keeps for a whole tree of runs, in the run at its top: what one step sees, the next one sees too. */
export async function takeRecursion(
  state: RunState,
  asked: RecursionMessage,
  effects: Effects,
): Promise<Turn<RunState>> {
  if (state.status === 'new') return { refuse: GONE, stop: true }
  const contexts = ((await effects.part(PART)) ?? {}) as Contexts
  const { context } = asked
  const before = Object.hasOwn(contexts, context) ? contexts[context]! : NEW
  const after = next(before, asked)
  if (after === before) return { reply: told(before, after, asked) }
  const { [context]: _, ...others } = contexts
  const all: Contexts = after === NEW ? others : { ...others, [context]: after }
  if (!isWithinSize(all, MOST)) return { refuse: FULL }
  return { parts: { [PART]: all as Json }, reply: told(before, after, asked) }
}

function next(before: Context, { operation, key = 'value', value, increment }: RecursionMessage): Context {
  switch (operation) {
    case 'check_condition':
      return { ...before, iteration: before.iteration + 1 }
    case 'update_state':
      return { ...before, state: { ...before.state, [key]: updated(keptIn(before, key), value, increment) } }
    case 'get_state':
      return before
    case 'reset':
      return NEW
  }
}

/** What is kept under a key, which may be the name of what all maps have. */
function keptIn({ state }: Pick<Context, 'state'>, key: string): Json {
  return Object.hasOwn(state, key) ? state[key]! : null
}

function updated(before: Json, value: Json | undefined, increment: number | undefined): Json {
  if (increment === undefined) return value ?? null
  return (typeof before === 'number' ? before : 0) + increment
}

function told(before: Context, after: Context, { key = 'value' }: RecursionMessage): Json {
  return {
    iteration: after.iteration,
    state: after.state,
    old_value: keptIn(before, key),
    new_value: keptIn(after, key),
  }
}

const GONE: Problem = {
  code: 'not_found',
  name: 'NotFoundError',
  message: 'the run at the top is gone',
  terminal: true,
}
const FULL: Problem = {
  code: 'too_large',
  name: 'InvalidError',
  message: `what a tree of runs counts together may have ${MOST / 1024} KiB`,
  terminal: true,
}
