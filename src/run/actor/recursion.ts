import { type Problem, refusal, terminalProblem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { isWithinSize } from '../../kernel/limits.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import type { RecursionMessage } from '../messages.ts'
import type { RunHead } from '../run.ts'

/** All contexts of a tree of runs, in part `recursion`. */
type RecursionContexts = { readonly [context: string]: RecursionContext }
type RecursionContext = { readonly iteration: number; readonly state: { readonly [key: string]: Json } }

const RECURSION_PART = 'recursion'
const NEW_CONTEXT: RecursionContext = { iteration: 0, state: {} }
/** Characters of JSON of all contexts in total. */
const MAX_STATE_CHARS = 64 * 1024

/** Counts and keeps state for a tree of runs in its root run, so that each step sees what the one before it did. */
export async function handleRecursion(
  state: RunHead,
  asked: RecursionMessage,
  effects: Effects,
): Promise<Turn<RunHead>> {
  if (state.status === 'new') return { refuse: ROOT_RUN_GONE, stop: true }
  const contexts = ((await effects.part(RECURSION_PART)) ?? {}) as RecursionContexts
  const { context } = asked
  const before = Object.hasOwn(contexts, context) ? contexts[context]! : NEW_CONTEXT
  const after = nextContext(before, asked)
  if (after === before) return { reply: replyOf(before, after, asked) }
  const { [context]: _, ...others } = contexts
  const all: RecursionContexts = after === NEW_CONTEXT ? others : { ...others, [context]: after }
  if (!isWithinSize(all, MAX_STATE_CHARS)) return { refuse: STATE_TOO_LARGE }
  return { parts: { [RECURSION_PART]: all }, reply: replyOf(before, after, asked) }
}

function nextContext(
  before: RecursionContext,
  { operation, key = 'value', value, increment }: RecursionMessage,
): RecursionContext {
  switch (operation) {
    case 'check_condition':
      return { ...before, iteration: before.iteration + 1 }
    case 'update_state':
      return { ...before, state: { ...before.state, [key]: updatedValue(stateValue(before, key), value, increment) } }
    case 'get_state':
      return before
    case 'reset':
      return NEW_CONTEXT
  }
}

/** The value under a key; a key may have the name of an inherited property, such as `constructor`. */
function stateValue({ state }: Pick<RecursionContext, 'state'>, key: string): Json {
  return Object.hasOwn(state, key) ? state[key]! : null
}

function updatedValue(before: Json, value: Json | undefined, increment: number | undefined): Json {
  if (increment === undefined) return value ?? null
  return (typeof before === 'number' ? before : 0) + increment
}

function replyOf(before: RecursionContext, after: RecursionContext, { key = 'value' }: RecursionMessage): Json {
  return {
    iteration: after.iteration,
    state: after.state,
    old_value: stateValue(before, key),
    new_value: stateValue(after, key),
  }
}

const ROOT_RUN_GONE = terminalProblem({
  code: 'not_found',
  name: 'NotFoundError',
  message: 'the top-level run does not exist any more',
})
const STATE_TOO_LARGE: Problem = refusal({
  code: 'too_large',
  message: `the shared state of a tree of runs may have at most ${MAX_STATE_CHARS / 1024} KiB`,
})
