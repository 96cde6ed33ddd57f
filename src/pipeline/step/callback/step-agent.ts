import { errorOf } from '../../../errors.ts'
import { renderTask } from '../../../model/prompt/task.ts'
import type { CallbackHandler, CallbackVerdict } from '../../../step/call/callback.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import { modelCandidates } from '../../../step/model-call/ask-model.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import type { GoalReply } from '../../../work/origin/goal-origin.ts'
import type { CallbackWork, TextAction } from '../../plan/compiled.ts'
import type { PipelineContext } from '../context.ts'
import { modelRequestOf, namedModels } from '../model-call/model-request.ts'
import { ACTION_NAMES, asksForJson, textResult } from '../model-call/text-action.ts'
import { goalFailed, orderGoal } from './order-goal.ts'

/** The name of the handler of model steps with `tools:`. */
export const STEP_AGENT = 'step-agent'

type Asked = { readonly work: CallbackWork; readonly parameters: StepParameters }

/** A model step with `tools:`. It asks an agent of its own, with these tools, the step's model and its prompt. */
export const stepAgent: CallbackHandler<Asked> = { ask, take }

async function ask({ work, parameters }: Asked, context: PipelineContext): Promise<CallbackRequest> {
  const { action, tools } = work.model!
  const { step, start } = context
  const request = modelRequestOf(action, work.parameters, parameters, context)
  const { system: instructions, prompt } = renderTask(request)
  const [{ id: model } = NO_MODEL, ...others] = modelCandidates(context, namedModels(parameters))
  const otherModels = others.flatMap(({ id }) => id ?? [])
  const { promptCache } = step.model ?? {}
  const agent = {
    name: step.id,
    instructions,
    tools,
    ...(model !== undefined && { model }),
    ...(otherModels.length > 0 && { otherModels }),
    ...(promptCache && { promptCache }),
  }
  return {
    ...(await orderGoal({ agent, goal: prompt }, context)),
    ...(step.policy.timeout !== undefined && { limit: step.policy.timeout }),
    memo: { step: start.step, action, json: asksForJson(request.instruction, parameters) },
  }
}

const NO_MODEL: { readonly id?: string } = {}

type Memo = { readonly step: string; readonly action: TextAction; readonly json: boolean }

/** The result is like that of a step that asks its model once. */
function take({ memo, work = '' }: CallbackRequest, received: CallbackResult): CallbackVerdict {
  if ('problem' in received) throw errorOf(received.problem)
  const { step, action, json } = memo as Memo
  const reply = received.value as GoalReply
  const { status, answer: text = '', lacks } = reply
  const fields = { action: ACTION_NAMES[action], goal: work }
  if (status !== 'completed')
    return { type: 'result', result: null, text: '', fields, problem: goalFailed(step, work, reply) }
  return { type: 'result', result: textResult(text, json), text, fields, ...(lacks && { lacks }) }
}
