/**
 * Tools whose results come later or need the services of a run: questions to people, signals, child pipelines,
 * agents, memory, checkpoints, media and the choice of models. Tools that only need their parameters are in
 * `tool/builtin/`.
 */

import type { Tool } from '../../tool/tool.ts'
import { agentTool } from './agent.ts'
import { speechTool, transcriptionTool } from './audio.ts'
import { checkpointTools } from './checkpoint.ts'
import { imageGeneration } from './drawing.ts'
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

/** The tools that an actor or a person completes. Every runtime has them. */
export const callbackTools: readonly Tool[] = [
  userPrompt,
  approvalGate,
  feedbackCollection,
  waitForSignal,
  pipelineExecutor,
  agentTool,
  ...memoryTools,
  ...recursionTools,
  ...checkpointTools,
]

/** The tools in which a model sees, draws, transcribes, speaks or rewrites, and the tools that choose a model. */
export const modelTools: readonly Tool[] = [
  ...imageAnalysis,
  ...imageGeneration,
  transcriptionTool,
  speechTool,
  promptOptimization,
  ...routingTools,
]
