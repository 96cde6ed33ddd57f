import type { Tool } from '../../tool/tool.ts'
import { speech, transcription } from './audio.ts'
import { checkpointTools } from './checkpoint.ts'
import { imageAnalysis } from './image.ts'
import { approvalGate } from './inbox/approval.ts'
import { feedbackCollection } from './inbox/feedback.ts'
import { userPrompt } from './inbox/prompt.ts'
import { waitForSignal } from './inbox/signal.ts'
import { memoryTools } from './memory.ts'
import { routingTools } from './model-routing.ts'
import { pipelineExecutor } from './pipeline-executor.ts'
import { promptOptimization } from './prompt-optimization.ts'
import { recursionTools } from './recursion.ts'

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
