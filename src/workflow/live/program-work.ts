import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { findRunStart } from '../../run/records.ts'
import type { StepContext, StepResult } from '../../step/call/context.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import { hasEnded, type StepValue } from '../../step/record/outcome.ts'
import { readRef } from '../../step/values.ts'
import { codeMissing } from '../../work/code-wait.ts'
import { performCall } from '../operations/step.ts'
import type { OperationStep } from '../replay/operation.ts'
import { peekWorkflow } from '../replay/state.ts'
import { undoneBy } from '../replay/undo-step.ts'
import { openExecution } from './open-execution.ts'
import type { WorkflowServices } from './services.ts'

/** Does what the function of a run says at a step, or undoes what it did. */
export async function performOperation(services: WorkflowServices, context: StepContext): Promise<StepResult> {
  const { run, step } = context.start
  const undone = undoneBy(step)
  const operation = await operationOf(services, run.id, undone ?? step)
  return undone === undefined ? operation.perform!(context) : undo(services, context, operation, undone)
}

/**
 * The operation of a step: of the live function, or of one that replays the history of the run. `isWhole`: only code
 * that fits the whole history counts.
 */
export async function operationOf(
  services: WorkflowServices,
  run: string,
  step: string,
  { isWhole = false } = {},
): Promise<OperationStep> {
  const find = (operations: readonly { readonly id: string; readonly work: { readonly type: string } }[]) =>
    operations.find(({ id, work }) => id === step && work.type === 'step')?.work as OperationStep | undefined
  const known = services.live.peek(run)
  const found = known && find(known.execution.operations)
  if (found) return found
  const { workflow, startedAt } = (await peekWorkflow(services, run))!
  const code = services.workflows.find(workflow.of, workflow.version)
  if (!code) throw codeMissing(`This process does not have the code of the workflow ${workflow.of}.`)
  const start = (await findRunStart(run, services.readParts))!
  const opened = await openExecution(services, code, { id: run, startedAt, start, turns: workflow.turns })
  const { end, operations } = opened.execution
  const operation = find(operations)
  if (operation && !services.live.peek(run) && end.type === 'waits')
    services.live.put(run, { ...opened, seen: workflow })
  if (operation && !(isWhole && end.type === 'stopped')) return operation
  if (end.type === 'stopped') throw codeMissing(end.stop.message)
  throw codeMissing(`The workflow ${workflow.of} has no step ${step} any more.`)
}

async function undo(
  { readParts, values }: WorkflowServices,
  context: StepContext,
  operation: OperationStep,
  step: string,
): Promise<StepResult> {
  const part = await readStepPart(readParts, context.start.run.id, step)
  if (!part || !hasEnded(part) || part.status !== 'completed')
    throw new TerminalError(`The run has no completed step ${step}.`)
  const { result } = (await readRef(values, part.result)) as Json & StepValue
  return performCall(context, undefined, async (call) => {
    // what it returns is nobody's, such as the response of a request
    await operation.undo!(structuredClone(result), call)
  })
}
