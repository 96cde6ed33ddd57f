import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ToolQuestion, ToolQuestionItem } from '../../../tool/question.ts'
import type { Tool } from '../../../tool/tool.ts'
import type { CallbackRequest } from '../../plan/callback.ts'
import type { StepParameters } from '../../plan/compiled.ts'
import { storeRef } from '../../plan/refs.ts'
import type { StepContext, StepResult } from '../context.ts'

/** The name under which a step waits for the answer to a question of its tool. */
export const TOOL_QUESTION = 'tool-question'

/** The continuation of a call is the second half of an effect, and must not be repeated either. */
export const TOOL_QUESTION_EFFECT = { effect: 'at-most-once' } as const

/** A question for which a step waits. */
export type QuestionMemo = {
  readonly tool: string
  readonly state: Json
  readonly roots: readonly string[]
  readonly items: readonly ToolQuestionItem[]
}

/**
 * The step waits in the inbox for the answer to its tool's question. TerminalError for a call that may be repeated, and for a call with
 * secrets.
 */
export async function awaitAnswers(
  tool: Tool,
  question: ToolQuestion,
  { parameters, hasSecrets }: { readonly parameters: StepParameters; readonly hasSecrets: boolean },
  context: StepContext,
): Promise<StepResult> {
  const { services, roots, start } = context
  if (start.policy.effect !== 'at-most-once')
    throw refused(`${tool.name} asks a person: a call that may be repeated would ask twice`)
  if (hasSecrets) throw refused(`${tool.name} asks a person: a call with secrets cannot wait, since nothing keeps them`)
  const memo: QuestionMemo = { tool: tool.name, state: question.state, roots, items: question.items }
  const asked = questionRequest(question, { signal: start.step }, memo)
  return {
    type: 'ask',
    asking: TOOL_QUESTION,
    question: asked,
    parameters: await storeRef(services.values, parameters),
  }
}

/** The request to people, with the data to continue the call. */
export function questionRequest(
  { title, items }: ToolQuestion,
  to: CallbackRequest['to'],
  memo: QuestionMemo,
): CallbackRequest {
  const questions = items.map(({ required, text, ...item }) => ({
    ...item,
    text: required ? text : `${text} (optional)`,
  }))
  const body = { kind: 'feedback', title, expects: { type: 'answers', questions } }
  return { to, body: body as unknown as Json, memo: memo as unknown as Json }
}

const refused = (message: string) => new TerminalError(message, { code: 'not_supported' })
