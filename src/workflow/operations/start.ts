import type { Json } from '../../kernel/json.ts'
import { childRunId } from '../../run/ids.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import type { OperationStep } from '../replay/operation.ts'
import { performCall } from './step.ts'

/** Starts a run of a workflow for an owner; the same id starts one run. */
export type StartRun = (
  workflow: Workflow,
  request: { readonly input: Json; readonly id: string; readonly owner: string | undefined },
) => Promise<{ readonly id: string }>

/** The work of `ctx.start`: a run that goes on when this one has ended. */
export function startWork(
  workflow: Workflow,
  input: Json,
  { id: given }: { readonly id?: string },
  startRun: StartRun,
): OperationStep {
  return {
    type: 'step',
    work: { type: 'code', action: 'start' },
    policy: { effect: 'idempotent', attempts: 3 },
    perform(context) {
      const { run, step } = context.start
      // a dot would make it a run below this one
      const id = given ?? childRunId(run.id, step).replaceAll('.', '-')
      return performCall(context, undefined, () => startRun(workflow, { input, id, owner: run.owner }))
    },
  }
}
