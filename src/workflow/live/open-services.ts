import type { Engine } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import type { RunsPort } from '../../run/room/port.ts'
import type { ValueStore } from '../../run/values.ts'
import { isWorkflow, type Workflow } from '../definition/workflow-value.ts'
import type { OrderChild } from '../operations/call.ts'
import { createLiveRuns } from './live-runs.ts'
import type { WorkflowServices } from './services.ts'

/** The parts of a runtime that open after its actors. */
type Opened = { readonly engine: Engine; readonly ports: { readonly runs: Pick<RunsPort, 'start'> } }

/** The services of runs of workflows. InvalidError when one is no workflow, or two have one name. */
export function openWorkflowServices(
  workflows: readonly Workflow[] = [],
  values: ValueStore,
  order: OrderChild,
  live: Opened,
): WorkflowServices {
  return {
    values,
    readParts: (of, page) => live.engine.view.parts(of, page),
    peek: (of) => live.engine.view.peek(of),
    workflows: byName(workflows),
    live: createLiveRuns(),
    order,
    startRun: ({ name }, { input, id, owner }) =>
      live.ports.runs.start({ workflow: name, input, id, ...(owner !== undefined && { owner }) }),
    // a run that does not look again now looks at its next message
    lookAgain: (run) => void live.engine.tell(runRef(run), { type: 'code' }, { correlationId: run }).catch(() => {}),
  }
}

function byName(workflows: readonly Workflow[]): ReadonlyMap<string, Workflow> {
  const named = new Map<string, Workflow>()
  // a program without types may give anything
  if (!Array.isArray(workflows)) throw wrong('workflows', 'Expected a list of workflows made by defineWorkflow.')
  for (const [index, workflow] of workflows.entries()) {
    if (!isWorkflow(workflow)) throw wrong(`workflows[${index}]`, 'Expected a workflow made by defineWorkflow.')
    if (named.has(workflow.name)) throw wrong(`workflows[${index}]`, `There are two workflows ${workflow.name}.`)
    named.set(workflow.name, workflow)
  }
  return named
}

const wrong = (path: string, message: string) =>
  new InvalidError(message, { place: { path }, hint: 'Write for example workflows: [order].' })
