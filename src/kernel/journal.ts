import { errorOf, InvalidError, isBusy, problemOf, ReplayError, redactProblem } from '../errors.ts'
import { atMostOnce } from './attempt/at-most-once.ts'
import type { EffectAttempt, EffectRun } from './attempt/judge.ts'
import { CUT_OFF, judge, judgeCutOff, judgeInterrupted, noteFailed } from './attempt/judge.ts'
import { type AttemptMark, countedCall, type MarkedCall } from './attempt/mark.ts'
import { withDirective } from './attempt/supervise.ts'
import { isInterruption } from './faults.ts'
import { asFrozenJson, type Json } from './json.ts'
import { losslessJson } from './kept-json.ts'
import { checkSize, KERNEL_LIMITS } from './limits.ts'
import type {
  Actor,
  Cell,
  Directive,
  Effect,
  EffectCall,
  EffectOptions,
  EffectOutcome,
  Effects,
  Envelope,
} from './types.ts'

/** The services of an engine for one turn. All promises reject with an interruption if it is ended from outside. */
export interface Journal {
  /** The outcome recorded under `key`, or that of `attempt`, recorded. */
  once(key: string, attempt: () => Promise<EffectOutcome>, timing: EffectTiming): Promise<EffectOutcome>
  /** The mark of a counted attempt. Absent: the engine counts no attempt that a kill cuts off. */
  mark?(key: string): AttemptMark
  /** The first effect without a record may have begun before: in a process that ended or lost its connection. */
  readonly isTakenUp?: boolean
  /**
   * Resolves with the time when an earlier process began such an attempt, in ms since the epoch; undefined: it may not
   * have begun it. Absent: the engine does not know.
   */
  begunBefore?(key: string): Promise<number | undefined>
  sleep(key: string, delay: number): Promise<void>
  /** Resolves when the causes of the turn and its outcomes are durable. Absent: they always are. */
  whenDurable?(): Promise<void>
  part(name: string): Promise<Json | undefined>
  emit(delta: Json, topic?: string): void
  now(): number
  readonly signal: AbortSignal
}

/** start `durable`: it waits until the turn's causes are · until `durable`: it resolves when its outcome is. */
export type EffectTiming = { readonly start: 'now' | 'durable'; readonly until: 'recorded' | 'durable' }

/**
 * The effects of one turn. Each runs once per outcome, is retried in place as the actor's supervision decides, and
 * replays. The journal is opened when the first effect runs.
 */
export function journaledEffects(
  actor: Actor,
  cell: Cell | undefined,
  message: Envelope,
  lend: () => Journal,
): Effects {
  return new EffectsOnDemand(actor, cell, message, lend)
}

// a class, so that its functions exist only once: most turns use none of them
class EffectsOnDemand implements Effects {
  readonly self: Effects['self']
  readonly message: Envelope
  readonly events: number
  readonly #actor: Actor
  readonly #cell: Cell | undefined
  readonly #lend: () => Journal
  #made: Methods | undefined

  constructor(actor: Actor, cell: Cell | undefined, message: Envelope, lend: () => Journal) {
    this.self = message.to
    // an actor that changed `replyTo` would send its answer to another caller
    this.message = Object.freeze(message)
    this.events = cell ? cell.events : 0
    this.#actor = actor
    this.#cell = cell
    this.#lend = lend
    this.#made = undefined
  }

  get #methods(): Methods {
    if (this.#made) return this.#made
    const journal = this.#lend()
    const unrecorded = { isFirst: true }
    this.#made = methodsOf({ actor: this.#actor, cell: this.#cell, message: this.message, journal, unrecorded })
    return this.#made
  }

  get run() {
    return this.#methods.run
  }

  get runAll() {
    return this.#methods.runAll
  }

  get part() {
    return this.#methods.part
  }

  get whenDurable() {
    return this.#methods.whenDurable
  }

  get emit() {
    return this.#methods.emit
  }

  get now() {
    return this.#methods.now
  }
}

type Methods = Omit<Effects, 'self' | 'message' | 'events'>

/** The turn that effects belong to. */
type TurnContext = {
  readonly actor: Actor
  readonly cell: Cell | undefined
  readonly message: Envelope
  readonly journal: Journal
  /** `isFirst`: no effect has run that no record has */
  readonly unrecorded: { isFirst: boolean }
}

function methodsOf(whose: TurnContext): Methods {
  const { actor, journal } = whose
  const used = new Set<string>()
  let busy = false
  let time: Promise<EffectOutcome> | undefined
  const claim = (names: readonly string[]) => {
    if (busy) throw new InvalidError(`Effect ${names[0]} of ${actor.kind}: effects of a turn run one after another.`)
    for (const name of names) {
      if (used.has(name) || name.includes('#'))
        throw new ReplayError(`Effect name ${name} of ${actor.kind} is used twice or contains a #.`)
      used.add(name)
    }
    busy = true
  }
  const release = () => {
    busy = false
  }
  return {
    // a value without JSON is an error here, not when it is read
    emit: (delta, topic) => journal.emit(asFrozenJson(delta, losslessJson), topic),
    part: journal.part,
    whenDurable: async () => journal.whenDurable?.(),
    now() {
      time ??= journal.once('#now', async () => ({ value: journal.now() }), AT_ONCE)
      return time.then((outcome) => recorded(outcome) as number)
    },
    run<T extends Json | void>(
      name: string,
      effect: (call: EffectCall) => Promise<T> | T,
      {
        effect: effectClass = 'idempotent',
        counted = false,
        begins = false,
        prepares = false,
        failed,
        sent,
      }: EffectOptions = NO_METHODS,
    ) {
      try {
        claim([name])
      } catch (error) {
        return Promise.reject(error)
      }
      const run = { name, effect, effectClass, counted, begins, prepares, failed, sent }
      return supervised(whose, run, release) as Promise<T>
    },
    async runAll<T extends Json | void>(effects: readonly Effect<T>[]) {
      const once = effects.find(({ effect }) => effect === 'at-most-once')
      if (once) throw new InvalidError(`Effect ${once.name} of ${actor.kind}: an at-most-once effect must run alone.`)
      claim(effects.map(({ name }) => name))
      const runs = effects.map(
        ({ name, act, effect = 'idempotent' }): EffectRun => ({ name, effect: act, effectClass: effect }),
      )
      const untried = { ...whose, actor: { ...actor, supervise: neverAgain } }
      return sideBySide(untried, runs).finally(release) as Promise<readonly T[]>
    },
  }
}

const NO_METHODS = {}
const AT_ONCE: EffectTiming = { start: 'now', until: 'recorded' }
const WHEN_DURABLE: EffectTiming = { start: 'durable', until: 'recorded' }

const neverAgain = (): Directive => ({ type: 'fail' })

async function supervised(whose: TurnContext, run: EffectRun, release: () => void): Promise<Json> {
  const { journal } = whose
  try {
    // a busy pool does not count as an attempt, so tries and attempts are counted separately; the time comes from
    // records only, so that a replay computes the same
    for (let number = 1, tries = 1, passed = 0, cutOff = 0; ; tries++) {
      const key = tries === 1 ? run.name : `${run.name}#${tries}`
      const outcome = await attemptOnce(whose, run, { key, number, passed, cutOff })
      noteFailed(run, outcome, number)
      if ('value' in outcome) return outcome.value
      const directive = outcome.directive ?? { type: 'fail' }
      if (directive.type !== 'retry') throw withDirective(errorOf(outcome.error), directive)
      // a time in the past means at once
      const pause = Math.max(0, directive.delay)
      await journal.sleep(`${key}#sleep`, pause)
      passed += (outcome.ms ?? 0) + pause
      if (!isBusy(outcome.error)) number++
      if (outcome.error.code === CUT_OFF) cutOff++
    }
  } finally {
    release()
  }
}

/** Every effect enters the journal at once: a replay has the same order. */
async function sideBySide(whose: TurnContext, runs: readonly EffectRun[]): Promise<readonly Json[]> {
  const begun = runs.map((run) => attemptOnce(whose, run, { key: run.name, number: 1, passed: 0, cutOff: 0 }))
  const ended = await Promise.allSettled(begun)
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason
    if ('value' in end.value) return end.value.value
    throw errorOf(end.value.error)
  })
}

function attemptOnce(whose: TurnContext, run: EffectRun, attempt: EffectAttempt): Promise<EffectOutcome> {
  const { journal } = whose
  if (run.effectClass === 'at-most-once')
    return atMostOnce(journal, attempt.key, {
      begins: run.begins === true,
      sent: run.sent,
      perform: (begin) => outcomeOf(whose, run, attempt, begin && { begin }),
      unknown: async () => judgeInterrupted(whose, run, attempt),
    })
  const mark = run.counted ? journal.mark?.(attempt.key) : undefined
  if (mark?.isLeft) return journal.once(attempt.key, async () => judgeCutOff(whose, run, attempt, mark), AT_ONCE)
  const act = () => outcomeOf(whose, run, attempt, mark && countedCall(attempt, mark))
  const isEarly = run.effectClass === 'pure' || (run.prepares === true && journal.whenDurable !== undefined)
  return journal.once(attempt.key, act, isEarly ? AT_ONCE : WHEN_DURABLE)
}

async function outcomeOf(
  whose: TurnContext,
  run: EffectRun,
  attempt: EffectAttempt,
  marked?: MarkedCall,
): Promise<EffectOutcome> {
  const { journal, message } = whose
  const idempotencyKey = `${message.id}/${run.name}`
  const first = { signal: journal.signal, idempotencyKey, attempt: attempt.number }
  const plain: EffectCall = run.prepares && journal.whenDurable ? { ...first, whenDurable: journal.whenDurable } : first
  const call: EffectCall = marked ? { ...plain, ...marked } : plain
  const before = mayHaveBegun(whose, run) && !marked ? againOf(journal, attempt.key) : undefined
  const began = journal.now()
  try {
    const value = (await run.effect(call)) ?? null
    checkSize(value, KERNEL_LIMITS.body, `the result of effect ${run.name}`)
    // the first run must get the same value as a replay
    return { value: asFrozenJson(value, losslessJson), ...(before && (await before)) }
  } catch (error) {
    // the turn ended before the effect: nothing is recorded
    if (isInterruption(error) || call.signal.aborted) throw error
    const problem = redactProblem(problemOf(error), whose.actor.redact)
    const ms = Math.max(0, journal.now() - began)
    return { ...judge(whose, run, attempt, problem, ms), began, ms, ...(before && (await before)) }
  }
}

/** Whether an earlier process may have begun this attempt: it is the first that no record of its turn has. */
function mayHaveBegun({ journal, unrecorded }: TurnContext, { failed, effectClass }: EffectRun): boolean {
  const { isFirst } = unrecorded
  unrecorded.isFirst = false
  return isFirst && journal.isTakenUp === true && failed !== undefined && effectClass !== 'at-most-once'
}

/** The earlier attempt is looked up while this one works. */
async function againOf(journal: Journal, key: string): Promise<Pick<EffectOutcome, 'again'>> {
  const began = await journal.begunBefore?.(key)
  return { again: began === undefined ? true : { began } }
}

const recorded = (outcome: EffectOutcome): Json => ('value' in outcome ? outcome.value : null)
