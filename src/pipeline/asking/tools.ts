import type { Tool } from '../../tool/tool.ts'
import { approvalGate } from './approval.ts'
import { feedbackCollection } from './feedback.ts'
import { pipelineExecutor } from './pipeline-executor.ts'
import { userPrompt } from './user-prompt.ts'
import { waitForSignal } from './wait.ts'

/** The tools whose work somebody else does: every runtime has them. */
export const askingTools: readonly Tool[] = [
  userPrompt,
  approvalGate,
  feedbackCollection,
  waitForSignal,
  pipelineExecutor,
]
