import type { ObjectContext } from '@restatedev/restate-sdk'
import { interruptionError, isInterruption } from '../../../kernel/faults.ts'
import type { Journal } from '../../../kernel/journal.ts'
import { freeze } from '../../../kernel/json.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { ActorRef, Commit, EffectOutcome, Envelope, OutgoingMessage } from '../../../kernel/types.ts'
import { toEnvelope } from '../../envelope.ts'
import type { StoredMail } from '../../transfer.ts'
import { interruptInlineTurn } from './interrupt.ts'
import { decide, restateJournal } from './journal.ts'
import { isProcessing, type RestateNode } from './node.ts'
import { sendFrom, sendUnfinished } from './send.ts'

/** Runs short turns of other actors inline, within the invocation of the actor that asks them. */
interface InlineCalls {
  /** The request of a turn that sends nothing else, if its actor's kind is inlinable and it waits for the reply. */
  requestIn(commit: Commit): OutgoingMessage | undefined
  /** Runs the request inline. Returns the answer if the actor has stopped by then; undefined: what follows was sent. */
  take(request: OutgoingMessage, time: number): Promise<StoredMail | undefined>
}

/** Limits of one invocation: inline requests, and ms after which none starts, because other mail waits. */
const INLINE_LIMITS = { requests: 32, ms: 2_000 } as const

export function openInlineCalls(node: RestateNode, ctx: ObjectContext): InlineCalls {
  // an inline call may have caused the interruption, so a replay sends its messages normally
  const isFirst = isProcessing(ctx)
  const until = performance.now() + INLINE_LIMITS.ms
  const mayBegin = () => isFirst && !node.stopping.aborted && performance.now() < until
  let count = 0

  return {
    requestIn(commit) {
      const request = count < INLINE_LIMITS.requests ? onlyRequestIn(commit) : undefined
      return request && node.actors.get(request.to.kind)?.inlinable ? request : undefined
    },
    async take(request, time) {
      count++
      const envelope = freeze(toEnvelope(request, time))
      const journal = inlineJournal(node, ctx, envelope, mayBegin)
      const commit = await takeTurn(node, ctx, envelope, journal)
      if (!commit) return sendUnfinished(node, ctx, { envelope, outcomes: journal.outcomes })
      return sendAllBut(journal.ended ? undefined : answerIn(commit), node, ctx, commit, journal.time)
    },
  }
}

function onlyRequestIn({
  taken: { to, correlationId },
  cell,
  sends: [request, ...others],
}: Commit): OutgoingMessage | undefined {
  if (!cell || !request || others.length > 0 || request.delay !== undefined) return undefined
  const isOfThisWork = request.type === 'request' && request.correlationId === correlationId
  return isOfThisWork && isSame(request.replyTo, to) && !isSame(request.to, to) ? request : undefined
}

/** The reply; undefined: the call continues as a separate invocation. */
async function takeTurn(
  node: RestateNode,
  ctx: ObjectContext,
  envelope: Envelope,
  journal: InlineJournal,
): Promise<Commit | undefined> {
  try {
    const commit = await decide(node, undefined, envelope, journal)
    if (!journal.ended) return commit.cell || journal.isLeft ? undefined : commit
  } catch (error) {
    if (!isInterruption(error)) throw error
  }
  return journal.ended ? interruptInlineTurn(node, ctx, envelope) : undefined
}

function answerIn({ taken: { from }, sends }: Commit): OutgoingMessage | undefined {
  const [answer, ...others] = sends.filter(({ to }) => isSame(to, from))
  const isAnswer = answer?.type === 'response' || answer?.type === 'error'
  return isAnswer && others.length === 0 ? answer : undefined
}

function sendAllBut(
  answer: OutgoingMessage | undefined,
  node: RestateNode,
  ctx: ObjectContext,
  { sends }: Commit,
  time: number,
): StoredMail | undefined {
  for (const posted of sends) if (posted !== answer) sendFrom(node, ctx, posted, time)
  return answer && { envelope: toEnvelope(answer, time), outcomes: new Map() }
}

const isSame = (a: ActorRef | null | undefined, b: ActorRef | null) => a && b && nameOf(a) === nameOf(b)

/** The journal of an inline turn, within the invocation of the actor that sent its message. */
type InlineJournal = Journal & {
  /** outcomes of its effects in this invocation */
  readonly outcomes: ReadonlyMap<string, EffectOutcome>
  /** it must continue in an invocation of its own */
  readonly isLeft: boolean
  /** its work was cancelled */
  readonly ended: boolean
  readonly time: number
}

/**
 * Asks before each effect whether it may begin here. The answer is stored with the outcome of the effect, so that a
 * replay decides the same. An effect that must not be repeated never begins here, and no turn pauses here.
 */
function inlineJournal(
  node: RestateNode,
  ctx: ObjectContext,
  envelope: Envelope,
  mayBegin: () => boolean,
): InlineJournal {
  const journal = restateJournal(node, ctx, NEW_ACTOR, envelope, new Map())
  const outcomes = new Map<string, EffectOutcome>()
  let isLeft = false

  function leave(): Error {
    isLeft = true
    return interruptionError('the turn continues in an invocation of its own')
  }

  async function isBrief(): Promise<boolean> {
    if (!mayBegin()) return false
    if (outcomes.size > 0) return true
    try {
      return await node.actors.get(envelope.to.kind)!.inlinable!(envelope.body)
    } catch {
      // the error will show in the actor's own turn
      return false
    }
  }

  return {
    outcomes,
    get isLeft() {
      return isLeft
    },
    get ended() {
      return journal.ended !== undefined
    },
    get time() {
      return journal.time
    },
    signal: journal.signal,
    now: journal.now,
    emit: journal.emit,
    part: journal.part,
    async once(key, attempt, timing) {
      if (isLeft || key.endsWith('#begin')) throw leave()
      const act = async () => ((await isBrief()) ? attempt() : DEFERRED)
      const outcome = await journal.once(`${nameOf(envelope.to)} ${key}`, act, timing)
      if ('apart' in outcome) throw leave()
      outcomes.set(key, outcome)
      return outcome
    },
    async sleep() {
      throw leave()
    },
  }
}

const NEW_ACTOR = { part: async () => undefined }

/** Journaled instead of an outcome: the effect did not start here. */
const DEFERRED = { value: null, apart: true } as const
