import { peekGoal } from '../../agent/protocol/state.ts'
import type { Inspected, InspectedMail } from '../../engine/inspect.ts'
import type { Problem } from '../../errors.ts'
import { goalRef, KIND, runAsWork, runRef, type WorkRef, workOf } from '../../house/actors.ts'
import { unlessDamaged } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import type { ActorIndex, ActorRef } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import type { MemoryState } from '../../memory/actor/memory-actor.ts'
import { peekRunState } from '../../pipeline/plan/run-state.ts'
import { RUN_QUEUE } from '../../run/later/messages.ts'
import { placeInQueue } from '../../run/later/queue-place.ts'
import type { StepState } from '../../step/attempt/step-state.ts'
import { isCallSignal } from '../../step/messages/call-decision.ts'
import type { StepProblem } from '../../step/record/step.ts'
import { readWait } from '../../work/wait.ts'
import type { Pool } from '../../worker/pool/pool.ts'
import { BOUNDS } from '../../workflow/replay/bounds.ts'
import { peekWorkflow } from '../../workflow/replay/state.ts'
import type { Attempt, Hold, Queued } from '../ports/inspector.ts'

/** The reasons that hold an actor, apart from other actors. */
export type Holds = (actor: Inspected) => Promise<readonly Hold[]>

type Lent = {
  readonly pools: () => readonly Pool[]
  peek(of: Inspected['of']): Promise<Json | undefined>
  readonly parts: ReadParts
  /** details of an actor's effects besides their names */
  describe(
    actor: Inspected,
    mail: InspectedMail,
  ): Promise<Pick<Attempt, 'attempts' | 'does' | 'unbounded' | 'progress' | 'log'>>
}

/** Lists what holds an actor: its turn or an abandoned one, mail, timers, an external wait, or its end. */
export function holdsOf({ pools, peek, parts, describe }: Lent): Holds {
  const isThere = (of: ActorRef) => unlessDamaged(async () => (await peek(of)) !== undefined, true)

  /** The work that a message of another actor belongs to, by its correlation id. */
  async function workNamed({ kind }: ActorRef, id: string): Promise<WorkRef> {
    if (kind === KIND.thread || kind === KIND.phase) return { kind: 'ask', id }
    if (await isThere(runRef(id))) return runAsWork(id)
    return { kind: (await isThere(goalRef(id))) ? 'goal' : 'message', id }
  }

  async function heldBy(actor: Inspected, mail: InspectedMail): Promise<Hold> {
    const { id, correlationId, since, effect, held } = mail
    // the place and the attempt are those of one moment
    const queued = effect && placeIn(pools(), `${id}/${effect.name}`)
    const work = workOf(actor.of) ?? (await workNamed(actor.of, correlationId))
    const attempt = effect && { ...effect, ...(await describe(actor, mail)) }
    if (held) return { type: 'left', work, since, ...(attempt && { effect: attempt }) }
    if (!attempt) return { type: 'turn', work, since }
    return { type: 'effect', work, effect: attempt, ...(queued && { queued }) }
  }

  return async (actor) => {
    const { turn, mail, cell } = actor
    if (cell && cell.status !== 'live') return [{ type: cell.status, ...(cell.problem && { problem: cell.problem }) }]
    const left = mail.filter(({ held }) => held)
    const held = turn ?? left.find(({ due }) => due === undefined) ?? left[0]
    return [
      ...(held ? [await heldBy(actor, held)] : []),
      ...mailHold(actor),
      ...(await laterHolds(actor, { peek, parts })),
      ...(actor.of.kind === 'memory' ? await dutyHolds(actor, peek) : timerHolds(actor)),
      ...outsideHolds(cell?.index ?? {}),
      ...(typeof cell?.index?.stands === 'string' ? [{ type: 'stands' as const, says: cell.index.stands }] : []),
      ...(await codeHold(actor, peek)),
      ...(await workflowHold(actor, peek)),
      ...(await goalHold(actor, peek)),
      ...(await overHold(actor, peek)),
      ...overdueHolds(actor, pools()),
    ]
  }
}

function mailHold({ mail, waiting }: Inspected): readonly Hold[] {
  const [first] = mail.filter(({ due, held }) => due === undefined && !held)
  if (!first) return []
  const others = mail.filter(({ due, held }) => due !== undefined || held).length
  return [{ type: 'mail', count: waiting - others, since: first.since }]
}

function timerHolds({ mail, cell }: Inspected): readonly Hold[] {
  // the time of a run says more than the timer that looks at it
  if (cell?.index?.later === 'timed') return []
  return mail.flatMap(({ timer, due, held }) =>
    due === undefined || held ? [] : [{ type: 'timer', timer: timer ?? '', until: due }],
  )
}

function outsideHolds(index: ActorIndex): readonly Hold[] {
  const { run, since } = index
  const wait = readWait(index)
  const from = typeof since === 'number' && { since }
  if (wait?.type === 'provider') return [{ type: 'provider', ...from }]
  if (!wait || !('name' in wait)) return []
  if (wait.type !== 'signal') return [{ ...wait, ...from }]
  const held = { ...wait, ...(typeof run === 'string' && { run }), ...from }
  // the inbox lists the other steps
  if (index.status !== 'waiting' || index.inbox !== undefined) return [held]
  return [isCallSignal(wait.name) ? { ...held, looks: true } : { ...held, url: true }]
}

/** A step that waits for code, in the words of the inbox, or a phase that waits for its rules. */
async function codeHold({ of, cell }: Inspected, peek: Lent['peek']): Promise<readonly Hold[]> {
  const { step, since } = cell?.index ?? {}
  if (readWait(cell?.index)?.type !== 'code') return []
  if (step === undefined) return of.kind === KIND.phase ? [{ type: 'code' }] : []
  const { awaiting, suspended } = ((await peek(of)) ?? {}) as StepState
  const title = suspended?.codeWait?.title ?? awaiting?.looks?.lacks
  return [{ type: 'code', ...present({ title }), ...(typeof since === 'number' && { since }) }]
}

/** A goal that is paused or waits. The index has the other waits. */
async function goalHold({ of }: Inspected, peek: Lent['peek']): Promise<readonly Hold[]> {
  const state = of.kind === KIND.goal ? await unlessDamaged(() => peekGoal({ peek }, of.key), undefined) : undefined
  if (state?.status === 'paused') return [{ type: 'goal', reason: 'paused', title: 'The goal is paused.' }]
  const { wait } = state ?? {}
  if (!wait || wait.type === 'money' || wait.type === 'provider' || wait.type === 'start' || wait.type === 'queue')
    return []
  const { type: reason, title, since } = wait
  return [{ type: 'goal', reason, title, since, ...(wait.type === 'limit' && { limit: wait.limit }) }]
}

/** A run that lacks its strategy, or of a workflow whose code does not fit, or whose history has become long. */
async function workflowHold({ of, cell }: Inspected, peek: Lent['peek']): Promise<readonly Hold[]> {
  const { status } = cell?.index ?? {}
  if (of.kind !== KIND.run || status !== 'running') return []
  const lacks = (await peekRunState({ peek }, of.key))?.lacks
  if (lacks) return [{ type: 'code', title: lacks.message, hint: lacks.hint, since: lacks.since }]
  const workflow = (await peekWorkflow({ peek }, of.key))?.workflow
  if (!workflow) return []
  const { stopped, next: operations } = workflow
  if (stopped) return [{ type: 'code', title: stopped.message, hint: stopped.hint, since: stopped.since }]
  const most = BOUNDS.operations
  return operations < LONG_HISTORY * most ? [] : [{ type: 'history', operations, most }]
}

/** `why` tells of a history that has used this share of its operations. */
const LONG_HISTORY = 0.8

/** The duties of a memory. They share its timer. */
async function dutyHolds({ of }: Inspected, peek: Lent['peek']): Promise<readonly Hold[]> {
  const { duties = {} } = ((await peek(of)) ?? {}) as Partial<MemoryState>
  return Object.entries(duties).map(([name, { due, ...rest }]) => ({
    type: 'duty',
    name,
    ...rest,
    ...(due !== undefined && { until: due }),
  }))
}

const OVER = ['completed', 'failed', 'cancelled']

/** An actor whose index marks it as ended. */
async function overHold({ of, cell }: Inspected, peek: Lent['peek']): Promise<readonly Hold[]> {
  const { status, finishedAt, updatedAt } = cell?.index ?? {}
  if (!OVER.some((end) => end === status)) return []
  const { problem: whole } = ((await peek(of)) ?? {}) as { readonly problem?: StepProblem }
  const { failedHandlers, ...problem } = whole ?? {}
  const at = finishedAt ?? updatedAt
  return [
    {
      type: 'over',
      ...(typeof at === 'number' && { at }),
      ...(whole && { problem: problem as Problem }),
      ...(failedHandlers && { failedHandlers }),
    },
  ]
}

/** Calls of a run or a goal that go on after their timeout. */
function overdueHolds({ of: { kind, key } }: Inspected, pools: readonly Pool[]): readonly Hold[] {
  const isIts = (of = '') => (kind === KIND.run && of === key) || (kind === KIND.goal && of.startsWith(`${key}.`))
  return pools.flatMap((pool) =>
    pool
      .overdue()
      .flatMap(({ what, of, ms }): Hold[] =>
        isIts(of) ? [{ type: 'overdue', what, pool: pool.id, since: Date.now() - Math.round(ms) }] : [],
      ),
  )
}

function placeIn(pools: readonly Pool[], key: string): Queued | undefined {
  for (const pool of pools) {
    const place = pool.placeOf(key)
    if (place === undefined) continue
    const resource = pool.lackOf(key)
    const overdue = pool.overdue().length
    const { queued: of } = pool.stats()
    return { pool: pool.id, place, of, ...(resource !== undefined && { resource }), ...(overdue > 0 && { overdue }) }
  }
  return undefined
}

/** A run or a goal that waits for its time, or for a slot of its key: its place, and those before it. */
async function laterHolds({ of, cell }: Inspected, lent: Parameters<typeof placeInQueue>[0]): Promise<readonly Hold[]> {
  const { later, until } = cell?.index ?? {}
  if (later === undefined || (of.kind !== KIND.run && of.kind !== KIND.goal)) return []
  if (later === 'timed') return [{ type: 'start', until: Number(until) }]
  const wait = readWait(cell?.index)
  if (wait?.type !== 'actor' || wait.actor.kind !== RUN_QUEUE) return []
  const place = await placeInQueue(lent, wait.actor, of)
  return place ? [{ type: 'queue', ...place, behind: [...place.behind] }] : []
}
