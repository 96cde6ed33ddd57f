import { type Problem, problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, Effects } from '../../kernel/types.ts'
import { clip } from '../../lib/clip.ts'
import { timeSpanSchema } from '../../lib/time/span-schema.ts'
import { isBadResult } from '../../tool/bad-result.ts'
import { parseInput } from '../../tool/input.ts'
import { askWhetherMade } from '../../tool/once/looked-up.ts'
import { checkResult } from '../../tool/plugin/result.ts'
import { canAnswer } from '../../tool/question.ts'
import { findCalledTool } from '../../tool/toolbox.ts'
import { codeMissing, isCodeWait } from '../../work/code-wait.ts'
import type { CallLookUp } from '../attempt/call-look-up.ts'
import type { AwaitingCallback } from '../attempt/step-state.ts'
import type { OpenedStep, StepAttempt } from '../attempt/work.ts'
import { isCallAtWork } from '../call/once-only.ts'
import { plainContext } from '../plain/plain-call.ts'
import type { StepParameters } from '../record/outcome.ts'
import { readRef } from '../values.ts'
import { lookUpByTool } from './look-up-by-tool.ts'

/**
 * The outcome of a look-up. `counts`: ms after the start of the doubt from which "not done" counts; absent: a person
 * decides. `made`: the call took place, and its result does not fit.
 */
export type Found =
  | { readonly type: 'done'; readonly result: Json }
  | { readonly type: 'made'; readonly problem: Problem }
  | { readonly type: 'lacks-code'; readonly problem: Problem }
  | { readonly type: 'not-done'; readonly counts?: number; readonly isAtWork: boolean }
  | { readonly type: 'unknown' }
  | { readonly type: 'failed'; readonly why: string }

/**
 * The look-up of a call: that of its step, else that of its tool; undefined: it has none. `isOwn`: the step itself made
 * the call, and not a handler.
 * @throws TerminalError `code_missing` if this process does not have the code that would say so
 */
export async function lookUpOf(
  work: OpenedStep['work'],
  attempt: StepAttempt,
  { tool: name, isOwn }: { readonly tool: string | undefined; readonly isOwn: boolean },
): Promise<CallLookUp | undefined> {
  const { toolbox } = attempt.services
  const ofStep = isOwn ? await work.lookUp?.(attempt) : undefined
  if (ofStep || name === undefined) return ofStep
  const tool = findCalledTool(toolbox, name)
  if (!tool) throw codeMissing(`This process does not have the tool ${name}, which may look the call up.`)
  const by = canAnswer(tool) ? tool.lookedUpBy : undefined
  if (by) return lookUpByTool(by, resultOfServer, async () => ({ ...by, context: await contextOf(attempt) }))
  if (!tool.lookUp) return undefined
  const { settlesAfter } = tool
  return {
    ...(settlesAfter !== undefined && { settlesAfter: timeSpanSchema.parse(settlesAfter) * 1000 }),
    find: (call, parameters) => tool.lookUp!(parseInput(tool, parameters), call),
    resultOf: (found) => checkResult(tool, found),
  }
}

const contextOf = (attempt: StepAttempt) =>
  plainContext(attempt, {
    definition: '',
    kind: ':look-up',
    acts: false,
    policy: attempt.start.policy,
    call: undefined,
  })

/** A result as a server gives it. */
const resultOfServer = (found: Json): Json =>
  typeof found === 'string'
    ? { text: found, data: null, content: [] }
    : { text: JSON.stringify(found), data: found, content: [] }

/** Asks whether a call in doubt took place. */
export async function findCall(
  { services, start, work }: OpenedStep,
  { tool, parameters, recovery, since, ...waiting }: AwaitingCallback,
  call: EffectCall,
  { self, emit }: Pick<Effects, 'self' | 'emit'>,
): Promise<Found> {
  const { pool, secrets, values } = services
  const { signal } = call
  // the call of a handler has a key of its own; in a later round, the handler has the step's own call made again
  const key = recovery?.call?.key ?? waiting.key
  try {
    const lookUp = await lookUpOf(
      work,
      { services, start, call, self, emit },
      { tool, isOwn: recovery?.call?.round !== 0 },
    )
    if (!lookUp) return { type: 'failed', why: 'Its code has no look-up any more.' }
    const sent = (await readRef(values, parameters)) as StepParameters
    const inDoubt = { idempotencyKey: key, since, signal }
    const found = await askWhetherMade((doubt) => lookUp.find(doubt, sent), inDoubt)
    if (found.type === 'unknown') return found
    if (found.type === 'done') return { type: 'done', result: await lookUp.resultOf(found.result) }
    const counts = found.isFinal ? 0 : lookUp.settlesAfter
    return { type: 'not-done', isAtWork: isCallAtWork(pool, key), ...(counts !== undefined && { counts }) }
  } catch (error) {
    if (isInterruption(error) || signal.aborted) throw error
    const problem = secrets ? await secrets.problem(problemOf(error)) : problemOf(error)
    if (isCodeWait(error)) return { type: 'lacks-code', problem }
    return isBadResult(error) ? { type: 'made', problem } : { type: 'failed', why: clip(problem.message, 300) }
  }
}
