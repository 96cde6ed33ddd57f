import { errorOf, InvalidError, isBusy, type Problem, problemOf, ReplayError } from '../errors.ts'
import { isInterruption } from './interrupt.ts'
import { asFrozenJson } from './json.ts'
import { checkSize, LIMITS } from './limits.ts'
import type { Json } from './schema.ts'
import { defaultDirective, withDirective } from './supervise.ts'
import type { Actor, Call, Cell, Directive, Effect, EffectClass, Effects, Envelope, Outcome } from './types.ts'

/** What an engine lends to one turn. All its promises reject with an interruption when the turn is ended from outside. */
export interface Journal {
  /** The outcome recorded under `key`, or that of `attempt`, recorded. */
  once(key: string, attempt: () => Promise<Outcome>, timing: Timing): Promise<Outcome>
  sleep(key: string, delay: number): Promise<void>
  part(name: string): Promise<Json | undefined>
  emit(delta: Json): void
  now(): number
  readonly signal: AbortSignal
}

/** start `durable`: not before all this turn stands on is durable · until `durable`: resolved not before the outcome is. */
export type Timing = { readonly start: 'now' | 'durable'; readonly until: 'recorded' | 'durable' }

type Run = { readonly name: string; readonly effect: (call: Call) => unknown; readonly effectClass: EffectClass }

/**
 * The effects of one turn: each runs once per outcome, is retried in place as the actor's supervision says, and replays. The journal is lent
 * when one is used: most turns use none.
 */
export function journaledEffects(
  actor: Actor,
  cell: Cell | undefined,
  message: Envelope,
  lend: () => Journal,
): Effects {
  let lent: Journal | undefined
  let used: Set<string> | undefined
  let busy = false
  let time: Promise<Outcome> | undefined
  const journal = () => {
    lent ??= lend()
    return lent
  }
  const claim = (names: readonly string[]) => {
    if (busy) throw new InvalidError(`effect ${names[0]} of ${actor.kind}: effects of a turn run one after another`)
    used ??= new Set()
    for (const name of names) {
      if (used.has(name) || name.includes('#'))
        throw new ReplayError(`effect name ${name} of ${actor.kind} is used twice or holds a #`)
      used.add(name)
    }
    busy = true
  }
  const release = () => {
    busy = false
  }
  return {
    self: message.to,
    message,
    events: cell?.events ?? 0,
    emit: (delta) => journal().emit(delta),
    part: (name) => journal().part(name),
    now() {
      time ??= journal().once('#now', async () => ({ value: journal().now() }), AT_ONCE)
      return time.then((outcome) => recorded(outcome) as number)
    },
    run<T extends Json | void>(
      name: string,
      effect: (call: Call) => Promise<T> | T,
      options: { effect?: EffectClass } = {},
    ) {
      try {
        claim([name])
      } catch (error) {
        return Promise.reject(error)
      }
      const run = { name, effect, effectClass: options.effect ?? 'idempotent' }
      return supervised(actor, cell, message, journal(), run, release) as Promise<T>
    },
    async runAll<T extends Json | void>(effects: readonly Effect<T>[]) {
      const once = effects.find(({ effect }) => effect === 'at-most-once')
      if (once) throw new InvalidError(`effect ${once.name} of ${actor.kind}: what is never repeated runs alone`)
      claim(effects.map(({ name }) => name))
      const runs = effects.map(
        ({ name, act, effect = 'idempotent' }): Run => ({ name, effect: act, effectClass: effect }),
      )
      return sideBySide(message, journal(), runs).finally(release) as Promise<readonly T[]>
    },
  }
}

const AT_ONCE: Timing = { start: 'now', until: 'recorded' }

async function supervised(
  actor: Actor,
  cell: Cell | undefined,
  message: Envelope,
  journal: Journal,
  run: Run,
  release: () => void,
): Promise<Json> {
  // of what is recorded alone, so that a replay finds the same
  let passed = 0
  const supervise = actor.supervise ?? defaultDirective
  const judge: Judge = (problem, attempt, ms) =>
    supervise({
      effect: run.name,
      class: run.effectClass,
      problem,
      attempt,
      elapsed: passed + ms,
      state: cell ? cell.state : actor.initial(message.to.key),
      message,
    })
  try {
    // a busy pool does not count as an attempt, so tries and attempts are counted apart
    for (let attempt = 1, tries = 1; ; tries++) {
      const key = tries === 1 ? run.name : `${run.name}#${tries}`
      const outcome = await attemptOnce(journal, message, run, key, attempt, judge)
      if ('value' in outcome) return outcome.value
      const directive = outcome.directive ?? { type: 'fail' }
      if (directive.type !== 'retry') throw withDirective(errorOf(outcome.error), directive)
      await journal.sleep(`${key}#sleep`, directive.delay)
      passed += (outcome.ms ?? 0) + directive.delay
      if (!isBusy(outcome.error)) attempt++
    }
  } finally {
    release()
  }
}

/** Each is put to the journal at once: in the same order on a replay. */
async function sideBySide(message: Envelope, journal: Journal, runs: readonly Run[]): Promise<readonly Json[]> {
  const begun = runs.map((run) => attemptOnce(journal, message, run, run.name, 1, () => ({ type: 'fail' })))
  const ended = await Promise.allSettled(begun)
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason
    if ('value' in end.value) return end.value.value
    throw errorOf(end.value.error)
  })
}

type Judge = (problem: Problem, attempt: number, ms: number) => Directive

function attemptOnce(
  journal: Journal,
  message: Envelope,
  run: Run,
  key: string,
  attempt: number,
  judge: Judge,
): Promise<Outcome> {
  const call: Call = { signal: journal.signal, idempotencyKey: `${message.id}/${run.name}`, attempt }
  const act = () => outcomeOf(run, call, judge, journal.now)
  if (run.effectClass === 'at-most-once')
    return atMostOnce(journal, key, act, () => interrupted(run.name, attempt, judge))
  return journal.once(key, act, { start: run.effectClass === 'pure' ? 'now' : 'durable', until: 'recorded' })
}

type Act = () => Promise<Outcome>

// a begin mark without an outcome, found on replay: nobody knows whether it took place
async function atMostOnce(journal: Journal, key: string, act: Act, unknown: Act): Promise<Outcome> {
  let here = false
  const begin = async () => {
    here = true
    return { value: null }
  }
  await journal.once(`${key}#begin`, begin, { start: 'durable', until: 'durable' })
  return journal.once(key, () => (here ? act() : unknown()), AT_ONCE)
}

async function interrupted(name: string, attempt: number, judge: Judge): Promise<Outcome> {
  const message = `${name} was interrupted; whether it took place is not known`
  const error: Problem = { code: 'unknown', name: 'UnknownError', message, terminal: true }
  return { error, directive: judge(error, attempt, 0) }
}

async function outcomeOf(run: Run, call: Call, judge: Judge, now: () => number): Promise<Outcome> {
  const began = now()
  try {
    const value = ((await run.effect(call)) ?? null) as Json
    checkSize(value, LIMITS.body, `the result of effect ${run.name}`)
    // the first run must see what a replay will see
    return { value: asFrozenJson(value) }
  } catch (error) {
    // the turn is over, not the effect: nothing is recorded
    if (isInterruption(error) || call.signal.aborted) throw error
    const problem = problemOf(error)
    const ms = Math.max(0, now() - began)
    return { error: problem, ms, directive: judge(problem, call.attempt, ms) }
  }
}

const recorded = (outcome: Outcome): Json => ('value' in outcome ? outcome.value : null)
