import { randomUUID } from 'node:crypto'
import type { Engine } from '../../engine/engine.ts'
import { nameOf, parseRef } from '../../kernel/ref.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { formatTime } from '../../lib/moment.ts'
import { LOCAL_OWNER, ownerField } from '../../lib/owner.ts'
import type { RunDocument } from '../document.ts'
import { type Enter, type Entered, type FirstRunMessage, queueRef, type StartLater } from '../later/messages.ts'
import { isBeforeBegin, type LaterRun, runNotBegun } from '../later/state.ts'
import type { StartTerms } from '../later/terms.ts'
import type { RunHead } from '../run.ts'

/** The message that makes a run, which begins later. */
export function laterMessage(id: string, owner: string, start: FirstRunMessage, { at, queue }: StartTerms): StartLater {
  const { name } = start as { readonly name?: unknown }
  return {
    type: 'start-later',
    start,
    name: typeof name === 'string' ? name : id,
    ...(owner !== LOCAL_OWNER && ownerField(owner)),
    ...(at !== undefined && { at }),
    ...(queue && { queue }),
  }
}

/**
 * A run or a goal enters the queue of its key, which sends its `first` message in the commit that gives it a place.
 * Resolves with its id, or with the id of the open one that the caller joins.
 * @throws `queue_busy`, `busy`
 */
export async function enterQueue(
  engine: Engine,
  of: ActorRef,
  { key, terms }: NonNullable<StartTerms['queue']>,
  { owner, first }: Required<Pick<Enter, 'owner' | 'first'>>,
): Promise<{ readonly id: string; readonly joined?: true }> {
  const body: Enter = { type: 'enter', of: nameOf(of), owner, key, terms, first }
  // the engine would remember a refusal under the id of the run or the goal
  const id = `${of.key}#${randomUUID()}`
  const to = queueRef(owner, key)
  const entered = (await engine.ask(to, body as unknown as Json, { id, correlationId: of.key })) as Entered
  return { id: parseRef(entered.of).key, ...(entered.joined && { joined: true }) }
}

/** A run before it begins, as a document. Its executor has nothing of it yet. */
export function documentBefore(id: string, state: RunHead): RunDocument {
  const { name, status, startedAt, finishedAt, problem } = state
  const { later } = state as LaterRun
  return {
    pipeline_id: name,
    execution_id: id,
    status: status === 'running' || status === 'new' ? 'waiting' : status,
    success: status === 'running' ? null : false,
    steps: {},
    outputs: {},
    execution_order: [],
    execution_levels: [],
    started_at: formatTime(startedAt),
    completed_at: finishedAt === undefined ? null : formatTime(finishedAt),
    duration: null,
    error: problem?.message ?? null,
    error_type: problem?.name ?? null,
    artifacts: [],
    ...(problem && { error_code: problem.code }),
    ...(problem?.hint !== undefined && { error_hint: problem.hint }),
    name,
    pipeline_hash: '',
    counts: { done: 0, failed: 0, skipped: 0 },
    ...(later?.phase === 'timed' && { starts_at: formatTime(later.at) }),
  }
}

/** InvalidError `run_not_begun` for a run that has nothing to show or to repeat. */
export function checkBegun(run: string, state: RunHead | undefined): void {
  if (isBeforeBegin(state)) throw runNotBegun(run)
}
