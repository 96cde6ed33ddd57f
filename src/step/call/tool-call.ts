import { InvalidError, problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { checkSize } from '../../kernel/limits.ts'
import { badResult, callOf, isBadResult } from '../../tool/bad-result.ts'
import { namesOfCall } from '../../tool/mcp/names-of-call.ts'
import type { CallParts } from '../../tool/once/call-parts.ts'
import { canAnswer, questionOf, waitOf } from '../../tool/question.ts'
import { secretNamesIn, storable } from '../../tool/secrets.ts'
import { resultOfFailure, type Tool, ToolFailure } from '../../tool/tool.ts'
import { inCall } from '../../work/origin/call-here.ts'
import type { WorkLimit } from '../../worker/pool/work-limit.ts'
import { fairnessKey, priorityOf } from '../messages/step-start.ts'
import type { StepParameters } from '../record/outcome.ts'
import { awaitAnswers, awaitWork } from './await-answers.ts'
import { callTimeLeft, startCallTime } from './call-time.ts'
import type { StepContext, StepResult } from './context.ts'
import { onceOnly } from './once-only.ts'
import { callParts } from './once-records.ts'
import { isConfined, toolInput } from './permissions.ts'
import { callContext } from './tool-context.ts'
import { type CallWords, createWords } from './words.ts'

/** A call of a tool, and its parameters as their author wrote them and as they are. */
export type CallOfTool = AuthoredParameters & { readonly tool: Tool }

/** Parameters as authored, and as they are. Secrets are inserted only where the author names them. */
export type AuthoredParameters = { readonly written: StepParameters; readonly parameters: StepParameters }

/** The result that the rules of the house leave of a call. */
type Ruling = (called: Promise<Json>) => Promise<Json>

/** Calls a tool in the pool. ToolFailure when it reports that it failed. */
export function runTool(made: CallOfTool, context: StepContext, ruling?: Ruling): Promise<StepResult> {
  const input = toolInput(made.tool, made, context.services, context.start.run)
  return input instanceof Promise ? callWhenReady(made, input, context, ruling) : callTool(made, input, context, ruling)
}

async function callWhenReady(made: CallOfTool, input: Promise<unknown>, context: StepContext, ruling?: Ruling) {
  return callTool(made, await input, context, ruling)
}

function callTool(made: CallOfTool, input: unknown, context: StepContext, ruling?: Ruling): Promise<StepResult> {
  const { tool, parameters } = made
  const { services } = context
  const execute = tool.confined && isConfined(tool, services, context.start.run) ? tool.confined : tool.execute
  const limit = callLimit(tool, context)
  let parts: CallParts | undefined
  let words: CallWords | undefined
  let isInDoubt = false
  const act = (signal: AbortSignal) => {
    startCallTime(context)
    const called = callContext(
      context,
      signal,
      () => (parts ??= callParts(context, tool.name, signal)),
      () => (words ??= createWords(context, limit?.heartbeat)),
    )
    return inCall({ run: context.start.run.id, step: context.start.step }, () => execute.call(tool, input, called))
  }
  const failWhenSettled = async (error: unknown) => {
    // another attempt would find these parts at work
    await parts?.settled()
    await words?.end()
    isInDoubt ||= parts?.doubt !== undefined
    if (parts?.doubt) throw parts.doubt
    if (isBadResult(error)) return madeInVain(error, parameters, context)
    const question = questionOf(error)
    if (question?.repeats) return awaitAnswers(tool, question, { parameters, hasSecrets: false }, context)
    throw error
  }
  const end = (called: Promise<Json>) =>
    called.then(
      (answer): StepResult | Promise<StepResult> =>
        words ? words.end().then(() => resultOf(answer)) : resultOf(answer),
      failWhenSettled,
    )
  const uses = { names: () => namesOfCall(tool.name, input) }
  const called = submitCall(context, { what: tool.name, uses, limit, act, end, isInDoubt: () => isInDoubt })
  const ended = end(ruling ? ruling(called) : called)
  return canAnswer(tool) ? ended.catch((error) => askOrFail(error, made, context)) : ended

  function resultOf(answer: Json): StepResult | Promise<StepResult> {
    return resultOfCall(tool, answer, parameters, context)
  }
}

/** The result of a call that was made, or that a rule answered. */
export function resultOfCall(
  tool: Tool,
  answer: Json,
  parameters: StepParameters,
  context: StepContext,
): StepResult | Promise<StepResult> {
  const fault = faultOf(answer, tool)
  if (fault) return madeInVain(fault, parameters, context)
  const result = toToolResult(tool.name, answer)
  return { type: 'result', result: storable(result, context.services.secrets, context.notes), parameters }
}

/** A call of a step, for the pool. */
export type PooledCall<T> = {
  /** what the call is named in errors */
  readonly what: string
  /** the names by which resources mean it, or the resource that it names itself */
  readonly uses: { names(): readonly string[] } | { readonly resource: string }
  readonly limit: WorkLimit | undefined
  act(signal: AbortSignal): Promise<T> | T
  /** The result of the step. */
  end(called: Promise<T>): Promise<StepResult>
  /** whether nobody knows the end of a part of it */
  isInDoubt?(): boolean
}

export function submitCall<T>(context: StepContext, made: PooledCall<T>): Promise<T> {
  const { services, call, start } = context
  const { begin, queue } = call
  const { uses } = made
  const { limit, act } = onceOnly(context, made)
  const { elapsed = () => performance.now() } = services
  const asked = elapsed()
  return services.pool.submit({
    signal: call.signal,
    key: call.place ?? call.idempotencyKey,
    share: fairnessKey(start),
    ...priorityOf(start),
    needs: 'resource' in uses ? services.pool.handsOf(uses.resource) : services.pool.handsFor(uses.names),
    // time in the queue is not time of the step
    ...(limit && { limit }),
    run(signal) {
      if (queue) queue.ms += elapsed() - asked
      return begin ? begin(() => act(signal)) : act(signal)
    },
  })
}

/** The time that a call may take: the shortest of the limits of its step, of its tool, and of its goal. */
export function callLimit(
  { name: what, timeout: seconds = NO_LIMIT, heartbeat: silence }: Pick<Tool, 'name' | 'timeout' | 'heartbeat'>,
  context: StepContext,
): WorkLimit | undefined {
  const { policy, start } = context
  const { id: of } = start.run
  const ms = Math.min(seconds * 1000, policy.timeout ?? NO_LIMIT, callTimeLeft(context))
  if (ms === NO_LIMIT && silence === undefined) return undefined
  const heartbeat = silence !== undefined && { heartbeat: { ms: silence * 1000, beat: () => {} } }
  return { ms, what, of, ...heartbeat }
}

const NO_LIMIT = Number.POSITIVE_INFINITY

/** A tool that asks a person, or whose work goes on elsewhere, makes the step wait; any other error is one. */
function askOrFail(
  error: unknown,
  { tool, written, parameters }: CallOfTool,
  context: StepContext,
): Promise<StepResult> {
  const wait = waitOf(error)
  if (wait) return awaitWork(tool, wait, parameters, context)
  const question = questionOf(error)
  if (!question) throw error
  const hasSecrets = secretNamesIn(written).length > 0
  return awaitAnswers(tool, question, { parameters, hasSecrets }, context)
}

/** Why the result of a tool cannot be stored. */
function faultOf(answer: Json, tool: Tool): Error | undefined {
  try {
    checkSize(answer, Number.POSITIVE_INFINITY, 'it', checkItem)
    return undefined
  } catch (error) {
    return badResult(callOf(tool), problemOf(error).message)
  }
}

/** The tool has acted, so the call has no other attempt: the step fails, and keeps what the undo needs. */
async function madeInVain(
  error: unknown,
  parameters: StepParameters,
  { services: { secrets }, notes }: StepContext,
): Promise<StepResult> {
  const [problem, result] = [problemOf(error), resultOfFailure(error) ?? null]
  if (!secrets) return { type: 'result', result, parameters, problem }
  return {
    type: 'result',
    result: storable(result, secrets, notes),
    parameters,
    problem: await secrets.problem(problem),
  }
}

/** Throws an InvalidError for a value whose conversion to JSON throws. */
function checkItem(item: object | symbol, what: string): void {
  if (typeof (item as { readonly toJSON?: unknown }).toJSON !== 'function') return
  try {
    JSON.stringify(item)
  } catch (error) {
    throw new InvalidError(`${what} has no JSON: ${problemOf(error).message}`)
  }
}

/** A tool may also report its failure as `{ success: false, error }`. */
function toToolResult(name: string, result: Json | undefined): Json {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return result ?? null
  const { success, error } = result as { readonly [field: string]: Json | undefined }
  if (success !== false) return result
  throw new ToolFailure(typeof error === 'string' ? error : `${name} reports a failure`, { code: 'tool_error', result })
}
