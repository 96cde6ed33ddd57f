import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import type { CallLookUp } from '../../step/attempt/call-look-up.ts'
import type { StepContext, StepResult } from '../../step/call/context.ts'
import { callLimit, submitCall } from '../../step/call/tool-call.ts'
import { shownEmit } from '../../step/call/tool-context.ts'
import { createWords } from '../../step/call/words.ts'
import type { WorkPolicy } from '../../step/policy.ts'
import { storable } from '../../tool/secrets.ts'
import type { WorkflowStepCall, WorkflowStepOptions } from '../definition/context.ts'
import { asWritten, msOf } from '../definition/duration.ts'
import type { OperationStep } from '../replay/operation.ts'
import { asJson } from './stored-value.ts'

export function stepWork<T>(
  name: string,
  act: (call: WorkflowStepCall) => T | Promise<T>,
  options: WorkflowStepOptions<T> = {},
  workflow = '',
): OperationStep {
  if (typeof act !== 'function') throw new InvalidError(`The step ${name}: expected a function, got ${typeof act}.`)
  const { resource, undo } = options
  if (undo !== undefined && typeof undo !== 'function') throw wrongOption(name, 'undo', 'a function', undo)
  if (resource !== undefined && typeof resource !== 'string') throw wrongOption(name, 'resource', 'a name', resource)
  const heartbeat = options.heartbeat === undefined ? undefined : msOf(options.heartbeat, `step ${name}: heartbeat`)
  return {
    type: 'step',
    // a call that waits for a resource is never quick
    work: { type: 'code', action: 'step', ...(resource === undefined && { name: `${workflow}/${name}` }) },
    policy: policyOf(name, options),
    perform: (context) => performCall(context, resource, act, heartbeat),
    ...(undo && { undo: undo as (result: Json, call: WorkflowStepCall) => unknown }),
    ...present({ lookUp: lookUpOf(name, options) }),
  }
}

function lookUpOf<T>(name: string, { effect, lookUp, settlesAfter }: WorkflowStepOptions<T>): CallLookUp | undefined {
  if (lookUp === undefined && settlesAfter === undefined) return undefined
  if (typeof lookUp !== 'function') throw wrongOption(name, 'lookUp', 'a function', lookUp)
  if (effect !== 'at-most-once')
    throw new InvalidError(`The step ${name}: \`lookUp\` has no use without \`effect: 'at-most-once'\`.`)
  return {
    find: lookUp as CallLookUp['find'],
    resultOf: (found) => asJson(found, `the result that the look-up of step ${name} found`),
    ...(settlesAfter !== undefined && { settlesAfter: msOf(settlesAfter, `step ${name}: settlesAfter`) }),
  }
}

export async function performCall<T>(
  context: StepContext,
  resource: string | undefined,
  act: (call: WorkflowStepCall) => T | Promise<T>,
  heartbeat?: number,
): Promise<StepResult> {
  const { call, services, start } = context
  const what = `The step ${start.step}`
  const limit = callLimit({ name: what, ...(heartbeat !== undefined && { heartbeat: heartbeat / 1000 }) }, context)
  const emit = shownEmit(context)
  const words = createWords(context, limit?.heartbeat)
  const { progress, log, heartbeat: beat } = words
  const end = async (called: Promise<T>): Promise<StepResult> => {
    const answer = await called.finally(() => words.end())
    const result = asJson(answer, `the result of step ${start.step}`)
    return { type: 'result', result: storable(result, services.secrets, context.notes) }
  }
  const called = submitCall(context, {
    what,
    uses: resource === undefined ? { names: () => [] } : { resource },
    limit,
    act: (signal) => {
      const { idempotencyKey, attempt } = call
      return act({ signal, idempotencyKey, attempt, delta: emit, progress, log, heartbeat: beat })
    },
    end,
  })
  return end(called)
}

const DEFAULT_RETRY = 2

function policyOf<T>(name: string, options: WorkflowStepOptions<T>): WorkPolicy {
  const { effect = 'idempotent', retry, timeout } = options
  if (!EFFECTS.includes(effect)) throw wrongOption(name, 'effect', 'pure, idempotent or at-most-once', effect)
  const times = typeof retry === 'object' ? retry.attempts : retry
  const factor = typeof retry === 'object' ? (retry.factor ?? 2) : 2
  if (!(Number.isFinite(factor) && factor >= 0)) throw wrongOption(name, 'retry.factor', 'a number', factor)
  if (times !== undefined && !(Number.isInteger(times) && times >= 0 && times <= MAX_RETRY))
    throw new InvalidError(`The retry of step ${name}: expected 0 to ${MAX_RETRY}, got ${asWritten(times)}.`)
  return {
    effect,
    attempts: effect === 'at-most-once' ? 1 : 1 + (times ?? DEFAULT_RETRY),
    ...(times !== undefined && effect !== 'at-most-once' && { retryReported: true as const }),
    ...(typeof retry === 'object' && {
      backoff: {
        first: msOf(retry.delay ?? 200, `step ${name}: retry.delay`),
        factor,
        most: msOf(retry.max ?? '30s', `step ${name}: retry.max`),
        jitter: true,
      },
    }),
    ...(timeout !== undefined && { timeout: msOf(timeout, `step ${name}: timeout`) }),
  }
}

const MAX_RETRY = 100

const EFFECTS: readonly unknown[] = ['pure', 'idempotent', 'at-most-once'] satisfies readonly EffectClass[]

const wrongOption = (step: string, option: string, expected: string, value: unknown) =>
  new InvalidError(`The ${option} of step ${step}: expected ${expected}, got ${asWritten(value)}.`)
