import type { ObjectContext } from '@restatedev/restate-sdk'
import { interruptionError } from '../../../kernel/faults.ts'
import { type Journal, journaledEffects } from '../../../kernel/journal.ts'
import { freeze } from '../../../kernel/json.ts'
import { runTurn } from '../../../kernel/turn.ts'
import type { Cell, Commit, EffectOutcome, Envelope } from '../../../kernel/types.ts'
import { observeAttempt, traceTurn } from '../../telemetry.ts'
import { effectBegan } from '../admin/journal-query.ts'
import type { ActorState } from '../state/actor-state.ts'
import { isProcessing, type RestateNode } from './node.ts'

/** The journal of one turn, and whether the turn must end. */
type TurnJournal = Journal & {
  /** Why the turn must end: it was cancelled, or its node stops. Undefined: it may continue. */
  readonly ended: 'called-off' | 'stopping' | undefined
  /** ms since the epoch: the time of the turn's latest cause; the same on replay */
  readonly time: number
  /** Rejects with an interruption when the turn is cancelled. */
  heed<T>(work: () => PromiseLike<T>): Promise<T>
}

/** An outcome with its time: a replay must send the same bytes as the first run. */
type TimedOutcome = EffectOutcome & { readonly at: number }

/**
 * A journal on top of Restate's: an effect is a `run` that never fails, so that its error is data and the same on
 * replay. `moved`: outcomes that another engine recorded before the turn moved here.
 */
export function restateJournal(
  node: RestateNode,
  ctx: ObjectContext,
  store: Pick<ActorState, 'part'>,
  envelope: Envelope,
  moved: ReadonlyMap<string, EffectOutcome>,
): TurnJournal {
  const { attemptCompletedSignal } = ctx.request()
  const calledOff = new AbortController()
  let ended: TurnJournal['ended']
  // the server keeps the command of an effect when the effect begins
  let isTakenUp = false
  let time = Math.max(envelope.createdAt, envelope.due ?? 0)

  function end(why: TurnJournal['ended']): Error {
    ended = why
    calledOff.abort()
    return interruptionError('the turn was interrupted')
  }

  async function heed<T>(work: () => PromiseLike<T>): Promise<T> {
    if (ended) throw interruptionError('the turn was interrupted')
    try {
      return await work()
    } catch (error) {
      throw error instanceof node.sdk.CancelledError ? end('called-off') : error
    }
  }

  /** A stopping node ends only turns that pause. Running effects may finish. */
  async function unlessStopping(pause: () => PromiseLike<void>): Promise<void> {
    if (node.stopping.aborted) throw end('stopping')
    const { promise: stops, reject } = Promise.withResolvers<never>()
    const stop = () => reject(end('stopping'))
    node.stopping.addEventListener('abort', stop)
    try {
      await Promise.race([pause(), stops])
    } finally {
      node.stopping.removeEventListener('abort', stop)
    }
  }

  async function record(attempt: () => Promise<EffectOutcome>): Promise<TimedOutcome> {
    try {
      return { ...(await attempt()), at: Date.now() }
    } catch (error) {
      // no code waits for the error any more; if it were thrown, Restate would retry it
      if (ended === 'called-off') return { value: null, at: Date.now() }
      throw error
    }
  }

  return {
    get ended() {
      return ended
    },
    get time() {
      return time
    },
    get isTakenUp() {
      return isTakenUp
    },
    begunBefore: (key) => effectBegan(node.client, ctx.request().id, key),
    heed,
    signal: AbortSignal.any([attemptCompletedSignal, calledOff.signal]),
    now: Date.now,
    emit: (delta, topic = envelope.correlationId) => void (isProcessing(ctx) && node.deltas.publish(topic, delta)),
    part: (name) => heed(() => store.part(name)),
    async once(key, attempt) {
      const act = observeAttempt(node.observer, envelope, key, attempt)
      isTakenUp = !isProcessing(ctx)
      const known: EffectOutcome & Partial<TimedOutcome> =
        moved.get(key) ?? (await heed(() => ctx.run(key, () => record(act))))
      if (known.at !== undefined) time = Math.max(time, known.at)
      return freeze(known)
    },
    async sleep(_key, delay) {
      await heed(() => unlessStopping(() => ctx.sleep(delay)))
    },
  }
}

/** Runs the actor's decision about a message. */
export function decide(
  node: RestateNode,
  cell: Cell | undefined,
  envelope: Envelope,
  journal: Journal,
): Commit | Promise<Commit> {
  const actor = node.actors.get(envelope.to.kind)!
  const effects = journaledEffects(actor, cell, envelope, () => journal)
  const take = () => runTurn(actor, cell, envelope, effects)
  return node.observer.tracing ? traceTurn(node.observer, cell, envelope, take) : take()
}
