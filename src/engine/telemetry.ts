import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { nameOf } from '../kernel/ref.ts'
import type { Cell, Commit, EffectOutcome, Envelope } from '../kernel/types.ts'
import { NOOP_OBSERVER, type Observer } from '../observe/observer.ts'
import type { WorkContext } from '../observe/semantic-conventions.ts'

/** Makes a turn a child of the run or ask that it belongs to. */
export function traceTurn<T>(observer: Observer, cell: Cell | undefined, envelope: Envelope, work: () => T): T {
  const { to, type, correlationId, trace } = envelope
  const { agent, thread, trace: own = trace } = cell?.index ?? {}
  const deed = {
    actor: nameOf(to),
    message: type,
    ...(typeof agent === 'string' && { agent }),
    ...(typeof thread === 'string' && { conversation: thread }),
    ...belonging(correlationId, own),
  }
  return observer.span({ name: 'turn-take', ...deed }, work)
}

/** Wraps an attempt of an effect with telemetry. Create it during the turn; it may run anywhere. */
export function observeAttempt(
  observer: Observer,
  envelope: Envelope,
  key: string,
  attempt: () => Promise<EffectOutcome>,
): () => Promise<EffectOutcome> {
  if (observer === NOOP_OBSERVER || isOwn(key)) return attempt
  const tell = () =>
    attempt().then((outcome) => {
      if ('error' in outcome) reportFailure(observer, envelope, key, outcome)
      return outcome
    })
  if (!observer.tracing) return tell
  return observer.carry(() => observer.span({ name: 'effect-run', effect: effectOf(key) }, (note) => noted(tell, note)))
}

async function noted(
  tell: () => Promise<EffectOutcome>,
  note: (noted: { readonly error: string }) => void,
): Promise<EffectOutcome> {
  const outcome = await tell()
  if ('error' in outcome) note({ error: outcome.error.code })
  return outcome
}

// internal entries of the kernel, such as the time and the mark that an effect has begun
const isOwn = (key: string) => key.startsWith('#') || key.endsWith('#begin')
/** A later attempt has its number after a `#`. */
const effectOf = (key: string) => key.split('#', 1)[0]!

type Failed = Extract<EffectOutcome, { readonly error: unknown }>

function reportFailure(observer: Observer, envelope: Envelope, key: string, { error, directive }: Failed): void {
  observer.tell({
    name: 'effect-fail',
    actor: nameOf(envelope.to),
    effect: effectOf(key),
    code: error.code,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...belonging(envelope.correlationId, envelope.trace),
    ...(directive?.type === 'retry' && { delay: directive.delay }),
  })
}

/** Reports durable events; `first` is the number of the first one. */
export function reportEvents(
  observer: Observer,
  of: string,
  index: Cell['index'],
  {
    first,
    correlationId,
    bodies,
  }: { readonly first: number; readonly correlationId: string; readonly bodies: readonly Json[] },
): void {
  const belongs = belonging(correlationId, index?.trace)
  bodies.forEach((body, place) => observer.tell({ name: 'event-keep', of, n: first + place, body, index, ...belongs }))
}

export function reportCommit(observer: Observer, of: string, { events: bodies, taken }: Commit, cell: Cell): void {
  if (observer === NOOP_OBSERVER || bodies.length === 0) return
  const first = cell.events - bodies.length + 1
  reportEvents(observer, of, cell.index, { first, correlationId: taken.correlationId, bodies })
}

/** Reports a message that failed for good. */
export function reportDeadLetter(observer: Observer, letter: Envelope, { code, stack }: Problem): void {
  const { id, to, correlationId, trace } = letter
  const thrown = stack !== undefined && { stack }
  observer.tell({ name: 'letter-keep', id, to: nameOf(to), code, ...thrown, ...belonging(correlationId, trace) })
}

const belonging = (work: string, trace: string | number | undefined): WorkContext =>
  typeof trace === 'string' ? { work, trace } : { work }
