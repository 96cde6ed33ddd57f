import type { LanguageReading, RunLanguage } from '../../run/room/executor.ts'
import type { StepServices } from '../../step/call/context.ts'
import { workflowLanguage } from '../actor/language.ts'
import type { WorkflowServices } from '../live/services.ts'
import { workflowWork } from '../live/workflow-work.ts'
import { WORKFLOW } from '../replay/state.ts'
import { workflowExecutor, workflowState } from './executor.ts'

type Services = StepServices & { readonly workflows: WorkflowServices }

export type WorkflowReading = LanguageReading & { readonly steps: Services }

export const workflowRuns: RunLanguage<Services, WorkflowReading> = {
  name: WORKFLOW,
  turns: ({ workflows }, quick) => workflowLanguage(workflows, quick),
  works: (services) => ({ [WORKFLOW]: workflowWork(services.workflows, services) }),
  executor: ({ view, steps }) => workflowExecutor(view, steps.workflows, steps.rules?.names ?? [], steps.secrets),
  before: { workflow: workflowState },
}
