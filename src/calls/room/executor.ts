import { hash } from 'node:crypto'
import type { EngineView } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { LOCAL_OWNER, ownerOf } from '../../lib/owner.ts'
import { noRun } from '../../run/room/errors.ts'
import { type Executor, originOfRequest, type PreparedRun } from '../../run/room/executor.ts'
import type { ForkRequest } from '../../run/room/port.ts'
import type { RunSteps } from '../../run/room/report/run-steps.ts'
import { findRunStart, peekRun } from '../../run/run.ts'
import type { StepServices } from '../../step/call/context.ts'
import type { RunOrigin } from '../../step/messages/run-origin.ts'
import type { StepParameters } from '../../step/record/outcome.ts'
import { readRef, storeRef } from '../../step/values.ts'
import type { CallsState } from '../end-calls.ts'
import type { CallsStart } from '../messages.ts'
import { type CallInputs, type CallsPlan, inputsOf, type PlannedStart, planCalls } from '../plan.ts'
import type { ReusedCalls } from '../work.ts'

type Services = Pick<StepServices, 'values' | 'toolbox' | 'area' | 'secrets'>

/** The executor of lists of calls. `createTools` and the messages of goals and asks begin their runs. */
export function callsExecutor(view: EngineView, services: Services): Executor {
  const { secrets } = services
  const shown = <Value>(value: Value) => secrets?.shown(value) ?? value
  return {
    accepts: () => false,
    prepare() {
      throw new TypeError('calls begin by their own port')
    },
    prepareFork: (run, request) => prepareFork(view, services, run, request),
    steps: (run) => stepsOf(view, services, run),
    async inputs(run) {
      const planned = await readPlanned(view, services, run)
      return planned && shown(await planned.readInputs())
    },
    async detailOf({ id, changed_parameters: changed }, { execution_id: run }) {
      const { readInputs } = (await readPlanned(view, services, run))!
      return { parameters: shown((changed as StepParameters | undefined) ?? (await readInputs())[id] ?? {}) }
    },
    async source(run) {
      const planned = await readPlanned(view, services, run)
      const missing = 'No text was given for this run.'
      return { language: 'pipeline', steps: {}, missing, ...(planned && { inputs: shown(await planned.readInputs()) }) }
    },
  }
}

async function stepsOf(view: EngineView, services: Services, run: string): Promise<RunSteps> {
  const { plan } = (await readPlanned(view, services, run))!
  const { unhandled = 0 } = (await peekRun(view, run)) as CallsState
  const steps = plan.calls.map(({ id, tool: called, asks, effect }) => {
    const [tool, action = tool] = called.split(/:(.*)/s) as [string, string?]
    return { id, tool, action, dependencies: [], isOnce: !asks && effect === 'at-most-once' }
  })
  const levels = [steps.map(({ id }) => id)]
  return {
    definition: plan.name,
    hash: hash('sha256', JSON.stringify(plan)),
    steps,
    levels,
    unhandled,
    isOfCalls: true,
  }
}

async function readPlanned({ parts }: EngineView, { values, toolbox, area }: Services, run: string) {
  const start = (await findRunStart(run, parts)) as PlannedStart | CallsStart | undefined
  if (!start) return undefined
  // one that has not begun has its first message
  if (!('plan' in start))
    return {
      plan: planCalls(start, toolbox, area),
      readInputs: async () => inputsOf(start.calls),
      start: start.origin ?? {},
    }
  const { plan, inputs, replyTo: _, trace: __, ...origin } = start
  const readInputs = async () => (await readRef(values, inputs)) as CallInputs
  return { plan, readInputs, start: origin as RunOrigin }
}

/** A fork makes some calls again, and keeps the results of the others. No approval of the earlier run counts. */
async function prepareFork(
  view: EngineView,
  services: Services,
  run: string,
  request: ForkRequest,
): Promise<PreparedRun> {
  const { at, set = {}, owner = LOCAL_OWNER } = request
  const state = await peekRun(view, run)
  const planned = await readPlanned(view, services, run)
  if (!state || !planned || ownerOf(state) !== owner) throw await noRun(run, view, owner)
  const { plan, start } = planned
  const { calls, ...terms } = messageOf(plan, { ...(await planned.readInputs()), ...set } as CallInputs)
  const invalidated = [...(at === undefined ? [] : [at]), ...Object.keys(set)]
  const ids = plan.calls.map(({ id }) => id)
  const unknown = invalidated.find((id) => !ids.includes(id))
  if (unknown !== undefined)
    throw new InvalidError(`The run ${run} has no call ${unknown}.`, {
      code: 'unknown_step',
      hint: `Its calls are ${ids.join(', ')}.`,
    })
  const { above: _, goal: __, thread: ___, startedIn: ____, ...origin } = start
  const recorded: ReusedCalls = { run, invalidated }
  const message: CallsStart = {
    type: 'calls',
    calls,
    ...terms,
    origin: {
      ...origin,
      ...originOfRequest(request),
      recorded: await storeRef(services.values, recorded as Json),
    },
  }
  return { name: plan.name, firstMessage: async () => message as Json & CallsStart }
}

/** The calls of a plan, with other parameters, as a message has them. */
function messageOf({ calls, name: _, undoable: __, ...terms }: CallsPlan, inputs: CallInputs) {
  const code = Object.fromEntries(calls.flatMap(({ tool, code }) => (code === undefined ? [] : [[tool, code]])))
  const requests = calls.map(({ effect: _, code: __, asks: ___, need: ____, writesWithin: _____, ...call }) => ({
    ...call,
    parameters: inputs[call.id]!,
  }))
  return { calls: requests, ...terms, ...(Object.keys(code).length > 0 && { code }) }
}
