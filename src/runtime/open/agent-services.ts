import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { outcomeReader } from '../../agent/goal/calls/outcomes.ts'
import type { AgentServices } from '../../agent/goal/services.ts'
import { playbookRuns } from '../../agent/playbook/playbook-runs.ts'
import { agentMemory } from '../../agent/room/agents/agent-memory.ts'
import { playbookStarter } from '../../agent/room/agents/store-playbooks.ts'
import { codeLooker } from '../../agent/room/code/look-at-code.ts'
import { historyReader } from '../../agent/room/conversation/history.ts'
import { noticeOnce } from '../../agent/room/files/read-agent.ts'
import type { Config } from '../../config/config.ts'
import type { EngineView } from '../../engine/engine.ts'
import { unlessMissing } from '../../errors.ts'
import type { MediaFiles } from '../../file/room/media-files.ts'
import type { FilesPort } from '../../file/room/port.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { Memory } from '../../memory/memory.ts'
import { OFFLINE_PROVIDER } from '../../model/model-id.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import type { WorkflowServices } from '../../workflow/live/services.ts'
import { serverConnector } from '../services/connect-servers.ts'
import { goalFiles } from '../services/files/goal-files.ts'
import { STEPS } from '../services/pools.ts'
import type { Services } from './services.ts'
import type { StepReads } from './step-services.ts'

/** The services of steps, with what goals need besides. */
export type AgentSteps = PipelineServices &
  Required<Pick<PipelineServices, 'patience'>> &
  Pick<StepReads, 'readParts' | 'askActor' | 'rooms' | 'orderGoal' | 'isHeld'> &
  Pick<AgentServices, 'whyDegraded'> &
  Pick<EngineView, 'isFollowed' | 'peek'> & {
    readonly workflows: WorkflowServices
    memory(owner: string): Memory
    operator(): Memory
  }

/** Everything that goals need: they think in the pool of steps, with models that budgets pay. */
export function agentServices(
  config: Config,
  { agents, models, pools, toolbox, toolServices, values }: Services,
  steps: AgentSteps,
  {
    redact,
    notice,
    files,
    media,
  }: {
    readonly redact: (text: string) => string
    readonly notice?: (line: string) => void
    files(): FilesPort
    readonly media: MediaFiles
  },
): AgentServices {
  const modelOf = (name = models.default.id) => models.find(name) ?? name
  const note = noticeOnce(notice)
  return {
    models: steps.models,
    pools,
    toolbox,
    outputOf: agents.outputOf,
    lookAtCode: codeLooker(agents, values),
    orderGoal: steps.orderGoal,
    patience: steps.patience,
    approve: config.tools?.approve ?? 'default',
    redact,
    connectServers: serverConnector(config, toolServices, toolbox),
    readDefinition: async (hash) => (await values.get(hash)) as AgentDefinition,
    whyDegraded: steps.whyDegraded,
    memory: agentMemory({
      memory: steps.memory,
      operator: steps.operator,
      view: steps,
      notice: note,
    }),
    readEnvironment: environmentReader(steps.rooms),
    files: goalFiles({
      files,
      values,
      models,
      transcribe: steps.models.transcribe,
      pool: () => pools.find(STEPS).pool,
      media,
    }),
    ...outcomeReader({ readParts: steps.readParts, values }),
    isResting: steps.isHeld,
    readHistory: historyReader(steps),
    isFollowed: steps.isFollowed,
    drafts: new Map(),
    ...playbookRuns({ readParts: steps.readParts, values, startOf: playbookStarter(values) }),
    noteWait: (goal, { message, hint }) =>
      note(`The goal ${goal} waits: ${message}${hint === undefined ? '' : ` ${hint}`}`),
    isOffline: (name) => modelOf(name).startsWith(`${OFFLINE_PROVIDER}/`),
    formOf: async (request) => steps.models.formOf?.(request),
    contextOf: (name) => models.facts().find(({ id }) => id === modelOf(name))?.context,
  }
}

function environmentReader(rooms: StepReads['rooms']): AgentServices['readEnvironment'] {
  return async (name, owner = LOCAL_OWNER) => {
    const found = await rooms(owner, 'agent').environments!.get(name).catch(unlessMissing)
    return { version: found?.version ?? 0, state: found?.state ?? {} }
  }
}
