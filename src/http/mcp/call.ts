import { randomUUID } from 'node:crypto'
import type { CallToolResult, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server'
import type { McpServing } from '../../config/mcp-serving.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { isStep, type StepItem } from '../../inbox/room/port.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { nameOfQuestion } from '../../step/messages/call-names.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import { IDEMPOTENCY_META } from '../../tool/mcp/server.ts'
import { scopeAwaited } from '../../work/wait.ts'
import { type Asked, giveAnswer, stillOpen } from './answers.ts'
import { digestOf, type McpCaller } from './caller.ts'
import { type CallInput, offersFor } from './offers/offers.ts'
import { formOf, isForm, isTooLong, readResponse } from './questions.ts'
import { errorResult, metaOf, problemResult } from './results.ts'
import { standingOf } from './standing.ts'
import { newTask } from './tasks.ts'
import { type CallWork, resumeWork, type WorkItem } from './work.ts'

/** The state that a client keeps while its call waits. It is signed, so that no client can change it. */
export type CallState = {
  readonly tool: string
  readonly work: CallWork
  /** the questions, by the names of the requests */
  readonly asked: { readonly [name: string]: Asked }
}

/** A request for a call of a tool, and how to ask the person at the client. */
type ToolRequestParts = {
  readonly caller: McpCaller
  readonly serving: McpServing
  readonly context: ServerContext
  /** whether the client can show a form */
  readonly canAsk: boolean
  /** whether the client may get a task instead of a result */
  readonly takesTasks: boolean
  sign(state: CallState): Promise<string>
}

/** ms for which a client that takes tasks waits for a result first: many calls end at once. */
const PATIENCE_MS = 500
/** ms between two notifications about the progress of one call. */
const MIN_INTERVAL_MS = 1_000

/** Calls a tool, or goes on with a call that waited. Errors are results, except NotFoundError `unknown_tool`. */
export async function callTool(
  name: string,
  input: CallInput,
  parts: ToolRequestParts,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const { caller, context, serving } = parts
    const { requestState, signal } = context.mcpReq
    const state = requestState<CallState>()
    if (state) return await goOn(name, state, parts)
    const offers = await offersFor(caller, serving)
    const offer = offers.get(name)
    if (!offer) throw new UnknownToolError(name, [...offers.keys()])
    const id = callId(caller, name, input, context.mcpReq._meta?.[IDEMPOTENCY_META])
    const started = await offer.call(input, { name, id, signal })
    return 'result' in started ? started.result : await follow(name, started.work, parts)
  } catch (error) {
    if (parts.context.mcpReq.signal.aborted || error instanceof UnknownToolError) throw error
    return errorResult(error)
  }
}

/** The id of the work that a call starts: the same for a repeated call, another one for other arguments. */
function callId({ owner }: McpCaller, name: string, input: CallInput, key: unknown): string {
  if (key === undefined) return randomUUID()
  if (typeof key !== 'string' || key.length === 0 || key.length > 1000)
    throw new InvalidError(`_meta.${IDEMPOTENCY_META}: expected a text of 1 to 1000 characters.`, {
      place: { path: `_meta.${IDEMPOTENCY_META}` },
    })
  return digestOf(['mcp', owner, key, name, canonicalJson(input)])
}

/** A call of nothing: an error of the protocol, since no tool failed. */
class UnknownToolError extends NotFoundError {
  constructor(name: string, known: readonly string[]) {
    const near = nearestWord(name, known)
    super(`There is no tool ${name.slice(0, 100)}.`, {
      code: 'unknown_tool',
      hint: near === undefined ? 'tools/list shows all tools that this key may call.' : `Did you mean ${near}?`,
    })
  }
}

async function goOn(
  name: string,
  state: CallState,
  parts: ToolRequestParts,
): Promise<CallToolResult | InputRequiredResult> {
  if (state.tool !== name)
    throw new InvalidError(`The requestState belongs to a call of ${state.tool}.`, { place: { path: 'requestState' } })
  const { inputResponses = {} } = parts.context.mcpReq
  let complaint: string | undefined
  for (const [request, asked] of Object.entries(state.asked)) {
    const response = readResponse(inputResponses[request])
    if (!response) continue
    const item = await stillOpen(parts.caller, asked)
    // it was answered elsewhere meanwhile
    if (!item) continue
    const given = await giveAnswer(parts.caller, item, response)
    if (given.type === 'left') return waiting(state.work, [item])
    if (given.type === 'refused') complaint = given.message
  }
  // an earlier process may have left it
  await resumeWork(parts.caller.client, state.work)
  return follow(name, state.work, parts, complaint)
}

/** Waits for the end of work. Questions to a person go to the client, if it can show a form. */
async function follow(
  tool: string,
  work: CallWork,
  { caller, context, canAsk, takesTasks, sign }: ToolRequestParts,
  complaint?: string,
): Promise<CallToolResult | InputRequiredResult> {
  const standing = await standingOf(caller.client, work, {
    signal: context.mcpReq.signal,
    tell: progressTeller(context),
    ...(takesTasks && { patience: PATIENCE_MS }),
  })
  if (standing.type === 'ended') return standing.result
  if (standing.type === 'works') return newTask(caller, work)
  const items = standing.items.filter(isForm)
  if (!canAsk || items.length === 0) return takesTasks ? newTask(caller, work) : waiting(work, standing.items)
  const named = nameAll(items)
  const asked = Object.fromEntries(
    named.map(([name, { run, step, signal, since }]) => [name, { run, step, signal, since }]),
  )
  const requests = named.map(([name, item]) => [
    name,
    { method: 'elicitation/create', params: formOf(item, complaint) },
  ])
  return {
    resultType: 'input_required',
    inputRequests: Object.fromEntries(requests),
    requestState: await sign({ tool, work, asked }),
  } as InputRequiredResult
}

/** Names each question after its step or gate. If several runs have a name, all but the first get a number. */
function nameAll(items: readonly StepItem[]): readonly (readonly [name: string, item: StepItem])[] {
  const taken = new Map<string, number>()
  return items.map((item) => {
    const name = nameOfQuestion(item)
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    return [count === 1 ? name : `${name}#${count}`, item]
  })
}

/** The result for a client that cannot ask a person: what waits, and how to answer it. */
function waiting(work: CallWork, items: readonly WorkItem[]): CallToolResult {
  const what = items.map(({ title }) => title).join('; ')
  const { kind, id } = work
  return {
    ...problemResult({
      code: 'waiting',
      message: `The ${kind} waits for a person: ${what}`,
      place: { [kind]: id },
      hint: `A person goes on with: ${items.map(commandFor).join(' or ')}. Then call the tool \`result\` with {"run": ${JSON.stringify(id)}}.`,
    }),
    _meta: metaOf(work),
  }
}

/** The command that goes on with it. */
function commandFor(item: WorkItem): string {
  const { signal = '' } = item
  if (item.expects.type === 'money') return `antiphon budget raise ${scopeAwaited(signal) ?? signal} DOLLARS`
  if (!isStep(item)) return `antiphon agent resume ${item.goal}`
  if (item.expects.type === 'settlement') return `antiphon settle ${item.run} ${item.step} done`
  if (isTooLong(item)) return `antiphon inbox ${item.run}`
  return `antiphon signal ${item.run} ${signal} ${item.kind === 'approval' ? 'approve' : 'VALUE'}`
}

/** Tells a client that asked for it how far its call got, so it knows that the call and its run are alive. */
function progressTeller({ mcpReq: { _meta, notify } }: ServerContext): (message: string) => Promise<void> {
  const progressToken = _meta?.progressToken
  let progress = 0
  let last = Number.NEGATIVE_INFINITY
  return async (message) => {
    progress++
    if (progressToken === undefined || performance.now() - last < MIN_INTERVAL_MS) return
    last = performance.now()
    await notify({ method: 'notifications/progress', params: { progressToken, progress, message } })
  }
}
