import { isBusy } from '../../errors.ts'
import type { Directive, Failure } from '../types.ts'

/**
 * The default: five retries with backoff within two minutes, then a dead letter; terminal problems, programming errors
 * and at-most-once effects at once.
 */
export function defaultDirective(failure: Failure): Directive {
  return retryUpTo(failure.class === 'at-most-once' ? 1 : 6)(failure)
}

const RETRY_WINDOW_MS = 120_000

/** A supervise function that makes at most `attempts` attempts in all, with backoff, within two minutes. */
export function retryUpTo(attempts: number): (failure: Failure) => Directive {
  return (failure) => {
    const { problem, attempt, elapsed } = failure
    if (problem.terminal || problem.bug || (attempt >= attempts && !isBusy(problem))) return { type: 'fail' }
    const delay = backoff(failure)
    return elapsed + delay > RETRY_WINDOW_MS ? { type: 'fail' } : { type: 'retry', delay }
  }
}

/** ms until the next attempt: the problem's delay, else 200 ms doubled up to 30 s, with jitter from the message id. */
export function backoff({ problem, attempt, message }: Failure): number {
  if (problem.delay !== undefined) return problem.delay
  const [first = 0, second = 0] = [...message.id.slice(0, 2)].map((character) => character.charCodeAt(0))
  const spread = 1 + ((first * 31 + second) % 64) / 256
  return Math.round(Math.min(30_000, 200 * 2 ** (attempt - 1)) * spread)
}

const DIRECTIVE_KEY = Symbol.for('antiphon.directive')

/** The error of an effect with its supervision's decision, which is carried out unless `receive` catches it. */
export function withDirective(error: Error, directive: Directive): Error {
  return Object.assign(error, { [DIRECTIVE_KEY]: directive })
}

/** The directive for an uncaught error of a turn. Without one it is a bug, and the message becomes a dead letter. */
export function directiveOf(error: unknown): Directive {
  try {
    return (error as { [DIRECTIVE_KEY]?: Directive } | null)?.[DIRECTIVE_KEY] ?? { type: 'fail' }
  } catch {
    // a thrown proxy may throw at whoever looks at it
    return { type: 'fail' }
  }
}
