import { z } from 'zod'
import { errorOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
import { fileRef, MAX_MESSAGE_FILES } from '../../lib/media/file-schema.ts'
import type { CallbackTool, CallbackVerdict } from '../../step/call/callback.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../step/messages/callback.ts'
import { onlyInRuns } from '../../tool/parameters.ts'
import type { OpenTool } from '../../tool/toolbox.ts'
import type { AgentOrder, GoalReply } from '../../work/origin/goal-origin.ts'
import { goalFailed, orderGoal } from '../step/callback/order-goal.ts'

const goal = z.string().trim().min(1, 'expected a goal').describe('what the agent is to do, in words')
const agent = z.string().trim().min(1, 'expected the name of an agent').describe('the name of an agent of the project')
const files = z
  .array(z.union([z.string(), z.object({ file: z.string() })]))
  .max(MAX_MESSAGE_FILES)
  .exactOptional()
  .describe('the files that the agent gets with its goal, by their ids')
const toNamed = z.object({ goal, files })
const toAny = z.object({ agent, goal, files })
const output = z.object({
  status: z.string(),
  answer: z.string().nullable(),
  /** the value of an agent with an `output` */
  output: z.json().exactOptional(),
  needs: z.array(z.string()),
  goal: z.string(),
  /** the files that its model made for the answer */
  files: z.array(fileRef).exactOptional(),
  /** such as `followed playbook NAME, no model was asked` */
  note: z.string().exactOptional(),
})

/** `agent`: asks an agent of the project. `agent:NAME` asks the agent of that name. */
export const agentTool: OpenTool = { ...toolFor(''), name: 'agent:*', named: toolFor, standsAlone: true }

type Input = { readonly agent?: string } & Pick<AgentOrder, 'goal' | 'files'>

/** The tool for one agent; without a name, for the agent that a parameter names. */
function toolFor(name: string): CallbackTool {
  return {
    name: name === '' ? 'agent' : `agent:${name}`,
    description: 'Gives a goal to an agent and waits for its answer',
    input: name === '' ? toAny : toNamed,
    output,
    effect: 'pure',
    execute: onlyInRuns('agent'),
    asking: { ask: ({ agent = name, ...order }: Input, context) => ask({ agent, ...order }, context), take },
  }
}

async function ask(order: Input & { readonly agent: string }, context: StepContext): Promise<CallbackRequest> {
  return { ...(await orderGoal(order, context)), memo: { agent: order.agent } }
}

/** A goal that went wrong fails the step, and its reply stays readable. */
function take({ memo, work = '' }: CallbackRequest, received: CallbackResult): CallbackVerdict {
  if ('problem' in received) throw errorOf(received.problem)
  const { agent } = memo as { readonly agent: string }
  const reply = received.value as GoalReply
  const { status, answer = null, output, files, lacks, needs, note } = reply
  const more = present({ output, files: files && [...files], note })
  const result: Json = { status, answer, needs: [...needs], goal: work, ...more }
  if (status === 'completed') return { type: 'result', result, text: answer ?? '', ...(lacks && { lacks }) }
  return { type: 'result', result, text: '', problem: goalFailed(agent, work, reply) }
}
