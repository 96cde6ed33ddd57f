import type { Engine, EngineView } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import { type ActorRef, nameOf, parseRef } from '../../kernel/ref.ts'
import { LOCAL_OWNER, ownerField } from '../../lib/owner.ts'
import { formatTime } from '../../lib/time/moment.ts'
import type { RunDocument } from '../document.ts'
import { type Enter, type Entered, type FirstRunMessage, queueRef, type StartLater } from '../later/messages.ts'
import { isBeforeBegin, type KeptStart, LATER_PART, type LaterRun, runNotBegun } from '../later/state.ts'
import type { StartTerms } from '../later/terms.ts'
import type { RunHead } from '../run.ts'
import type { PreparedRun } from './executor.ts'

/** The message that makes a run, which begins later. */
export function laterMessage(
  owner: string,
  start: FirstRunMessage,
  { name }: Pick<PreparedRun, 'name'>,
  { at, queue }: StartTerms,
): StartLater {
  return {
    type: 'start-later',
    start,
    name,
    ...(owner !== LOCAL_OWNER && ownerField(owner)),
    ...(at !== undefined && { at }),
    ...(queue && { queue }),
  }
}

/**
 * A run or a goal enters the queue of its key, which sends its `first` message in the commit that gives it a place.
 * Resolves with the id of the open one of the same content that the caller joins; undefined: it entered.
 * @throws `queue_busy`, `busy`, or `id_taken` if the caller would join other content
 */
export async function enterQueue(
  engine: Engine,
  of: ActorRef,
  { key, terms }: NonNullable<StartTerms['queue']>,
  { owner, first, isSame }: Entering,
): Promise<string | undefined> {
  const body: Enter = { type: 'enter', of: nameOf(of), owner, key, terms, first }
  // without an id: the engine would remember it with a refusal, the owner and the key
  const by = { correlationId: of.key }
  const entered = (await engine.ask(queueRef(owner, key), body as Json, by)) as Entered
  if (!entered.joined) return undefined
  const open = (entered.open ?? [entered.of]).map((one) => parseRef(one).key)
  for (const one of open) if (await isSame(one)) return one
  throw new InvalidError(
    `The key ${JSON.stringify(key)} is open for other work, ${open[0]}, which this start cannot join.`,
    {
      code: 'id_taken',
      hint: 'Only a start of the same content joins it. Use another key, or wait for it: leave out `onConflict`.',
      place: { path: 'queue' },
    },
  )
}

/** `isSame`: whether an open run or goal has the same content, so that a caller may join it. */
type Entering = Required<Pick<Enter, 'owner' | 'first'>> & { isSame(open: string): Promise<boolean> }

/** A run before it begins, as a document: as its executor reads it, or without steps if it cannot be read. */
export function documentBefore(id: string, state: RunHead, read: RunDocument | undefined): RunDocument {
  const { status } = state
  const { later } = state as LaterRun
  return {
    ...(read ?? withoutSteps(id, state)),
    status: status === 'running' || status === 'new' ? 'waiting' : status,
    ...(later?.phase === 'timed' && { starts_at: formatTime(later.at) }),
  }
}

function withoutSteps(id: string, { name, status, startedAt, finishedAt, problem }: RunHead): RunDocument {
  return {
    pipeline_id: name,
    id,
    execution_id: id,
    status: 'waiting',
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
  }
}

/** InvalidError `run_not_begun` for a run that has not begun. */
export function checkBegun(run: string, state: RunHead | undefined): void {
  if (isBeforeBegin(state)) throw runNotBegun(run)
}

/** The part of every run with the message that began it. */
export const START_PART = 'start'

/** The first message of a run that has not begun, or that ended before. Undefined: it has begun. */
export async function keptStart(
  view: Pick<EngineView, 'peek' | 'parts'>,
  of: ActorRef,
): Promise<FirstRunMessage | undefined> {
  if (of.kind !== KIND.run || !isBeforeBegin(await view.peek(of))) return undefined
  const stored = await readSinglePart((...given) => view.parts(...given), of, LATER_PART)
  return (stored as KeptStart | undefined)?.start
}

/**
 * A view for executors: a run that waits for its turn, or ended before it, reads as one that has just begun. So it has
 * its source, its inputs and its steps. `states`: the fields that follow from the first message, by its type.
 */
export function asBegun(view: EngineView, states: StatesBefore): EngineView {
  const parts: ReadParts = async function* (of, page) {
    const start = page.prefix === START_PART ? await keptStart(view, of) : undefined
    if (start) yield [START_PART, start]
    else yield* view.parts(of, page)
  }
  return {
    ...view,
    parts: parts as EngineView['parts'],
    async peek(of) {
      const state = await view.peek(of)
      const start = isBeforeBegin(state) ? await keptStart(view, of) : undefined
      return start ? ({ ...(state as object), ...states[start.type]?.(start) } as Json) : state
    },
  }
}

type StatesBefore = { readonly [type: string]: (start: FirstRunMessage) => Partial<RunHead> }
