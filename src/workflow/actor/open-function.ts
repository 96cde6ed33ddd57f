import { messageTime } from '../../run/messages.ts'
import { runIndex } from '../../run/run.ts'
import { CODE_WAIT } from '../../work/wait.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { LiveRun } from '../live/live-runs.ts'
import { openExecution } from '../live/open-execution.ts'
import type { RecordedOutcome } from '../replay/history.ts'
import type { Stopped, WorkflowState } from '../replay/state.ts'
import { type TurnDraft, turnOf, type WorkflowTurn } from './draft.ts'
import { endNow } from './finish.ts'

/** Why a run goes on only with other code. */
type Stopping = Omit<Stopped, 'since'>

/** The function of a run where it waits; or why it cannot be called. */
export async function openFunction(
  { services, effects, start }: TurnDraft,
  { workflow, startedAt }: WorkflowState,
): Promise<LiveRun | Stopping> {
  const { key: id } = effects.self
  const known = services.live.take(id, workflow)
  if (known) return known
  const code = services.workflows.find(workflow.of, workflow.version)
  if (!code) return missingCode(services.workflows, workflow.of, workflow.version)
  const live = await openExecution(services, code, { id, startedAt, start, turns: workflow.turns })
  live.seen = workflow
  const { end } = live.execution
  return end.type === 'stopped' ? end.stop : live
}

/** The run keeps what has arrived, and waits for other code. Nothing has an effect before. */
export async function stopRun(
  draft: TurnDraft,
  state: WorkflowState,
  arrived: readonly RecordedOutcome[],
  { reason, message, hint }: Stopping,
): Promise<WorkflowTurn> {
  const { services, effects, start, events } = draft
  services.live.drop(effects.self.key)
  const { cancelled } = state.workflow
  // a cancelled run does not wait for code that would clean up
  if (cancelled) return endNow(draft, state, { status: 'cancelled', problem: cancelled.problem })
  const stopped = { reason, message, hint, since: messageTime(effects.message) }
  const run: WorkflowState = { ...state, workflow: { ...state.workflow, arrived, stopped } }
  // a command may lack the workflow: a program that has it may be next
  if (reason !== 'missing') services.tellStop(effects.self.key, message)
  events.push({ type: 'workflow-stop', reason, message, hint })
  return turnOf(draft, run, { ...runIndex(run, start), waits: CODE_WAIT })
}

/** The process lacks the workflow, or the version of a run. */
function missingCode({ names }: WorkflowList, name: string, version = 1): Stopping {
  const hasName = names.includes(name)
  const of = hasName ? `version ${version} of the workflow ${name}` : `the workflow ${name}`
  const code = hasName
    ? `the workflow ${name} with version: ${version} beside the others`
    : `start({ workflows: [${name}] })`
  return {
    reason: 'missing',
    message: `This process does not have ${of}.`,
    hint: `It continues when a program with ${code} opens the data folder. For commands, name that program in antiphon.yaml: app: FILE.`,
  }
}
