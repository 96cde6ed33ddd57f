import type { OrderMessage } from '../../agent/room/conversation/open-port.ts'
import type { Engine } from '../../engine/engine.ts'
import { runRef } from '../../house/actors.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { RunsPort } from '../../run/room/port.ts'
import type { ValueStore } from '../../step/values.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import { createLiveRuns } from './live-runs.ts'
import type { WorkflowServices } from './services.ts'

/** The parts of a runtime that open after its actors. */
type Opened = {
  readonly engine: Engine
  readonly ports: {
    readonly runs: Pick<RunsPort, 'start'>
    readonly forSteps: {
      /** Opens a thread by the name that its owner uses. */
      openThread(thread: { readonly owner: string; readonly name: string }): Promise<string>
      readonly orderMessage: OrderMessage
    }
  }
}

export function openWorkflowServices(
  workflows: WorkflowList,
  values: ValueStore,
  own: Pick<WorkflowServices, 'order' | 'addressOf'>,
  live: Opened,
  secrets?: Pick<ToolSecrets, 'problem'>,
  notice?: (line: string) => void,
): WorkflowServices {
  return {
    values,
    readParts: (of, page) => live.engine.view.parts(of, page),
    peek: (of) => live.engine.view.peek(of),
    workflows,
    live: createLiveRuns(),
    ...own,
    tellStop: stopTeller(notice),
    hide: async (problem) => secrets?.problem(problem) ?? problem,
    startRun: ({ name }, { input, id, owner }) =>
      live.ports.runs.start({ workflow: name, input, id, ...(owner !== undefined && { owner }) }),
    async say(message, above) {
      const { owner = LOCAL_OWNER, conversation: name } = message
      const conversation = await live.ports.forSteps.openThread({ owner, name })
      return live.ports.forSteps.orderMessage({ ...message, conversation }, above)
    },
    // a run that does not look again now looks at its next message
    lookAgain: (run) => void live.engine.tell(runRef(run), { type: 'code' }, { correlationId: run }).catch(() => {}),
  }
}

/** Runs that stop for the same reason are told once, and at most so many reasons. */
const MAX_TOLD = 100

/** Tells that a run waits for other code; absent: as a warning of the process. */
function stopTeller(
  notice = (line: string): void => process.emitWarning(line, { code: 'ANTIPHON_WORKFLOW' }),
): WorkflowServices['tellStop'] {
  const reasons = new Set<string>()
  return (run, message) => {
    if (reasons.has(message) || reasons.size >= MAX_TOLD) return
    reasons.add(message)
    notice(`The run ${run} waits for other code. ${message} To see the ways on: antiphon why ${run}`)
  }
}
