import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { unlessAborted } from '../../lib/time/unless-aborted.ts'
import { checkOwnModel } from '../../model/provider/sdk-provider.ts'
import type { WorkflowContext, WorkflowStepOptions } from './context.ts'
import { type CallSdkModel, MODEL_CALL } from './model-call.ts'

/** A model of an AI SDK provider, as far as `durable` needs its type. */
export type SdkModel = {
  readonly specificationVersion: string
  readonly provider: string
  readonly modelId: string
  doGenerate(options: never): PromiseLike<object>
  doStream(options: never): PromiseLike<object>
}

/**
 * How the calls of tools are attempted. Absent: a call is not repeated, as the tools of the SDK do not say whether they
 * may be. With `retry` they are idempotent, unless `effect` says otherwise.
 */
export type DurableToolOptions = Pick<WorkflowStepOptions<unknown>, 'retry' | 'timeout' | 'effect' | 'resource'>

/**
 * Makes the AI SDK durable in a workflow: `generateText`, `streamText` and agents repeat no finished call of this
 * model after a crash. Its calls wait in pools, and the budgets of the run pay for them. A stream arrives when its
 * call has ended; followers of the run hear its text at once.
 */
export function durable<Model extends SdkModel>(model: Model, ctx: WorkflowContext): Model
/**
 * The same tools, of which each call is a step. A call is not repeated, unless `effect` or `retry` says that it may be.
 * A tool that its provider executes stays as it is, and so does one without `execute`.
 */
export function durable<Tools extends object>(tools: Tools, ctx: WorkflowContext, options?: DurableToolOptions): Tools
export function durable(given: object, ctx: WorkflowContext, options?: DurableToolOptions): unknown {
  if (!isContext(ctx)) throw wrong('expected the ctx of the workflow as its second argument')
  if (typeof given !== 'object' || given === null)
    throw wrong(`expected a model of an AI SDK provider, or a map of tools, got ${JSON.stringify(given)}`)
  return 'specificationVersion' in given ? durableModel(given, ctx) : durableTools(given, ctx, options)
}

type DoorContext = WorkflowContext & { readonly [MODEL_CALL]: CallSdkModel }

const isContext = (ctx: WorkflowContext): ctx is DoorContext =>
  typeof ctx === 'object' && ctx !== null && MODEL_CALL in ctx

const wrong = (what: string) =>
  new InvalidError(`durable: ${what}.`, {
    hint: "For example: generateText({ model: durable(openai('gpt-5'), ctx), tools: durable({ search }, ctx), prompt }).",
  })

function durableModel(given: object, ctx: DoorContext): LanguageModelV4 {
  const { provider, modelId } = given as SdkModel
  const model = checkOwnModel(`${provider}/${modelId}`, given)
  const said = new Set<string>()
  const call = async (options: LanguageModelV4CallOptions, form: 'whole' | 'stream') => {
    for (const { type, name } of options.tools ?? []) if (type === 'provider') tellProviderTool(ctx, said, name)
    const { abortSignal } = options
    abortSignal?.throwIfAborted()
    // the wait ends when the SDK gives up the call; the call itself goes on, as part of the run
    return unlessAborted(ctx[MODEL_CALL](model, options, form), abortSignal)
  }
  return {
    specificationVersion: 'v4',
    provider,
    modelId,
    get supportedUrls() {
      return model.supportedUrls
    },
    doGenerate: async (options) => revived(await call(options, 'whole'), 'response') as never,
    async doStream(options) {
      const { parts } = await call(options, 'stream')
      const all = (parts as readonly JsonObject[]).map((part) =>
        part.type === 'response-metadata' ? withTime(part) : part,
      )
      return { stream: ReadableStream.from(all) as ReadableStream<never> }
    },
  }
}

function tellProviderTool(ctx: WorkflowContext, said: Set<string>, name: string): void {
  if (said.has(name)) return
  said.add(name)
  ctx.log(`The provider runs ${name} within a call of its model. A call that a crash cuts off is made again with it.`)
}

function revived(reply: JsonObject, field: string): JsonObject {
  const { [field]: about } = reply
  return about === undefined ? reply : { ...reply, [field]: withTime(about as JsonObject) }
}

/** The SDK reads the time of a response as a Date. */
const withTime = (about: JsonObject) =>
  (about.timestamp === undefined ? about : { ...about, timestamp: new Date(String(about.timestamp)) }) as JsonObject

type SdkTool = { execute?(input: unknown, options: object): unknown }

function durableTools(tools: object, ctx: WorkflowContext, given: DurableToolOptions = {}): object {
  const effect = given.effect ?? (given.retry ? 'idempotent' : 'at-most-once')
  const options = { ...given, effect }
  const all = Object.entries(tools as { readonly [name: string]: SdkTool | undefined }).map(([name, tool]) => {
    if (typeof tool !== 'object' || tool === null)
      throw wrong(`tools.${name}: expected a tool of the AI SDK, got ${JSON.stringify(tool) ?? typeof tool}`)
    if (typeof tool.execute !== 'function') return [name, tool]
    const execute = (input: unknown, given: object) =>
      ctx.step(
        `tool-${name}`,
        ({ signal }) => lastOf(tool.execute!(input, { ...given, abortSignal: signal })) as never,
        options,
      )
    return [name, { ...tool, execute }]
  })
  return Object.fromEntries(all)
}

/** A tool may give preliminary results before its last one. */
async function lastOf(made: unknown): Promise<unknown> {
  if (typeof made !== 'object' || made === null || !(Symbol.asyncIterator in made)) return made
  let last: unknown
  for await (const one of made as AsyncIterable<unknown>) last = one
  return last
}
