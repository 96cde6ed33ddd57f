import { AGENT_SPACES, isWithin, readsOwner, sharedSpaces } from '../../agent/definition/agent-name.ts'
import { lineageOf } from '../../agent/memory/lineage.ts'
import { agentSource, agentSpace } from '../../agent/memory/spaces.ts'
import { findStartOf } from '../../agent/protocol/start.ts'
import type { EngineView } from '../../engine/engine.ts'
import { runRef } from '../../pipeline/plan/refs.ts'
import type { RunState } from '../../pipeline/plan/run-state.ts'
import type { CallingRun } from '../../tool/tool.ts'
import type { Cause } from '../memory.ts'
import type { MemoryRecord, RecordSource } from '../record.ts'
import { isSameSource, notOwn } from '../rights.ts'

/** The source of records that a run writes, and its rights in the memory of its owner. */
export type MemoryWork = {
  readonly source: RecordSource
  readonly cause: Cause
  /** ms since the epoch: a forgetting after it wins */
  readonly begunAt: number
  /** of calls that a model chose; absent: the author of a pipeline did */
  readonly model?: ModelSpaces
}

/** The spaces of a model. One without an agent has none of its own. */
type ModelSpaces = {
  readonly own?: string
  /** spaces that it does not see, except those in `reads` */
  readonly hidden: readonly string[]
  readonly reads?: string
  /** spaces of the operator that it may search */
  readonly shared?: readonly string[]
}

/** The rights of a run. Its id says which goals and conversations are above it. */
export async function memoryWorkOf({ peek, parts }: EngineView, run: CallingRun): Promise<MemoryWork> {
  const { goal, conversation, begunAt = run.startedAt } = await lineageOf(peek, run.id)
  const began = { begunAt: Math.min(begunAt, run.startedAt) }
  if (!run.chosenByModel) {
    const { name } = ((await peek(runRef(run.id))) ?? {}) as Partial<RunState>
    const source = { type: 'run' as const, ...(name !== undefined && { ref: name }), run: run.id }
    return { source, cause: { type: 'run', id: run.id }, ...began }
  }
  const start = goal && (await findStartOf(goal.id, parts))
  const cause: Cause = goal ? { type: 'goal', id: goal.id } : { type: 'run', id: run.id }
  // the agent of a step has no name of its own
  if (!goal || !start || start.ofStep)
    return { source: { type: 'model', run: run.id }, cause, ...began, model: { hidden: [AGENT_SPACES] } }
  const [all, own] = [undefined, conversation].map((part) => agentSpace(goal.agent, start.memory ?? {}, part)) as [
    string,
    string,
  ]
  const { memory } = start
  const hidden = readsOwner(memory) ? [AGENT_SPACES, all] : [ALL_SPACES]
  const shared = sharedSpaces(memory)
  const model = { own, hidden, reads: start.recall === 'agent' ? all : own, ...(shared.length > 0 && { shared }) }
  return { source: { type: 'model', ref: agentSource(goal.agent), run: run.id }, cause, ...began, model }
}

/** Whether the work may see a space. */
export const seesSpace = ({ model }: Pick<MemoryWork, 'model'>, space: string): boolean =>
  !isHidden(model, space) || isOwn(space, model?.reads)

const isHidden = (model: ModelSpaces | undefined, space: string): boolean =>
  model?.hidden.some((hidden) => hidden === ALL_SPACES || isWithin(space, hidden)) ?? false

/** The root: every space is below it. */
const ALL_SPACES = ''

const isOwn = (space: string, own: string | undefined) => own !== undefined && isWithin(space, own)

/** The space to which the work writes. @throws an error `not_own` for the space of another agent or conversation */
export function writtenSpace({ model }: Pick<MemoryWork, 'model'>, space: string | undefined): string | undefined {
  if (!model) return space
  if (space === undefined || isOwn(space, model.own)) return space ?? model.own
  if (!isHidden(model, space)) return space
  throw notOwn(
    `A model cannot write to the space ${space}, which belongs to another agent or conversation.`,
    model.own === undefined ? 'Leave the space out.' : `Leave the space out: its own one is ${model.own}.`,
  )
}

/** @throws an error `not_own` for a record that the work may not forget */
export function checkForget({ source, model }: MemoryWork, record: MemoryRecord): void {
  if (isSameSource(source, record.source) && (!model || isOwn(record.space, model.own))) return
  throw notOwn(
    `The record ${record.id} comes from another source (${record.source.type}), so this work cannot forget it.`,
    `A person can: antiphon memory forget ${record.id}`,
  )
}
