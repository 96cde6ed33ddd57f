import { expect, it } from 'vitest'
import { outOfMoney } from '../../src/budget/shortfall.ts'
import { problemOf, RetryableError, redactProblem, TerminalError } from '../../src/errors.ts'
import { withFailedReply } from '../../src/model/reply/failed-reply.ts'
import { failureOfCall, mayAskAnother } from '../../src/work/ask-model.ts'
import { nextTryOf } from '../../src/work/provider-wait.ts'

const busy = () => new RetryableError('busy', { code: 'model_rate_limited' })
const redact = (text: string) => text.replaceAll('s3cret', '***')

it('asks another model unless the turn ends or no model would answer', () => {
  const waiting = failureOfCall(busy(), { limit: 60_000, now: () => 0 })
  const short = outOfMoney('too little', { scope: 'run/r', amount: 5 })
  const wrong = new TerminalError('no', { code: 'model_unauthorized' })
  const declined = new TerminalError('no', { code: 'model_filtered' })
  expect([busy(), wrong, declined, waiting, short].map(mayAskAnother)).toEqual([true, true, false, false, false])
})

it('waits for the provider after the last failure, or quotes the reply that could not be used', () => {
  const terms = { limit: 60_000, now: () => 0, hide: redact }
  expect(nextTryOf(failureOfCall(busy(), terms))).toMatchObject({ since: 0, tries: 1 })
  const bad = withFailedReply(new TerminalError('no JSON', { code: 'model_bad_reply' }), 'it is s3cret')
  expect(problemOf(failureOfCall(bad, terms)).data).toEqual({ reply: 'it is ***' })
})

it('removes secrets from a problem', () => {
  const problem = problemOf(new TerminalError('key s3cret', { code: 'x', hint: 'not s3cret' }))
  expect(redactProblem(problem, redact)).toMatchObject({ message: 'key ***', hint: 'not ***' })
  expect(redactProblem(problem)).toEqual(problem)
})
