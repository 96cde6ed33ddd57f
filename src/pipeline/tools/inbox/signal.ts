import { z } from 'zod'
import { errorOf, InvalidError } from '../../../errors.ts'
import { inboxRequest } from '../../../step/attempt/inbox-request.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../../../step/call/callback.ts'
import type { StepContext } from '../../../step/call/context.ts'
import { isCallSignal } from '../../../step/messages/call-decision.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import type { InboxPrompt } from '../../../step/messages/inbox-prompt.ts'
import { signalNameSchema } from '../../../step/messages/signal.ts'
import type { AdvisingTool } from '../../../tool/advice.ts'
import { anyValue, booleanParameter, numberParameter, onlyInRuns } from '../../../tool/parameters.ts'
import { adviceOnAnswers, expectedAnswer, judgeWithRetries, parseAnswer } from './prompt.ts'

const input = z.object({
  signal: signalNameSchema.optional(),
  prompt: z.string().min(1).optional(),
  input_type: z.enum(['any', 'text', 'number', 'boolean', 'choice']).default('any'),
  choices: anyValue.optional(),
  default: anyValue.optional(),
  timeout: numberParameter.default(0),
  validation_pattern: z.string().max(500).optional(),
  retry_on_invalid: booleanParameter.default(true),
  max_retries: numberParameter.default(1000),
})
const output = z.object({
  signal: z.string(),
  value: anyValue,
  timed_out: z.boolean(),
  response_time: z.number(),
})

/** `wait-for-signal`: waits for a value that a person or a program sends to the run under a name. */
export const waitForSignal: CallbackTool & AdvisingTool = {
  name: 'wait-for-signal',
  description: 'Waits for a named signal and returns its value',
  input,
  output,
  effect: 'pure',
  execute: onlyInRuns('wait-for-signal'),
  adviceOn: (written) => adviceOnAnswers(input, written),
  asking: { ask, take },
}

function ask(given: z.infer<typeof input>, context: StepContext): CallbackRequest {
  const { signal: name = context.start.step, timeout, retry_on_invalid: again, max_retries: most } = given
  if (isCallSignal(name))
    throw new InvalidError(`${name}: this name is kept for decisions about calls.`, { code: 'bad_value' })
  const title = given.prompt ?? `waits for the signal ${name}`
  const shown: InboxPrompt = { kind: 'signal', title, expects: expectedAnswer(given) }
  return inboxRequest(context, shown, { name, limit: timeout, memo: { name, retries: 0, most: again ? most : 0 } })
}

type Memo = { readonly name: string; readonly retries: number; readonly most: number }

function take(question: CallbackRequest, received: CallbackResult, { ms }: CallbackContext): CallbackVerdict {
  const { expects } = question.body as InboxPrompt
  const memo = question.memo as Memo
  const result = (value: Parameters<typeof parseAnswer>[1], timedOut: boolean): CallbackVerdict => ({
    type: 'result',
    result: { signal: memo.name, value, timed_out: timedOut, response_time: ms / 1000 },
    text: typeof value === 'string' ? value : JSON.stringify(value),
  })
  if ('value' in received)
    return judgeWithRetries(question, memo, () => result(parseAnswer(expects, received.value), false))
  if (received.problem.code === 'timeout' && expects.default !== undefined) return result(expects.default, true)
  throw errorOf(received.problem)
}
