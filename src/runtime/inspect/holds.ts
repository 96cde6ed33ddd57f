import type { Inspected, InspectedMail } from '../../engine/inspect.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import type { StepProblem } from '../../pipeline/plan/step-outcome.ts'
import { PROVIDER_WAIT } from '../../work/provider-wait.ts'
import type { Pool } from '../../worker/pool/pool.ts'
import type { Attempt, Hold, Queued } from '../ports/inspector.ts'

/** The reasons that hold an actor, apart from other actors. */
export type Holds = (actor: Inspected) => Promise<readonly Hold[]>

type Lent = {
  readonly pools: () => readonly Pool[]
  peek(of: Inspected['of']): Promise<Json | undefined>
  /** details of an actor's effects besides their names */
  describe(actor: Inspected, mail: InspectedMail): Promise<Pick<Attempt, 'attempts' | 'does'>>
}

/** Lists what holds an actor: its turn or an abandoned one, mail, timers, an external wait, or its end. */
export function holdsOf({ pools, peek, describe }: Lent): Holds {
  async function heldBy(actor: Inspected, mail: InspectedMail): Promise<Hold> {
    const { id, correlationId: work, since, effect, held } = mail
    const attempt = effect && { ...effect, ...(await describe(actor, mail)) }
    if (held) return { type: 'left', work, since, ...(attempt && { effect: attempt }) }
    if (!attempt) return { type: 'turn', work, since }
    const queued = placeIn(pools(), `${id}/${attempt.name}`)
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
      ...timerHolds(mail),
      ...outsideHolds(cell?.index ?? {}),
      ...(await overHold(actor, peek)),
    ]
  }
}

function mailHold({ mail, waiting }: Inspected): readonly Hold[] {
  const [first] = mail.filter(({ due, held }) => due === undefined && !held)
  if (!first) return []
  const others = mail.filter(({ due, held }) => due !== undefined || held).length
  return [{ type: 'mail', count: waiting - others, since: first.since }]
}

function timerHolds(mail: readonly InspectedMail[]): readonly Hold[] {
  return mail.flatMap(({ timer, due, held }) =>
    due === undefined || held ? [] : [{ type: 'timer', timer: timer ?? '', until: due }],
  )
}

function outsideHolds({ waits, run, since }: ActorIndex): readonly Hold[] {
  if (waits === PROVIDER_WAIT) return [{ type: 'provider', ...(typeof since === 'number' && { since }) }]
  const [, type, name = ''] = /^(signal|budget|decision):(.*)$/s.exec(`${waits}`) ?? []
  if (type !== 'signal' && type !== 'budget' && type !== 'decision') return []
  const whose = type === 'signal' && typeof run === 'string' && { run }
  return [{ type, name, ...whose, ...(typeof since === 'number' && { since }) }]
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

function placeIn(pools: readonly Pool[], key: string): Queued | undefined {
  for (const pool of pools) {
    const place = pool.placeOf(key)
    if (place !== undefined) return { pool: pool.id, place, of: pool.stats().queued }
  }
  return undefined
}
