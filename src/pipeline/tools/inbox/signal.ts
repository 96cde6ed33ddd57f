import { z } from 'zod'
import { errorOf } from '../../../errors.ts'
import type { AdvisingTool } from '../../../tool/advice.ts'
import type { CallbackRequest, CallbackResult } from '../../plan/callback.ts'
import { signalNameSchema } from '../../plan/messages/run.ts'
import type { AskingTool, Hearing, Verdict } from '../../step/callback/callback-tool.ts'
import type { Job } from '../../step/context.ts'
import { amount, anything, flag, onlyInRuns } from '../parameters.ts'
import { askPeople, type Shown } from './inbox-item.ts'
import { adviceOnAnswers, answerOf, expectedOf, orAgain } from './prompt.ts'

const input = z.object({
  signal: signalNameSchema.optional(),
  prompt: z.string().min(1).optional(),
  input_type: z.enum(['any', 'text', 'number', 'boolean', 'choice']).default('any'),
  choices: anything.optional(),
  default: anything.optional(),
  timeout: amount.default(0),
  validation_pattern: z.string().max(500).optional(),
  retry_on_invalid: flag.default(true),
  max_retries: amount.default(1000),
})
type Input = z.infer<typeof input>
const output = z.object({
  signal: z.string(),
  value: anything,
  timed_out: z.boolean(),
  response_time: z.number(),
})

/** `wait-for-signal`: whatever a person or a program sends the run under a name. */
export const waitForSignal: AskingTool & AdvisingTool = {
  name: 'wait-for-signal',
  description: 'Waits until the run is sent a signal of that name; its value is the result',
  input,
  output,
  effect: 'pure',
  execute: onlyInRuns('wait-for-signal'),
  adviceOn: (written) => adviceOnAnswers(input, written),
  asking: { ask, take },
}

function ask(given: Input, job: Job): CallbackRequest {
  const { signal: name = job.start.step, timeout, retry_on_invalid: again, max_retries: most } = given
  const title = given.prompt ?? `waits for the signal ${name}`
  const shown: Shown = { kind: 'signal', title, expects: expectedOf(given) }
  return askPeople(job, shown, { name, limit: timeout, memo: { name, retries: 0, most: again ? most : 0 } })
}

type Memo = { readonly name: string; readonly retries: number; readonly most: number }

function take(question: CallbackRequest, heard: CallbackResult, { ms }: Hearing): Verdict {
  const { expects } = question.body as unknown as Shown
  const memo = question.memo as Memo
  const result = (value: Parameters<typeof answerOf>[1], timedOut: boolean): Verdict => ({
    type: 'result',
    result: { signal: memo.name, value, timed_out: timedOut, response_time: ms / 1000 },
    text: typeof value === 'string' ? value : JSON.stringify(value),
  })
  if ('value' in heard) return orAgain(question, memo, () => result(answerOf(expects, heard.value), false))
  if (heard.problem.code === 'timeout' && expects.default !== undefined) return result(expects.default, true)
  throw errorOf(heard.problem)
}
