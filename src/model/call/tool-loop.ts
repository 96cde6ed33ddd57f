import { InvalidError, problemOf, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { type FailedUsage, failedUsageOf, NO_USAGE, sumUsage, withFailedUsage } from '../cost/usage.ts'
import type { ModelReply, ModelRequest } from '../request/request.ts'
import type { ToolCall, ToolResult, ToolRound } from '../request/tool-round.ts'

/** Runs the tools that a model calls, with a limit on calls. */
export type ToolRunner = {
  /** maximum calls of the model; in the last one it must answer */
  readonly steps: number
  /** Executes a call. The model receives an exception as the result, except for an abort. */
  run(call: ToolCall & { readonly input: Json }, signal: AbortSignal): Promise<Json>
}

const MAX_RESULT_LENGTH = 100_000
const MAX_CALLS = 32

/**
 * Calls a model until it answers, and runs the tools that it calls in between. `ask` makes each call in a task of the model's pool. Returns
 * the answer with the usage of all calls, and the rounds before it. TerminalError `model_invalid_output` when the model still calls tools
 * in its last step.
 */
export async function generateWithTools(
  ask: (request: ModelRequest) => Promise<ModelReply>,
  request: ModelRequest,
  hands: ToolRunner,
  signal: AbortSignal,
): Promise<ModelReply & { readonly rounds: readonly ToolRound[] }> {
  const rounds = [...(request.rounds ?? [])]
  let spent: FailedUsage | undefined
  for (let step = 1; step <= hands.steps; step++) {
    const choice = step === hands.steps ? { toolChoice: 'none' as const } : {}
    const reply = await ask({ ...request, ...choice, rounds }).catch((error: unknown) => {
      throw withEarlier(error, spent)
    })
    spent = together(spent, reply)
    if (!reply.calls) return { ...reply, ...spent, rounds }
    rounds.push({ said: reply.said ?? [], results: await resultsOf(reply.calls, request, hands, signal) })
  }
  const message = `the model still asks for tools after ${hands.steps} steps`
  throw withEarlier(new TerminalError(message, { code: 'model_invalid_output' }), spent)
}

/** Sums the usage of several calls. */
function together(before: FailedUsage | undefined, { model, usage, cost }: FailedUsage): FailedUsage {
  if (!before) return { model, usage, ...(cost !== undefined && { cost }) }
  const both = (before.cost ?? 0) + (cost ?? 0)
  const isPriced = before.cost !== undefined || cost !== undefined
  return { model, usage: sumUsage([before.usage, usage]), ...(isPriced && { cost: both }) }
}

/** The error, with the usage of the earlier calls added. */
function withEarlier(error: unknown, earlier: FailedUsage | undefined): unknown {
  if (!earlier || typeof error !== 'object' || error === null) return error
  const { usage: _, ...last } = failedUsageOf(error) ?? earlier
  const { cost } = failedUsageOf(error) ? together(earlier, { ...last, usage: NO_USAGE }) : earlier
  return withFailedUsage(error, { ...earlier, ...(cost !== undefined && { cost }) })
}

/** Tools run one after the other, in the order of the calls. */
async function resultsOf(
  calls: readonly ToolCall[],
  { tools = [] }: ModelRequest,
  hands: ToolRunner,
  signal: AbortSignal,
): Promise<ToolResult[]> {
  const names = tools.map(({ name }) => name)
  const results: ToolResult[] = []
  for (const [at, call] of calls.entries()) {
    signal.throwIfAborted()
    const { id, name } = call
    const outcome = await outcomeOf(call, at, names, (input) => hands.run({ ...call, input }, signal))
    signal.throwIfAborted()
    results.push({ id, name, ...outcome })
  }
  return results
}

async function outcomeOf(
  { name, input }: ToolCall,
  at: number,
  names: readonly string[],
  run: (input: Json) => Promise<Json>,
): Promise<Pick<ToolResult, 'output' | 'failed'>> {
  if (at >= MAX_CALLS) return failed(`more than ${MAX_CALLS} calls at once are not done`)
  if (!names.includes(name)) return failed(`there is no tool ${name}; there are ${names.join(', ')}`)
  if (input === undefined) return failed('the input is not JSON')
  try {
    return { output: bounded(await run(input)) }
  } catch (error) {
    return failed(problemOf(error).message)
  }
}

function failed(why: string): Pick<ToolResult, 'output' | 'failed'> {
  return { output: why, failed: true }
}

function bounded(output: Json): Json {
  const text = JSON.stringify(output) ?? 'null'
  if (text.length <= MAX_RESULT_LENGTH) return output
  throw new InvalidError(`the result has ${text.length} characters, at most ${MAX_RESULT_LENGTH} are allowed`)
}
