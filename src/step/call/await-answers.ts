import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { ToolQuestion, ToolQuestionItem, ToolWait } from '../../tool/question.ts'
import type { Tool } from '../../tool/tool.ts'
import { type CallbackRequest, isSignalTarget } from '../messages/callback.ts'
import type { StepParameters } from '../record/outcome.ts'
import { storeRef } from '../values.ts'
import type { StepContext, StepResult } from './context.ts'

/** The name under which a step waits for the answer to a question of its tool. */
export const TOOL_QUESTION = 'tool-question'

/** How an answer is taken: `answer` of a tool is the second half of an effect, and must not be repeated either. */
export function effectOfAnswer(asking: string, { to, memo }: CallbackRequest): { readonly effect?: 'at-most-once' } {
  const isContinued = asking === TOOL_QUESTION && isSignalTarget(to) && !(memo as QuestionMemo).repeats
  return isContinued ? { effect: 'at-most-once' } : {}
}

/** A question for which a step waits, or work elsewhere, which has no items. */
export type QuestionMemo = {
  readonly tool: string
  readonly state: Json
  /** the step itself, which looks after the work, and the signal of its questions */
  readonly self: ActorRef
  readonly signal: string
  /** how often in a row nobody answered who knows of the work */
  readonly misses?: number
  /** the timeout of the step, in ms */
  readonly limit?: number
  readonly roots: readonly string[]
  readonly items: readonly ToolQuestionItem[]
  /** the call is made again with the answers */
  readonly repeats?: true
}

/**
 * The step waits in the inbox for the answer to its tool's question. TerminalError for a call that may be repeated, and
 * for a call with secrets, unless the tool says that it goes on when it is called again.
 */
export async function awaitAnswers(
  tool: Tool,
  question: ToolQuestion,
  { parameters, hasSecrets }: { readonly parameters: StepParameters; readonly hasSecrets: boolean },
  context: StepContext,
): Promise<StepResult> {
  const { services, roots, start } = context
  const { repeats } = question
  if (!repeats && start.policy.effect !== 'at-most-once')
    throw refused(`${tool.name} asks a person: a call that may be repeated would ask twice.`)
  if (hasSecrets) throw refused(`${tool.name} asks a person: a call with secrets cannot wait, as nothing keeps them.`)
  const again = repeats && { repeats }
  const about = { tool: tool.name, roots, self: context.self, signal: start.step, ...again }
  const asked = questionRequest(question, { ...about, state: question.state, items: question.items })
  return resultOf(asked, parameters, services)
}

/** The step follows its tool's work elsewhere until it ends. The facts that this needs are committed first. */
export async function awaitWork(
  tool: Tool,
  { state }: ToolWait,
  parameters: StepParameters,
  { services, roots, start, self }: StepContext,
): Promise<StepResult> {
  const asked = waitRequest({ tool: tool.name, roots, self, signal: start.step, state, items: [] })
  return resultOf(asked, parameters, services)
}

async function resultOf(
  question: CallbackRequest,
  parameters: StepParameters,
  { values }: StepContext['services'],
): Promise<StepResult> {
  return { type: 'ask', asking: TOOL_QUESTION, question, parameters: await storeRef(values, parameters) }
}

/** The request of a step to itself to look after work elsewhere. */
export const waitRequest = (memo: QuestionMemo): CallbackRequest => ({ to: memo.self, body: { type: 'look' }, memo })

/** The request to people, with the data to continue the call. */
export function questionRequest({ title, items }: ToolQuestion, memo: QuestionMemo): CallbackRequest {
  const questions = items.map(({ required, text, ...item }) => ({
    ...item,
    text: required ? text : `${text} (optional)`,
  }))
  const body = { kind: 'feedback', title, expects: { type: 'answers', questions } }
  return { to: { signal: memo.signal }, body, memo }
}

const refused = (message: string) => new TerminalError(message, { code: 'not_supported' })
