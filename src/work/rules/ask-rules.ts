import { is, problemOf, TerminalError } from '../../errors.ts'
import { inTime } from '../../lib/time/in-time.ts'
import type { Rule } from './house-rules.ts'

export type AskedCall<Given, Answer> = {
  /** the outer ones first */
  readonly rules: readonly Rule[]
  readonly given: Given
  readonly limit: number
  /** Asks one rule. */
  ask(rule: Rule, given: Given, next: (changed?: Given) => Promise<Answer>): unknown
  /** The call as the rules left it, just before it is made. Throws if it may not be made so. */
  accept(given: Given): Promise<Given> | Given
  /** An answer of a rule, if it fits. `called`: the answer of the call; absent: the rule answers in its place. */
  read(answer: unknown, called?: Answer): Answer
  /** The error of a rule that failed after the call, and of a call that was made. */
  made(why: TerminalError, called: Answer): Error
}

/**
 * The answer of the rules. `call`: the call is due; `end` gives its outcome to the rules, and resolves with the answer
 * that they leave. An error of the call stays its error.
 */
export type RulesAnswer<Given, Answer> =
  | { readonly type: 'answered'; readonly answer: Answer }
  | { readonly type: 'call'; readonly given: Given; end(called: Promise<Answer>): Promise<Answer> }

/**
 * Asks the rules around a call, until they answer in its place, refuse it, or let it be made.
 * @throws TerminalError `rule_refused` or `rule_failed`: the call must not be made
 */
export function askRules<Given, Answer>(asked: AskedCall<Given, Answer>): Promise<RulesAnswer<Given, Answer>> {
  const before = Promise.withResolvers<RulesAnswer<Given, Answer>>()
  const call = Promise.withResolvers<Answer>()
  call.promise.catch(() => {})
  const makeCall = async (given: Given): Promise<Answer> => {
    before.resolve({ type: 'call', given: await asked.accept(given), end })
    return call.promise
  }
  const whole = asked.rules.reduceRight<(given: Given) => Promise<Answer>>(
    (inner, rule) => (given) => askRule(asked, rule, given, inner),
    makeCall,
  )(asked.given)
  whole.then((answer) => before.resolve({ type: 'answered', answer }), before.reject)
  async function end(called: Promise<Answer>): Promise<Answer> {
    called.then(call.resolve, call.reject)
    await called
    return whole
  }
  return before.promise
}

async function askRule<Given, Answer>(
  { ask, read, made, limit }: AskedCall<Given, Answer>,
  rule: Rule,
  given: Given,
  inner: (given: Given) => Promise<Answer>,
): Promise<Answer> {
  const handed = Promise.withResolvers<void>()
  let call: Promise<Answer> | undefined
  let isOver = false
  const next = (changed = given): Promise<Answer> => {
    if (isOver || call) return Promise.reject(failed(rule, isOver ? 'it called `next` too late' : NEXT_TWICE))
    call = inner(changed)
    call.catch(() => {})
    handed.resolve()
    return call
  }
  const work = (async () => ask(rule, given, next))()
  const late = () => new Error(`it took longer than ${limit / 1000} s`)
  let answer: unknown
  try {
    answer = await inTime(Promise.race([work, handed.promise]), limit, late)
  } catch (error) {
    isOver = true
    throw isRefusal(error) ? error : failed(rule, problemOf(error).message, error)
  }
  work.catch(() => {})
  if (!call) {
    isOver = true
    return read(answer)
  }
  // the error of the call, or the refusal of an inner rule, stands
  const called = await call
  try {
    const left = await inTime(work, limit, late)
    return left === undefined ? called : read(left, called)
  } catch (error) {
    const why = `The rules of ${rule.name} failed after the call was made: ${problemOf(error).message}`
    throw made(new TerminalError(why, { code: RULE_FAILED, cause: error }), called)
  }
}

const NEXT_TWICE = 'it called `next` twice'
const RULE_FAILED = 'rule_failed'
const RULE_REFUSED = 'rule_refused'

const failed = ({ name }: Rule, why: string, cause?: unknown) =>
  new TerminalError(`The call was not made, because the rules of ${name} failed: ${why}`, { code: RULE_FAILED, cause })

const isRefusal = (error: unknown): boolean => is(error) && error.code === RULE_REFUSED

/** Refuses a call in the name of a rule. */
export const refuserOf =
  ({ name }: Rule) =>
  (reason: string): never => {
    throw new TerminalError(`The rules of ${name} refuse this call: ${String(reason).slice(0, MAX_REASON)}`, {
      code: RULE_REFUSED,
    })
  }

/** Characters of a reason. */
const MAX_REASON = 2000
