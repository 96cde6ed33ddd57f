import type { EngineView } from '../../../engine/engine.ts'
import type { Cause } from '../../../memory/memory.ts'
import { ALL_SPACES, type MemoryWork } from '../../../memory/room/work.ts'
import { AGENT_SPACES } from '../../../memory/space.ts'
import { peekRun } from '../../../run/run.ts'
import type { CallingRun } from '../../../tool/tool.ts'
import { readsOwner, sharedSpaces } from '../../definition/agent-name.ts'
import { lineageOf } from '../../memory/lineage.ts'
import { agentSource, agentSpace } from '../../memory/spaces.ts'
import { findStartOf } from '../../protocol/messages.ts'

/** The rights of a run in the memory of its owner. Its id says which goals and conversations are above it. */
export async function memoryWorkOf({ peek, parts }: EngineView, run: CallingRun): Promise<MemoryWork> {
  const { goal, conversation, begunAt = run.startedAt } = await lineageOf(peek, run.id)
  const began = { begunAt: Math.min(begunAt, run.startedAt) }
  if (!run.chosenByModel) {
    const name = (await peekRun({ peek }, run.id))?.name
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
