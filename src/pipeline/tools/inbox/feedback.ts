import { z } from 'zod'
import { errorOf, InvalidError, refusal } from '../../../errors.ts'
import { deriveId } from '../../../kernel/commit.ts'
import type { JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { canAskPeople, inboxRequest, noTerminal } from '../../../step/attempt/inbox-request.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../../../step/call/callback.ts'
import type { StepContext } from '../../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import type { InboxPrompt } from '../../../step/messages/inbox-prompt.ts'
import { pathsAt } from '../../../tool/builtin/filesystem/path.ts'
import { contextHere } from '../../../tool/once/call-parts.ts'
import {
  anyValue,
  booleanParameter,
  channelParameter,
  jsonOr,
  numberParameter,
  onlyInRuns,
} from '../../../tool/parameters.ts'
import { resolveInRoots } from '../../../tool/roots.ts'
import { coerceInput } from '../../language/parse/inputs/given-inputs.ts'

const TYPES = ['text', 'rating', 'scale', 'number', 'boolean', 'yes_no', 'choice', 'multiple_choice'] as const
const item = z.object({
  id: z.coerce.string().min(1).max(200),
  type: z.enum(TYPES).default('text'),
  text: z.string().optional(),
  question: z.string().optional(),
  options: z.array(z.json()).optional(),
  choices: z.array(z.json()).optional(),
})
type Item = z.infer<typeof item>
const list = <T extends z.ZodType>(of: T) => jsonOr(z.array(of))
const input = z.object({
  title: z.string().default('Feedback'),
  questions: list(item),
  required_questions: list(z.coerce.string()).optional(),
  anonymous: booleanParameter.default(false),
  save_to_file: z.string().optional(),
  context: channelParameter,
  timeout: numberParameter.default(0),
})
const output = z.object({
  feedback_id: z.string(),
  responses: z.record(z.string(), anyValue),
  summary: z.record(z.string(), anyValue),
  anonymous: z.boolean(),
  response_time: z.number(),
  path: z.string().optional(),
})

/** `feedback-collection`: answers to several questions at once. */
export const feedbackCollection: CallbackTool = {
  name: 'feedback-collection',
  description: 'Asks a person several questions',
  input,
  output,
  effect: 'pure',
  changes: pathsAt(['save_to_file']),
  execute: onlyInRuns('feedback-collection'),
  asking: { ask, take },
}

type Memo = {
  readonly required: readonly string[]
  readonly anonymous: boolean
  readonly file?: string
  readonly roots: readonly string[]
}

async function ask(given: z.infer<typeof input>, stepContext: StepContext): Promise<CallbackRequest> {
  const { title, questions, required_questions: required = [], anonymous, save_to_file: file, context = 'api' } = given
  const unknown = required.find((id) => !questions.some((one) => one.id === id))
  if (unknown !== undefined)
    throw new InvalidError(`required_questions: there is no question ${unknown}.`, { code: 'bad_value' })
  if (!canAskPeople(stepContext, context)) throw noTerminal(`\`${title}\``)
  const { services, roots } = stepContext
  // reported before anybody is asked
  if (file !== undefined) await resolveInRoots(file, { root: services.root, roots })
  const shown: InboxPrompt = {
    kind: 'feedback',
    title,
    expects: { type: 'answers', questions: questions as readonly { readonly [field: string]: Json }[] },
  }
  const memo: Memo = { required, anonymous, ...(file !== undefined && { file }), roots }
  return inboxRequest(stepContext, shown, { limit: given.timeout, memo })
}

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  callback: CallbackContext,
): Promise<CallbackVerdict> {
  if ('problem' in received) throw errorOf(received.problem)
  const { expects } = question.body as InboxPrompt
  const items = expects.questions as readonly Item[]
  const memo = question.memo as Memo
  const responses = responsesTo(items, memo, received.value)
  if ('problem' in responses) return { type: 'refused', problem: responses.problem, question }
  const id = `feedback_${deriveId(callback.key, 'feedback')}`
  const result = {
    feedback_id: id,
    responses: responses.all,
    anonymous: memo.anonymous,
    summary: summaryOf(items, responses.all),
    response_time: callback.ms / 1000,
  }
  if (memo.file !== undefined) await save(memo.file, result, memo, callback)
  return { type: 'result', result: { ...result, ...(memo.file !== undefined && { path: memo.file }) } }
}

function responsesTo(items: readonly Item[], { required }: Memo, value: Json) {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problem: wrong('expected a map of answers by the ids of the questions') }
  const given = value as JsonObject
  const all: [id: string, answer: Json][] = []
  const unknown = Object.keys(given).find((id) => !items.some((one) => one.id === id))
  if (unknown !== undefined) return { problem: wrong(`there is no question ${unknown}`) }
  for (const one of items) {
    const answer = Object.hasOwn(given, one.id) ? given[one.id]! : null
    const isMissing = answer === null || answer === ''
    if (isMissing && required.includes(one.id)) return { problem: wrong(`question ${one.id} requires an answer`) }
    const read = isMissing ? null : readAnswer(one, answer)
    if (read === undefined)
      return { problem: wrong(`${one.id}: expected ${one.type}, got ${JSON.stringify(answer).slice(0, 80)}`) }
    all.push([one.id, read])
  }
  // by entries: a question may be called __proto__
  return { all: Object.fromEntries(all) }
}

const wrong = (message: string) => refusal({ code: 'bad_value', message })

/** The answer in the type of its question; undefined if it does not fit. */
function readAnswer({ type, options, choices = options }: Item, answer: Json): Json | undefined {
  const isChoice = (one: Json) => !choices || choices.some((choice) => JSON.stringify(choice) === JSON.stringify(one))
  switch (type) {
    case 'rating':
    case 'scale':
    case 'number':
      return coerceInput('number', answer)
    case 'boolean':
    case 'yes_no':
      return coerceInput('boolean', answer)
    case 'choice':
      return isChoice(answer) ? answer : undefined
    case 'multiple_choice': {
      const several = Array.isArray(answer) ? answer : [answer]
      return several.every(isChoice) ? several : undefined
    }
    case 'text':
      return coerceInput('string', answer)
  }
}

function summaryOf(items: readonly Item[], responses: JsonObject): Json {
  const of = (...types: readonly string[]) =>
    items.filter(({ id, type }) => types.includes(type) && responses[id] !== null).map(({ id }) => id)
  const ratings = of('rating', 'scale').map((id) => responses[id] as number)
  const average = ratings.length === 0 ? null : ratings.reduce((sum, one) => sum + one, 0) / ratings.length
  return {
    rating_average: average,
    boolean_summary: Object.fromEntries(of('boolean', 'yes_no').map((id) => [id, responses[id]!])),
    answered: items.filter(({ id }) => responses[id] !== null).length,
  }
}

async function save(path: string, content: Json, { roots }: Memo, { services, key }: CallbackContext): Promise<void> {
  const write = services.toolbox.find('filesystem', 'write')!
  const { signal } = new AbortController()
  const asked = {
    path,
    content: JSON.stringify(content, null, 2),
    mode: 'write',
    encoding: 'utf-8',
    create_directories: true,
  }
  const context = { signal, idempotencyKey: key, root: services.root, roots, emit: () => {} }
  await write.execute(asked, contextHere(context))
}
