import { errorOf, is, refusal, TerminalError, UnknownError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { ownValue } from '../../../lib/own.ts'
import { type QuestionMemo, questionRequest, waitRequest } from '../../../step/call/await-answers.ts'
import type { CallbackContext, CallbackHandler, CallbackVerdict } from '../../../step/call/callback.ts'
import { toolContextWith } from '../../../step/call/tool-context.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import { parseInput } from '../../../tool/input.ts'
import type { ToolAnswers, ToolQuestion, ToolQuestionItem, ToolWait } from '../../../tool/question.ts'
import { canAnswer, questionOf, waitOf } from '../../../tool/question.ts'
import { redactErrors, storableAnswer } from '../../../tool/secrets.ts'
import { coerceInput } from '../../language/parse/inputs/given-inputs.ts'

/** Continues the call once a person has answered, or looks after its work elsewhere. */
export const toolQuestions: CallbackHandler = {
  ask() {
    throw new TypeError('a tool asks by itself')
  },
  take,
}

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  { services, parameters, key, ms, callFor }: CallbackContext,
): Promise<CallbackVerdict> {
  if ('problem' in received) throw errorOf(received.problem)
  const memo = withTimeLeft(question)
  const isLook = !('signal' in question.to)
  const answers = isLook ? {} : answersTo(memo.items, received.value)
  if (typeof answers === 'string') return { type: 'refused', problem: wrong(answers), question }
  if (memo.repeats) return { type: 'answered', answers }
  const tool = services.toolbox.find(memo.tool)
  if (!tool || !canAnswer(tool))
    throw new TerminalError(`The tool ${memo.tool}, which asked, no longer exists.`, { code: 'unknown_tool' })
  const { secrets } = services
  const { signal } = new AbortController()
  const context = toolContextWith(services, { ...callFor, signal, idempotencyKey: key, roots: memo.roots, emit() {} })
  const input = await parseInput(tool, parameters)
  const result = await redactErrors(secrets, () => continued(tool.answer(input, memo.state, answers, context), isLook))
  if ('missed' in result) return again(lookAfterMiss(memo, result.missed), ms)
  const { misses: _, ...found } = memo
  if ('waits' in result) {
    const { state, delay } = result.waits
    return again({ delay, question: waitRequest({ ...found, state, items: [] }) }, ms)
  }
  if ('asks' in result) {
    const { state, items } = result.asks
    return again({ delay: 0, question: questionRequest(result.asks, { ...found, state, items }) }, ms)
  }
  return storableAnswer(result.value, secrets)
}

type Next = { readonly question: CallbackRequest; readonly delay: number }

/** The timeout of the step counts from its first request. */
function again({ question, delay }: Next, ms: number): CallbackVerdict {
  const { limit } = question.memo as QuestionMemo
  return {
    type: 'again',
    delay,
    question: limit === undefined ? question : { ...question, limit: Math.max(1, limit - ms) },
  }
}

function withTimeLeft({ memo, limit }: CallbackRequest): QuestionMemo {
  const known = memo as QuestionMemo
  return limit === undefined || known.limit !== undefined ? known : { ...known, limit }
}

const MAX_MISSES = 100
const LONGEST_PAUSE_MS = 30_000

/** The service of the work did not answer. That alone is not a reason to give the work up. */
function lookAfterMiss({ misses = 0, ...memo }: QuestionMemo, error: Error): Next {
  if (misses >= MAX_MISSES)
    throw new UnknownError(`Whether the work of ${memo.tool} is over is unknown: ${error.message}`, { cause: error })
  const delay = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** misses)
  return { delay, question: waitRequest({ ...memo, misses: misses + 1 }) }
}

type Continued =
  | { readonly value: Json }
  | { readonly asks: ToolQuestion }
  | { readonly waits: ToolWait }
  | { readonly missed: Error }

/** A result, the next question, or that the work goes on. A look that may succeed later has missed. */
async function continued(work: Promise<Json>, isLook: boolean): Promise<Continued> {
  try {
    return { value: await work }
  } catch (error) {
    const asks = questionOf(error)
    if (asks) return { asks }
    const waits = waitOf(error)
    if (waits) return { waits }
    if (isLook && is(error) && !error.terminal) return { missed: error as Error }
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
    const answer = ownValue(given, item.id) ?? null
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

const wrong = (message: string) => refusal({ code: 'bad_value', message })
