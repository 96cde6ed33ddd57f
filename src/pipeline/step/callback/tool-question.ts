import { errorOf, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { parseInput } from '../../../tool/input.ts'
import {
  canAnswer,
  questionOf,
  type ToolAnswers,
  type ToolQuestion,
  type ToolQuestionItem,
} from '../../../tool/question.ts'
import { redactErrors } from '../../../tool/secrets.ts'
import { coerceInput } from '../../language/parse/inputs/given-inputs.ts'
import type { CallbackRequest, CallbackResult } from '../../plan/callback.ts'
import { toolContextWith } from '../tool-context.ts'
import { type QuestionMemo, questionRequest } from './await-answers.ts'
import type { CallbackContext, CallbackHandler, CallbackVerdict } from './callback-tool.ts'

/** Continues the call once a person has answered. */
export const toolQuestions: CallbackHandler = {
  ask() {
    throw new TypeError('a tool asks by itself')
  },
  take,
}

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  { services, parameters, key }: CallbackContext,
): Promise<CallbackVerdict> {
  if ('problem' in received) throw errorOf(received.problem)
  const memo = question.memo as unknown as QuestionMemo
  const answers = answersTo(memo.items, received.value)
  if (typeof answers === 'string') return { type: 'refused', problem: wrong(answers), question }
  const tool = services.toolbox.find(memo.tool)
  if (!tool || !canAnswer(tool))
    throw new TerminalError(`the tool ${memo.tool}, which asked, no longer exists`, { code: 'unknown_tool' })
  const { secrets } = services
  const { signal } = new AbortController()
  const context = toolContextWith(services, { signal, idempotencyKey: key, roots: memo.roots, emit() {} })
  const input = await parseInput(tool, parameters)
  const result = await redactErrors(secrets, () => answered(tool.answer(input, memo.state, answers, context)))
  if ('asks' in result)
    return {
      type: 'again',
      delay: 0,
      question: questionRequest(result.asks, question.to, { ...memo, ...asMemo(result.asks) }),
    }
  return { type: 'result', result: secrets ? secrets.hide(result.value) : result.value }
}

const asMemo = ({ state, items }: ToolQuestion) => ({ state, items })

/** A result, or the next question. */
async function answered(work: Promise<Json>): Promise<{ readonly value: Json } | { readonly asks: ToolQuestion }> {
  try {
    return { value: await work }
  } catch (error) {
    const asks = questionOf(error)
    if (asks) return { asks }
    throw error
  }
}

/** The answers, converted to the types of their items, or their fault. */
function answersTo(items: readonly ToolQuestionItem[], value: Json): ToolAnswers | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `expected a map of answers with the keys ${items.map(({ id }) => id).join(', ')}`
  const given = value as ToolAnswers
  const unknown = Object.keys(given).find((id) => !items.some((item) => item.id === id))
  if (unknown !== undefined) return `there is no question ${unknown}`
  const isDeclined = coerceInput('boolean', given.decline ?? null) === true
  const answers: { [id: string]: Json } = {}
  for (const item of items) {
    const answer = given[item.id] ?? null
    const isMissing = answer === null || answer === ''
    if (isMissing && item.required && !isDeclined) return `question ${item.id} requires an answer`
    const read = isMissing ? null : readAnswer(item, answer)
    if (read === undefined) return `${item.id}: expected ${item.type}, got ${JSON.stringify(answer).slice(0, 80)}`
    answers[item.id] = read
  }
  return answers
}

function readAnswer({ type, options = [] }: ToolQuestionItem, answer: Json): Json | undefined {
  const isOption = (one: Json) => options.some((option) => JSON.stringify(option) === JSON.stringify(one))
  if (type === 'choice') return isOption(answer) ? answer : undefined
  if (type !== 'multiple_choice') return coerceInput(type === 'text' ? 'string' : type, answer)
  const several = [answer].flat() as readonly Json[]
  return several.every(isOption) ? several : undefined
}

const wrong = (message: string) => ({ code: 'bad_value', name: 'InvalidError', message, terminal: true })
