import { z } from 'zod'
import { errorOf, InvalidError, type Problem, problemOf, TerminalError } from '../../../errors.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import { canAskPeople, inboxRequest, noTerminal } from '../../../step/attempt/inbox-request.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../../../step/call/callback.ts'
import type { StepContext, ValueResult } from '../../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import type { ExpectedAnswer, InboxPrompt } from '../../../step/messages/inbox-prompt.ts'
import { matchesFromStart } from '../../../template/regex/match.ts'
import type { AdvisingTool, ToolAdvice, WrittenParameters } from '../../../tool/advice.ts'
import { anyValue, booleanParameter, channelParameter, numberParameter, onlyInRuns } from '../../../tool/parameters.ts'
import { isLiteral } from '../../language/actions/literals.ts'
import { coerceInput } from '../../language/parse/inputs/given-inputs.ts'
import { parseListText } from '../../language/parse/inputs/list-text.ts'

const types = ['text', 'multiline', 'number', 'boolean', 'choice', 'password'] as const
const input = z.object({
  prompt: z.string().min(1),
  input_type: z.enum(types).default('text'),
  choices: anyValue.optional(),
  default: anyValue.optional(),
  context: channelParameter,
  timeout: numberParameter.default(0),
  validation_pattern: z.string().max(500).optional(),
  retry_on_invalid: booleanParameter.default(true),
  max_retries: numberParameter.default(3),
})
type Input = z.infer<typeof input>
const output = z.object({
  value: anyValue,
  response_time: z.number(),
  skipped: z.boolean(),
  used_default: z.boolean(),
  retries: z.int(),
})

/** `user-prompt`: one value from a person, at the terminal that follows the run or by `antiphon inbox`. */
export const userPrompt: CallbackTool & AdvisingTool = {
  name: 'user-prompt',
  description: 'Asks a person for a value',
  input,
  output,
  effect: 'pure',
  execute: onlyInRuns('user-prompt'),
  adviceOn: (written) =>
    written.input_type === 'password'
      ? [{ parameter: 'input_type', message: NO_PASSWORDS, hint: INSTEAD, refused: 'not_supported' }]
      : adviceOnAnswers(input, written),
  asking: { ask, take },
}

function ask(given: Input, stepContext: StepContext): CallbackRequest | ValueResult {
  const { prompt, timeout, max_retries: most, retry_on_invalid: again, context = 'cli' } = given
  if (given.input_type === 'password') throw noPasswords()
  const expects = expectedAnswer(given)
  if (!canAskPeople(stepContext, context)) {
    if (expects.default === undefined) throw noTerminal(`\`${prompt}\``)
    return result(expects.default, { skipped: true, used_default: true, retries: 0, ms: 0 })
  }
  const shown: InboxPrompt = { kind: 'prompt', title: prompt, expects }
  return inboxRequest(stepContext, shown, { limit: timeout, memo: { retries: 0, most: again ? most : 0 } })
}

/** Advice on authored parameters that nobody could answer. */
export function adviceOnAnswers(schema: z.ZodType<Asked>, written: WrittenParameters): readonly ToolAdvice[] {
  const given = isLiteral(written) ? schema.safeParse(written).data : undefined
  if (!given) return []
  const { input_type: type, choices, validation_pattern: pattern = '' } = given
  const [bad] = faultIn(
    () => matchesFromStart(pattern, ''),
    'validation_pattern',
    'Expected a pattern that matches an answer from its start.',
  )
  if (bad) return [bad]
  if (type === 'choice' && (choices == null || isEmpty(choices)))
    return [
      {
        parameter: 'choices',
        message: 'input_type choice requires `choices`',
        hint: 'For example: choices: [red, blue]',
      },
    ]
  return faultIn(() => expectedAnswer(given), 'default', 'Expected a default that is a valid answer.')
}

const isEmpty = (choices: Json) => Array.isArray(choices) && choices.length === 0

function faultIn(look: () => unknown, parameter: string, hint: string): readonly ToolAdvice[] {
  try {
    look()
    return []
  } catch (error) {
    return [{ parameter, message: problemOf(error).message, hint }]
  }
}

const NO_PASSWORDS = 'input_type password is not supported: a run stores its answers, and never a password.'
const INSTEAD = 'Store it with `antiphon keys set NAME`, and pass it to a tool as `secret://NAME`.'

const noPasswords = () => new TerminalError(NO_PASSWORDS, { code: 'not_supported', hint: `${INSTEAD}.` })

type Asked = Pick<Input, 'choices' | 'default' | 'validation_pattern'> & {
  readonly input_type: Exclude<ExpectedAnswer['type'], 'approval' | 'answers' | 'settlement'> | 'password'
}

/** The form of the answer, with choices and default as values of their type. */
export function expectedAnswer({
  input_type: type,
  choices,
  default: given,
  validation_pattern: pattern,
}: Asked): ExpectedAnswer {
  if (type === 'password') throw noPasswords()
  // an invalid pattern is reported before anybody is asked
  if (pattern !== undefined) matchesFromStart(pattern, '')
  const expected: ExpectedAnswer = {
    type: type === 'text' && choices != null ? 'choice' : type,
    ...(choices != null && {
      choices: parseListText(choices).map((one) => (typeof one === 'string' ? one.trim() : one)),
    }),
    ...(pattern !== undefined && { pattern }),
  }
  if (expected.type === 'choice' && !expected.choices?.length)
    throw new TerminalError('parameters.choices: expected at least one choice.', { code: 'missing_parameter' })
  if (given === undefined || given === null) return expected
  return { ...expected, default: parseAnswer(expected, typeof given === 'string' ? given.trim() : given) }
}

/** The value of an answer. InvalidError when it does not fit. */
export function parseAnswer({ type, choices = [], pattern }: ExpectedAnswer, answer: Json): Json {
  const value = readAnswer(type, choices, answer)
  if (value === undefined)
    throw wrong(answer, type === 'choice' ? `one of ${shownChoices(choices)}` : TYPE_NAMES[type]!)
  if (pattern !== undefined && !matchesFromStart(pattern, asText(value).slice(0, MAX_MATCHED_CHARS)))
    throw wrong(answer, `an answer that matches ${pattern}`)
  return value
}

const TYPE_NAMES: { readonly [type: string]: string } = {
  text: 'a text',
  multiline: 'a text',
  number: 'a number',
  boolean: 'yes or no',
}
/** The characters of an answer that a pattern is matched against. */
const MAX_MATCHED_CHARS = 10_000

function readAnswer(type: ExpectedAnswer['type'], choices: readonly Json[], answer: Json): Json | undefined {
  switch (type) {
    case 'text':
    case 'multiline':
      return answer === null ? undefined : coerceInput('string', answer)
    case 'number':
    case 'boolean':
      return coerceInput(type, answer)
    case 'choice':
      return choices.find((choice) => textOf(choice) === textOf(answer))
    default:
      return answer
  }
}

const textOf = (value: Json) => (typeof value === 'string' ? value.trim() : JSON.stringify(value))
const shownChoices = (choices: readonly Json[]) => choices.slice(0, 20).map(textOf).join(', ')

function wrong(answer: Json, expected: string): InvalidError {
  return new InvalidError(`Expected ${expected}, got ${JSON.stringify(answer).slice(0, 80)}.`, { code: 'bad_value' })
}

type Memo = { readonly retries: number; readonly most: number }

function take(question: CallbackRequest, received: CallbackResult, { ms }: CallbackContext): CallbackVerdict {
  const { expects } = question.body as InboxPrompt
  const { retries, most } = question.memo as Memo
  if ('problem' in received) {
    if (received.problem.code !== 'timeout' || expects.default === undefined) throw errorOf(received.problem)
    return result(expects.default, { skipped: true, used_default: true, retries, ms })
  }
  const isEmpty = received.value === null || received.value === ''
  if (isEmpty && expects.default !== undefined)
    return result(expects.default, { skipped: false, used_default: true, retries, ms })
  return judgeWithRetries(question, { retries, most }, () =>
    result(parseAnswer(expects, received.value), { skipped: false, used_default: false, retries, ms }),
  )
}

/** Refuses an invalid answer as often as allowed, while the request stays open. After that the step fails. */
export function judgeWithRetries(
  question: CallbackRequest,
  { retries, most, ...memo }: Memo,
  judge: () => CallbackVerdict,
): CallbackVerdict {
  try {
    return judge()
  } catch (error) {
    const problem: Problem = problemOf(error)
    if (retries >= most) throw error
    return { type: 'refused', problem, question: { ...question, memo: { ...memo, retries: retries + 1, most } } }
  }
}

function result(
  value: Json,
  { ms, ...facts }: { skipped: boolean; used_default: boolean; retries: number; ms: number },
): ValueResult {
  return {
    type: 'result',
    result: { value, response_time: ms / 1000, ...facts },
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }
}
