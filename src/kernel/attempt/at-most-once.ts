import type { SentMark } from '../faults.ts'
import type { EffectTiming, Journal } from '../journal.ts'
import type { EffectCall, EffectOutcome } from '../types.ts'

type Begin = NonNullable<EffectCall['begin']>

type OnceAttempt = {
  /** whether the effect says when its work begins; else its work begins at once */
  readonly begins: boolean
  readonly sent?: SentMark | undefined
  perform(begin?: Begin): Promise<EffectOutcome>
  /** the outcome of an attempt that an earlier process has marked, and not ended */
  unknown(): Promise<EffectOutcome>
}

const MARKED: EffectTiming = { start: 'durable', until: 'durable' }
const AT_ONCE: EffectTiming = { start: 'now', until: 'recorded' }

/**
 * Makes an attempt whose mark is on disk before its work begins. A mark without an outcome, found on replay: whether
 * the effect took place is not known. Before the mark, as in the queue of a pool, a kill leaves no doubt.
 */
export async function atMostOnce(
  journal: Journal,
  key: string,
  { begins, sent, perform, unknown }: OnceAttempt,
): Promise<EffectOutcome> {
  let attempt: StartedAttempt | undefined
  const mark = async () => {
    attempt = begins ? startAttempt(perform, journal.signal) : { ready: READY, goOn: perform, stop: () => {} }
    await attempt.ready
    return { value: null, began: journal.now() }
  }
  try {
    const { began } = await journal.once(`${key}#begin`, mark, MARKED)
    if (sent && began !== undefined) sent.at = began
    return await journal.once(key, () => (attempt ? attempt.goOn() : unknown()), AT_ONCE)
  } catch (error) {
    attempt?.stop(error)
    throw error
  }
}

type StartedAttempt = {
  /** Resolves when the work may begin, or has ended without a beginning. */
  readonly ready: Promise<unknown>
  /** Begins the work. */
  goOn(): Promise<EffectOutcome>
  /** Ends an attempt that waits for its beginning. */
  stop(reason: unknown): void
}

const READY = Promise.resolve()

/** Starts an attempt, which waits for `goOn` when it says that its work begins. */
function startAttempt(perform: OnceAttempt['perform'], signal: AbortSignal): StartedAttempt {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const waiting = new Set<{ go(): void; stop(reason: unknown): void }>()
  const stop = (reason: unknown) => {
    for (const each of waiting) each.stop(reason)
    waiting.clear()
  }
  const giveUp = () => stop(signal.reason)
  let hasBegun = false

  const begin: Begin = (work) => {
    if (hasBegun) return Promise.resolve(work())
    reach()
    if (waiting.size === 0) signal.addEventListener('abort', giveUp, { once: true })
    return new Promise((resolve, reject) => {
      // the work runs where it is begun, so that a trace shows it there
      const go = () => resolve(new Promise((made) => made(work())))
      waiting.add({ go, stop: reject })
      if (signal.aborted) giveUp()
    })
  }

  const outcome = perform(begin)
  // work that its effect has given up, as at a time limit, does not begin any more
  const over = () => stop(new Error('the effect has ended'))
  outcome.then(over, over)
  return {
    ready: Promise.race([reached, outcome]),
    goOn() {
      hasBegun = true
      signal.removeEventListener('abort', giveUp)
      for (const each of waiting) each.go()
      waiting.clear()
      return outcome
    },
    stop,
  }
}
