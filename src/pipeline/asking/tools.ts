import type { Tool } from '../../tool/tool.ts'
import { approvalGate } from './approval.ts'
import { checkpointTools } from './checkpoint.ts'
import { feedbackCollection } from './feedback.ts'
import { transcription } from './hearing.ts'
import { memoryTools } from './memory.ts'
import { pipelineExecutor } from './pipeline-executor.ts'
import { promptOptimization } from './prompting.ts'
import { recursionTools } from './recursion.ts'
import { routingTools } from './routing.ts'
import { imageAnalysis } from './seeing.ts'
import { speech } from './speaking.ts'
import { userPrompt } from './user-prompt.ts'
import { waitForSignal } from './wait.ts'

/** The tools whose work somebody else does: every runtime has them. */
export const askingTools: readonly Tool[] = [
  userPrompt,
  approvalGate,
  feedbackCollection,
  waitForSignal,
  pipelineExecutor,
  ...memoryTools,
  ...recursionTools,
  ...checkpointTools,
]

/** The tools that have a model see, hear, speak or rewrite, and those that choose one. */
export const modelTools: readonly Tool[] = [
  ...imageAnalysis,
  transcription,
  speech,
  promptOptimization,
  ...routingTools,
]
