import { setTimeout as sleep } from 'node:timers/promises'
import { type DeadLetter, type Engine, type EngineView, inspectOne } from '../../engine/engine.ts'
import { selectListed } from '../../engine/select.ts'
import { is, NotFoundError } from '../../errors.ts'
import { KIND, runRef } from '../../house/actors.ts'
import { placeIn } from '../../house/paging.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef, Envelope } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { threadOfPhase } from '../../thread/protocol/refs.ts'
import type { Activity } from '../../work/activity.ts'
import type { DeadLetterPort, LetterSummary, Retried } from '../ports/inspector.ts'

export function createDeadLetterPort({
  engine,
  activity,
}: {
  readonly engine: Engine
  readonly activity: Activity
}): DeadLetterPort {
  const { deadLetters, view } = engine

  async function find(id: string): Promise<DeadLetter> {
    const all = await deadLetters.list()
    const found = all.find((letter) => letter.id === id)
    if (found) return found
    const near = nearestWord(
      id,
      all.map((letter) => letter.id),
    )
    throw new NotFoundError(
      `There is no dead letter ${id}.${near === undefined ? ' See: antiphon deadletters list' : ` Did you mean ${near}?`}`,
    )
  }

  /** Waits until the message has left its actor's mailbox and no turn processes it. */
  async function untilTaken(
    id: string,
    { letter: { to } }: DeadLetter,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (;;) {
      const actor = await inspectOne(view, to)
      const { turn, mail = [], waiting = 0 } = actor ?? {}
      const isHere = [turn, ...mail].some((each) => each?.id === id) || waiting > mail.length
      if (!isHere || signal?.aborted) return
      await sleep(LOOK_AGAIN)
    }
  }

  async function outcomeOf(id: string, signal: AbortSignal | undefined): Promise<Pick<Retried, 'outcome' | 'problem'>> {
    const failed = (await deadLetters.list()).find((letter) => letter.id === id)
    if (failed) return { outcome: 'failed', problem: failed.problem }
    return { outcome: signal?.aborted ? 'pending' : 'taken' }
  }

  return {
    async list({ owner, after, limit = 100 } = {}) {
      const all = await deadLetters.list()
      const listed = all.map((letter) => ({ key: letter.id, index: { at: letter.at }, letter }))
      const summaries: LetterSummary[] = []
      for (const { letter } of selectListed(listed, { sort: 'at', descending: true, ...placeIn(after) })) {
        const whose = await ownerOfLetter(view, letter.letter)
        if (owner !== undefined && whose !== owner) continue
        summaries.push({ ...summaryOf(letter), ...(whose !== undefined && { owner: whose }) })
        if (summaries.length >= limit) break
      }
      return summaries
    },
    get: find,
    async retry(given, signal) {
      const letter = await find(given)
      const sent = deadLetters.retry(given).catch((error: unknown) => throwUnknown(error, letter))
      const taken = sent.then((id) => untilTaken(id, letter, signal))
      // the wait begins here, because the message may be taken before this process learns that it was sent
      activity.track({ kind: 'message', id: given }, taken)
      const id = await sent
      await taken
      const { to, correlationId } = letter.letter
      return { id, to: nameOf(to), correlationId, ...(await outcomeOf(id, signal)) }
    },
    async drop(id) {
      const letter = await find(id)
      await deadLetters.drop(id)
      return summaryOf(letter)
    },
  }
}

/** Only a process with the actors of a message can send it again. */
function throwUnknown(error: unknown, { letter }: DeadLetter): never {
  if (!is(error, 'NotFoundError')) throw error
  const { kind } = letter.to
  const message = `There is no actor of kind ${kind} here: send it again while the program that has them owns the folder.`
  throw new NotFoundError(message, { cause: error })
}

/** ms between two checks of a message that was sent again: no event reports that it was taken. */
const LOOK_AGAIN = 50

export function summaryOf({ id, at, letter, problem }: DeadLetter): LetterSummary {
  const { to, from, type, correlationId } = letter
  return { id, at, to: nameOf(to), ...(from && { from: nameOf(from) }), type, correlationId, problem }
}

/** The owner of a message, through its run or thread. Undefined if it has none or it is gone. */
export async function ownerOfLetter({ peek }: Pick<EngineView, 'peek'>, letter: Envelope): Promise<string | undefined> {
  const { type, owner } = (letter.body ?? {}) as { readonly type?: unknown; readonly owner?: unknown }
  // a message that would have started a run or ask names its owner
  if ((letter.to.kind === KIND.run && type === 'start') || type === 'ask') return ownerOf({ owner })
  const state = (await peek(workOf(letter))) as { readonly owner?: unknown } | undefined
  return state && ownerOf(state)
}

function workOf({ to, correlationId }: Envelope): ActorRef {
  if (to.kind === KIND.thread || to.kind === KIND.run) return to
  return threadOfPhase(to) ?? runRef(correlationId)
}
