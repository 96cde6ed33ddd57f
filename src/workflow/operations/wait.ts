import { InvalidError, is, problemOf } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { parse } from '../../kernel/schema.ts'
import { saidAction } from '../../step/approval/said-action.ts'
import { inboxRequest } from '../../step/attempt/inbox-request.ts'
import type { CallbackVerdict } from '../../step/call/callback.ts'
import { PROGRAM_CODE, type StepContext, type StepResult } from '../../step/call/context.ts'
import type { CallbackRequest } from '../../step/messages/callback.ts'
import type { InboxPrompt } from '../../step/messages/inbox-prompt.ts'
import { storeRef } from '../../step/values.ts'
import { isCodeWait } from '../../work/code-wait.ts'
import type { WorkflowWaitOptions } from '../definition/context.ts'
import { msOf } from '../definition/duration.ts'
import type { AnySchema } from '../definition/workflow-value.ts'
import type { OperationStep } from '../replay/operation.ts'
import { toJson } from './stored-value.ts'

type Waiting = WorkflowWaitOptions & { readonly schema?: AnySchema; readonly url?: true }

/** The work of `ctx.signal`: its value comes from a program or a person. */
export const signalWork = (name: string, options: Waiting = {}): OperationStep =>
  waitWork('signal', name, options, { title: `waits for the signal ${name}`, expects: { type: 'any' } })

/** The work of `ctx.approve`: a person decides. */
export const approvalWork = (name: string, options: Waiting = {}): OperationStep =>
  waitWork('approve', name, options, { title: name, expects: { type: 'approval', choices: ['approve', 'reject'] } })

function waitWork(
  action: 'signal' | 'approve',
  name: string,
  { schema, title, content, timeout, url }: Waiting,
  otherwise: Pick<InboxPrompt, 'title' | 'expects'>,
): OperationStep {
  const limit = timeout === undefined ? 0 : msOf(timeout, `${action} ${name}: timeout`)
  const kind = action === 'signal' ? 'signal' : 'approval'
  // a decision and an address are about one question, and are answered once: its signal has the name of the step
  const named = action === 'signal' && !url ? { name } : {}
  return {
    type: 'step',
    work: { type: 'code', action },
    policy: { effect: 'pure', attempts: 3 },
    async perform(context) {
      const shown: InboxPrompt = {
        kind,
        title: title ?? otherwise.title,
        ...(content !== undefined && { content: await storeRef(context.services.values, toJson(content)) }),
        expects: otherwise.expects,
        ...(url && { url }),
      }
      return request(
        context,
        action,
        inboxRequest(context, shown, { ...named, limit: limit / 1000 }),
        schema !== undefined,
      )
    },
    ...(schema && { schema }),
  }
}

/** How an answer is read. The step keeps it with its question, so an answer needs no code unless it has a schema. */
type Asked = 'signal' | 'approve' | 'run' | 'message' | 'reply'

/** A question keeps its run and step, and whether a schema of the workflow checks the answer. */
export type AskedMemo = {
  readonly run: string
  readonly step: string
  readonly as: Asked
  readonly isChecked: boolean
}

/** The step asks, and waits without a turn. */
export async function request(
  context: StepContext,
  as: Asked,
  question: CallbackRequest,
  isChecked = false,
): Promise<StepResult> {
  const { start, services } = context
  const memo: AskedMemo = { run: start.run.id, step: start.step, as, isChecked }
  const parameters = await storeRef(services.values, {})
  return { type: 'ask', asking: PROGRAM_CODE, question: { ...question, memo }, parameters }
}

/** The value of a signal, or the decision of a person. What does not fit is refused at its sender. */
export const takeAnswer = (
  as: 'signal' | 'approve',
  value: Json,
  question: CallbackRequest,
  check: (value: Json) => Promise<Json>,
): Promise<CallbackVerdict> => judged(question, () => check(as === 'approve' ? decisionIn(value) : value))

/** The value as its schema makes it. InvalidError when it does not fit. */
export const checkedBy = async (schema: AnySchema, value: Json, what: string): Promise<Json> =>
  toJson(await parse<unknown>(schema as never, value, what))

/** A value that does not fit is refused at its sender, and the question stands. */
async function judged(question: CallbackRequest, read: () => Promise<Json>): Promise<CallbackVerdict> {
  try {
    return { type: 'result', result: await read() }
  } catch (error) {
    // the question stands until a process has the code that checks the answer
    if (isCodeWait(error)) return { type: 'refused', problem: problemOf(error), question }
    if (!is(error, 'InvalidError')) throw error
    const { name, message, hint } = error
    const problem = { code: 'bad_value', name, message, ...(hint !== undefined && { hint }), terminal: true }
    return { type: 'refused', problem, question }
  }
}

/** The decision in an answer: a word, or a map with the action and more. */
function decisionIn(value: Json): Json {
  const action = saidAction(value)
  if (action !== 'approve' && action !== 'reject')
    throw new InvalidError('Expected approve or reject, or {"action": …, "reason": …}.', { code: 'bad_value' })
  return isJsonObject(value) ? { ...value, action } : { action }
}
