import { randomBytes } from 'node:crypto'
import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { ancestryBelow } from '../../step/call/call-time.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { RunOrigin } from '../../step/messages/run-origin.ts'
import { storeRef, type ValueStore } from '../../step/values.ts'
import { withRules } from '../../work/origin/call-for.ts'
import { namesOf, placeOfWorkflow } from '../../work/rules/house-rules.ts'
import type { WorkflowStart } from '../actor/messages.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { Workflow } from '../definition/workflow-value.ts'
import type { OrderChild } from '../operations/call.ts'
import { inputFor } from './accept-input.ts'

/** The message that begins a run of a workflow. InvalidError when its input does not fit the schema. */
export async function firstMessage(
  values: ValueStore,
  workflow: Workflow,
  input: unknown,
  origin: RunOrigin,
): Promise<WorkflowStart> {
  const given = await inputFor(workflow, input)
  const rules = namesOf(workflow.around, placeOfWorkflow(workflow))
  return {
    ...origin,
    ...(rules.length > 0 && { workFor: withRules(origin.workFor ?? {}, rules) }),
    type: 'workflow',
    workflow: workflow.name,
    ...(workflow.version > 1 && { version: workflow.version }),
    inputs: await storeRef(values, given),
    nonce: randomBytes(NONCE_BYTES).toString('base64url'),
  }
}

const NONCE_BYTES = 32

/** How many runs may nest, with the root. */
const MAX_DEPTH = 10

/** Makes the messages that begin runs of workflows below the runs of steps. */
export const childOrder =
  (values: ValueStore, { newest }: WorkflowList): OrderChild =>
  (workflow, input, context) =>
    childMessage(values, newest(workflow.name) ?? workflow, input, context)

async function childMessage(values: ValueStore, workflow: Workflow, input: Json, context: StepContext): Promise<Json> {
  const { start, definition } = context
  const ancestry = ancestryBelow(context)
  const { above, source: _, written: __, foreign: ___, ...origin } = start.run.provenance ?? {}
  const pipelines = [...(above?.pipelines ?? []), definition]
  if (pipelines.length >= MAX_DEPTH)
    throw new TerminalError(`Child runs are nested deeper than ${MAX_DEPTH}.`, { code: 'too_deep' })
  const message = await firstMessage(values, workflow, input, {
    ...origin,
    ...(start.run.granted && { granted: start.run.granted }),
    ...(start.run.denied && { denied: start.run.denied }),
    ...(ancestry && { ancestry }),
    above: { root: above?.root ?? start.run.id, pipelines },
  })
  return message as Json
}
