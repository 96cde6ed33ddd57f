import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Send } from '../../kernel/types.ts'
import { encodeEvent, encodeStep } from '../../pipeline/plan/codec.ts'
import type { CompiledPipeline, CompiledStep } from '../../pipeline/plan/compiled.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import type { StepStart } from '../../pipeline/plan/messages/step-start.ts'
import type { StartPart } from '../../pipeline/plan/run-state.ts'
import { stepStartMessage } from '../../pipeline/run/start-step.ts'
import { tellWatcher } from '../../pipeline/run/watch.ts'
import { runIndex } from '../../run/run.ts'
import { storeRef } from '../../run/values.ts'
import type { LiveRun } from '../live/live-runs.ts'
import type { OperationStep } from '../replay/operation.ts'
import type { WorkflowState } from '../replay/state.ts'
import { type TurnDraft, timeOf, turnOf, type WorkflowTurn } from './draft.ts'

/** How many steps of a run are at work at once. */
const MAX_AT_WORK = 64

/** Starts what the function has begun, as far as there is room. */
export async function startOperations(
  draft: TurnDraft,
  state: WorkflowState,
  { execution }: LiveRun,
): Promise<WorkflowTurn> {
  const { effects, start, send, timers } = draft
  const now = timeOf(effects.message)
  const inFlight = [...state.inFlight]
  const sleeping = { ...state.workflow.sleeping }
  let started = 0
  let { next } = state.workflow
  for (; next < execution.operations.length; next++) {
    const { id, number, work } = execution.operations[next]!
    // its outcome came before its start: the run was cancelled
    if (!execution.awaits(number)) continue
    if (work.type === 'timer') {
      timers[timerOf(number)] = { delay: work.delay, body: { type: 'wake', operation: number } }
      sleeping[number] = now + work.delay
      if (Object.keys(sleeping).length > MAX_ASLEEP) throw tooManyAsleep(state.name)
    }
    if (work.type !== 'step') continue
    if (inFlight.length >= MAX_AT_WORK) break
    inFlight.push(id)
    started++
    send.push(await startStep(draft, state, id, work))
  }
  const total = state.total + started
  const run: WorkflowState = { ...state, inFlight, total, workflow: { ...state.workflow, next, sleeping } }
  send.push(...(await tellWatcher(run, effects)))
  return turnOf(draft, run, { ...runIndex(run, start as unknown as Json), ...whenAsleep(run) })
}

/** How many branches of a run sleep at once. */
const MAX_ASLEEP = 1000

const tooManyAsleep = (name: string) =>
  new InvalidError(`More than ${MAX_ASLEEP} branches of the workflow ${name} sleep at once.`, {
    code: 'too_large',
    hint: 'Let runs of another workflow sleep: ctx.start(workflow, input).',
  })

/** A run that only sleeps says until when. */
function whenAsleep({ inFlight, workflow: { sleeping } }: WorkflowState): { readonly until?: number } {
  const times = Object.values(sleeping)
  return inFlight.length === 0 && times.length > 0 ? { until: Math.min(...times) } : {}
}

/** The timer of an operation. */
export const timerOf = (number: number): string => `sleep-${number}`

/** Starts a step: its record, its event and its message. */
export async function startStep(
  { services, effects: { self }, start, parts, events }: TurnDraft,
  state: WorkflowState,
  id: string,
  work: Pick<OperationStep, 'work' | 'policy' | 'inputs'>,
): Promise<Send> {
  parts[stepPartName(id)] = encodeStep({ status: 'running' })
  events.push(encodeEvent({ type: 'step-start', step: id }))
  const inputs = await storeRef(services.values, work.inputs)
  const message = startMessage(state, { ...start, inputs }, id, work, self)
  return { ...message, correlationId: workOf(state, self.key) }
}

/** The message that starts the step of an operation. It carries a pipeline of this step alone. */
function startMessage(
  state: WorkflowState,
  start: StartPart,
  id: string,
  { work, policy }: Pick<OperationStep, 'work' | 'policy'>,
  self: ActorRef,
): Send {
  const compiled = pipelineOf(state.name, [{ id, work, edges: NO_EDGES, policy }])
  const message = stepStartMessage(compiled, state, { id }, self, { start: start as unknown as Json })
  return { ...message, body: { ...(message.body as StepStart), compiled } as unknown as Json }
}

export const NO_EDGES: CompiledStep['edges'] = { needs: [], dependents: [], reads: [] }

/** Steps of a workflow, as readers of runs see them. */
export function pipelineOf(name: string, steps: readonly CompiledStep[]): CompiledPipeline {
  return {
    v: 2,
    id: name,
    name,
    names: [],
    inputs: {},
    roots: steps.map(({ id }) => id),
    size: steps.length,
    steps: Object.fromEntries(steps.map((step) => [step.id, step])),
  }
}

/** The work that steps of a run belong to. A cancelled run cleans up as other work, which its cancellation spares. */
export const workOf = ({ workflow: { cancelled } }: WorkflowState, id: string): string =>
  cancelled ? `${id}/cleanup` : id
