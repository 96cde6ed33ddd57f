import type { EffectClass } from '../../kernel/types.ts'
import type { StepSpec } from '../spec.ts'
import { complain, type Reader } from './step.ts'
import { didYouMean } from './suggest.ts'

/** The words of `on_failure:`. */
export const POLICIES = ['fail', 'continue', 'skip', 'retry']

type Policies = Pick<StepSpec, 'onFailure' | 'attempts' | 'timeout' | 'effect'>

/** What happens when a step fails, and how often and how long it is tried. */
export function readPolicies(reader: Reader): Policies {
  const retry = readNumber(reader, 'retry', 0, 100)
  const attempts = retry === undefined ? readNumber(reader, 'max_retries', 0, 100) : retry + 1
  const timeout = readNumber(reader, 'timeout', 0.001, 24 * 60 * 60)
  const effect = readEffect(reader)
  return {
    onFailure: readOnFailure(reader),
    ...(attempts !== undefined && { attempts: Math.max(1, attempts) }),
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
    ...(effect !== undefined && { effect }),
  }
}

/** A number a key may hold; whole unless its least is a fraction. */
export function readNumber(reader: Reader, key: string, least: number, most: number): number | undefined {
  const value = reader.step[key]
  if (value === undefined) return undefined
  const whole = Number.isInteger(least)
  if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  const kind = whole ? 'a whole number' : 'a number of seconds'
  return complain(reader, 'bad_value', key, `\`${key}:\` is ${kind} from ${whole ? least : 0} to ${most}`)
}

function readOnFailure(reader: Reader): 'fail' | 'continue' {
  const { on_failure: policy, continue_on_error: goesOn } = reader.step
  if (goesOn !== undefined && typeof goesOn !== 'boolean') {
    complain(reader, 'bad_value', 'continue_on_error', '`continue_on_error:` is true or false')
  }
  if (policy === undefined) return goesOn === true ? 'continue' : 'fail'
  if (policy === 'fail' || policy === 'continue') return policy
  const name = String(policy)
  const guess = didYouMean(name, ['fail', 'continue'])
  if (POLICIES.includes(name))
    complain(reader, 'not_supported', 'on_failure', `\`on_failure: ${name}\` is not supported`, 'use fail or continue')
  else if (guess) complain(reader, 'bad_value', 'on_failure', `\`${name}\` is no policy`, guess)
  else
    complain(
      reader,
      'not_supported',
      'on_failure',
      '`on_failure:` with a step to go to is not supported',
      'use fail or continue',
    )
  return 'fail'
}

const EFFECTS: readonly EffectClass[] = ['pure', 'idempotent', 'at-most-once']

function readEffect(reader: Reader): EffectClass | undefined {
  const value = reader.step.effect
  if (value === undefined) return undefined
  const effect = EFFECTS.find((known) => known === value)
  return (
    effect ??
    complain(
      reader,
      'bad_value',
      'effect',
      `\`effect:\` is one of ${EFFECTS.join(', ')}`,
      didYouMean(String(value), EFFECTS),
    )
  )
}
