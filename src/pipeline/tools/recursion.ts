import { z } from 'zod'
import { errorOf } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
import type { RecursionMessage } from '../../run/messages.ts'
import type { CallbackTool, CallbackVerdict } from '../../step/call/callback.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../step/messages/callback.ts'
import { parseCondition, scopeOf, testCondition } from '../../template/template.ts'
import { anyValue, numberParameter, onlyInRuns } from '../../tool/parameters.ts'

const context_id = z.coerce.string().min(1).max(200).default('default')
const state_key = z.coerce.string().min(1).max(200)
const number = z.union([
  z.number(),
  z
    .string()
    .trim()
    .regex(/^-?\d+(\.\d+)?$/, 'expected a number')
    .transform(Number),
])
const checking = z.object({
  context_id,
  condition: anyValue.optional(),
  max_iterations: numberParameter.optional(),
  depth_limit: numberParameter.optional(),
})
const updating = z.object({ context_id, state_key, state_value: anyValue.optional(), increment: number.optional() })

/** `recursion-control`: counters and state that all runs of one tree share. */
export const recursionTools: readonly CallbackTool[] = [
  recursionTool('check_condition', 'Counts an iteration and decides whether to continue', checking),
  recursionTool('update_state', 'Sets or increments a value', updating),
  recursionTool(
    'get_state',
    'Returns the stored values, or one of them',
    z.object({ context_id, state_key: state_key.optional() }),
  ),
  recursionTool('reset', 'Deletes the values and the count', z.object({ context_id })),
]

type Operation = RecursionMessage['operation']

function recursionTool(operation: Operation, description: string, input: z.ZodType): CallbackTool {
  return {
    name: `recursion-control:${operation}`,
    description,
    input,
    effect: 'pure',
    execute: onlyInRuns('recursion-control'),
    asking: { ask: (given, stepContext) => ask(operation, given as RecursionInput, stepContext), take },
  }
}

type RecursionInput = {
  readonly context_id: string
  readonly condition?: Json
  readonly max_iterations?: number
  readonly depth_limit?: number
  readonly state_key?: string
  readonly state_value?: Json
  readonly increment?: number
}
type Memo = Omit<RecursionInput, 'state_value' | 'increment'> & {
  readonly operation: Operation
  readonly depth: number
}

function ask(
  operation: Operation,
  { state_value: value, increment, ...given }: RecursionInput,
  { start }: StepContext,
): CallbackRequest {
  const { root = start.run.id, pipelines = [] } = start.run.provenance?.above ?? {}
  const { context_id: context, state_key: key } = given
  const body: RecursionMessage = { type: 'recursion', operation, context, ...present({ key, value, increment }) }
  const memo: Memo = { ...given, operation, depth: pipelines.length }
  return { to: runRef(root), body, memo }
}

type RecursionAnswer = {
  readonly iteration: number
  readonly state: { readonly [key: string]: Json }
  readonly old_value: Json
  readonly new_value: Json
}

function take({ memo }: CallbackRequest, received: CallbackResult): CallbackVerdict {
  if ('problem' in received) throw errorOf(received.problem)
  const given = memo as Memo
  const { iteration, state, old_value, new_value } = received.value as RecursionAnswer
  const { context_id, state_key, operation, depth } = given
  const about = { context_id, ...(state_key !== undefined && { state_key }) }
  switch (operation) {
    case 'check_condition': {
      const reason = reasonToStop(given, iteration, state)
      return toVerdict({ ...about, should_continue: reason === null, reason, iteration, depth })
    }
    case 'update_state':
      return toVerdict({ ...about, old_value, new_value, state })
    case 'get_state':
      return toVerdict({ ...about, state, value: state_key === undefined ? null : new_value, iteration, depth })
    case 'reset':
      return toVerdict({ ...about, reset: true })
  }
}

const toVerdict = (result: Json): CallbackVerdict => ({ type: 'result', result })

/** Null: there should be another iteration. */
function reasonToStop(
  { condition, max_iterations, depth_limit, depth }: Memo,
  iteration: number,
  state: RecursionAnswer['state'],
) {
  if (max_iterations !== undefined && iteration > max_iterations) return 'max_iterations'
  if (depth_limit !== undefined && depth >= depth_limit) return 'depth_limit'
  return condition === undefined || holds(condition, { ...state, iteration, depth }) ? null : 'condition'
}

/** A text is a condition over the state: its names, `iteration` and `depth`. */
function holds(condition: Json, names: { readonly [name: string]: Json }): boolean {
  if (typeof condition !== 'string') return condition !== null && condition !== false && condition !== 0
  return testCondition(parseCondition(condition), scopeOf(names))
}
