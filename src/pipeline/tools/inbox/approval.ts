import { hash } from 'node:crypto'
import { z } from 'zod'
import { errorOf, InvalidError, is } from '../../../errors.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { type SaidAction, saidAction } from '../../../step/approval/said-action.ts'
import { canAskPeople, inboxRequest, noTerminal } from '../../../step/attempt/inbox-request.ts'
import type { CallbackContext, CallbackTool, CallbackVerdict } from '../../../step/call/callback.ts'
import type { StepContext, ValueResult } from '../../../step/call/context.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import type { InboxPrompt } from '../../../step/messages/inbox-prompt.ts'
import { readRef, storeRef } from '../../../step/values.ts'
import { findInputFaults } from '../../../tool/input.ts'
import { anyValue, booleanParameter, channelParameter, numberParameter, onlyInRuns } from '../../../tool/parameters.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { requiredDigest } from './shown-content.ts'

const input = z.object({
  title: z.string().default('Approval'),
  content: anyValue.optional(),
  format: z.string().default('text'),
  allow_modifications: booleanParameter.default(false),
  require_reason: booleanParameter.default(false),
  context: channelParameter,
  timeout: numberParameter.default(0),
  auto_approve_hash: z.string().optional(),
  content_for: z
    .string()
    .optional()
    .describe('the tool that gets the content as parameters: its schema checks a modified content'),
})
const output = z.object({
  approved: z.boolean(),
  action: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  rejection_reason: z.string().nullable(),
  modified_content: anyValue,
  response_time: z.number().optional(),
  auto_approved: z.boolean().optional(),
})

/** `approval-gate`: a person approves, rejects or changes content. Only a matching hash approves without a person. */
export const approvalGate: CallbackTool = {
  name: 'approval-gate',
  description: 'Waits until a person approves or rejects',
  input,
  output,
  effect: 'pure',
  execute: onlyInRuns('approval-gate'),
  asking: { ask, take },
}

async function ask(given: z.infer<typeof input>, stepContext: StepContext): Promise<CallbackRequest | ValueResult> {
  const { title, content = null, allow_modifications: modify, require_reason: reason, context = 'api', timeout } = given
  const { content_for: tool } = given
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  if (given.auto_approve_hash !== undefined && given.auto_approve_hash.trim().toLowerCase() === hash('sha256', text))
    return verdict({ action: 'approve' }, { auto_approved: true })
  if (!canAskPeople(stepContext, context)) throw noTerminal(`\`${title}\``)
  const shown: InboxPrompt = {
    kind: 'approval',
    title,
    ...(content !== null && { content: await storeRef(stepContext.services.values, content) }),
    expects: {
      type: 'approval',
      choices: modify ? ['approve', 'reject', 'modify'] : ['approve', 'reject'],
      ...(reason && { reason }),
    },
  }
  return inboxRequest(stepContext, shown, {
    limit: timeout,
    memo: { modify, reason, ...(tool !== undefined && { tool }) },
  })
}

type Decision = {
  readonly action: SaidAction
  readonly reason?: string
  readonly content?: Json
  readonly digest?: string
}
type Rules = { readonly modify: boolean; readonly reason: boolean; readonly tool?: string }

async function take(
  question: CallbackRequest,
  received: CallbackResult,
  { ms, services }: CallbackContext,
): Promise<CallbackVerdict> {
  if ('problem' in received) throw errorOf(received.problem)
  try {
    const rules = question.memo as Rules
    const decided = decisionOf(received.value, rules)
    if (decided.content !== undefined && rules.tool !== undefined)
      checkParameters(decided.content, rules.tool, services.toolbox)
    if (decided.action === 'approve') await checkShown(question.body as InboxPrompt, decided, services)
    return verdict(decided, { response_time: ms / 1000 })
  } catch (error) {
    if (!is(error, 'InvalidError')) throw error
    const { code, name, message, hint } = error
    const problem = { code, name, message, ...(hint !== undefined && { hint }), terminal: true }
    return { type: 'refused', problem, question }
  }
}

/** Refuses an approval of a content that lists cut, unless it names the digest that only the whole content shows. */
async function checkShown(
  { content }: InboxPrompt,
  { digest }: Decision,
  { values }: CallbackContext['services'],
): Promise<void> {
  const required = content && requiredDigest(await readRef(values, content))
  if (required === undefined || digest === required) return
  throw new InvalidError('The content is too long for a list, so its approval must name its digest.', {
    code: 'not_shown',
    hint: 'antiphon inbox RUN shows all of it, with the command that approves it. Over HTTP: GET /v1/inbox?run=RUN&content=whole',
  })
}

const decision = z.strictObject({
  action: z.union([z.string(), z.boolean()]).optional(),
  approved: z.boolean().optional(),
  reason: z.string().optional(),
  content: anyValue.optional(),
  modified_content: anyValue.optional(),
  digest: z.string().optional(),
})

/** The decision: a word, or a map with an action, a reason and new content. */
function decisionOf(value: Json, { modify, reason: needsReason }: Rules): Decision {
  const parsed = decision.safeParse(typeof value === 'object' ? value : { action: value })
  if (!parsed.success) throw refused(`Expected one of ${actions(modify)}, or {"action": …, "reason": …}.`)
  const { reason, content = parsed.data.modified_content, digest } = parsed.data
  const action = saidAction(value)
  if (action === undefined || (action === 'modify' && !modify)) throw refused(`Expected one of ${actions(modify)}.`)
  if (action === 'modify' && content === undefined)
    throw refused('The action modify requires a content: {"action": "modify", "content": …}.')
  // otherwise content that a person wanted to change would be used unchanged
  if (action !== 'modify' && content !== undefined && content !== null)
    throw refused('A content is allowed only with the action modify.')
  if (needsReason && !reason?.trim()) throw refused('A reason is required: {"action": …, "reason": …}.')
  return {
    action,
    ...(reason !== undefined && { reason }),
    ...(action === 'modify' && { content: content! }),
    ...(digest !== undefined && { digest }),
  }
}

/** Refuses a content that the tool could not take as its parameters. */
function checkParameters(content: Json, name: string, toolbox: Toolbox): void {
  const tool = toolbox.find(name)
  if (!isJsonObject(content)) throw refused('content: expected a map of parameters.')
  if (!tool) throw refused(`There is no tool ${name} any more.`)
  const [fault] = findInputFaults(tool, content, () => true)
  if (fault) throw refused(`${['content', ...fault.path].join('.')}: ${fault.message}`)
}

const actions = (modify: boolean) => (modify ? 'approve, reject, modify' : 'approve, reject')
const refused = (message: string) => new InvalidError(message, { code: 'bad_value' })

const STATUS_OF_ACTION: { readonly [action in SaidAction]: string } = {
  approve: 'approved',
  reject: 'rejected',
  modify: 'modified',
}

function verdict({ action, reason, content }: Decision, more: { readonly [field: string]: Json }): ValueResult {
  const approved = action !== 'reject'
  return {
    type: 'result',
    result: {
      approved,
      action,
      modified_content: content ?? null,
      reason: approved ? (reason ?? null) : null,
      rejection_reason: approved ? null : (reason ?? null),
      status: STATUS_OF_ACTION[action],
      ...more,
    },
    text: STATUS_OF_ACTION[action],
  }
}
