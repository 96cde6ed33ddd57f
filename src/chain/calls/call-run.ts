import { hash } from 'node:crypto'
import type { Json } from '../../kernel/json.ts'
import { ownerField, ownerOf } from '../../lib/owner.ts'
import type { Priority } from '../../lib/priority.ts'
import { callId } from '../../step/messages/call-names.ts'
import type { PhaseInput, PhaseName } from '../../thread/protocol/phase-types.ts'
import { nameIn } from '../../thread/protocol/thread-name.ts'
import { hashOfCode } from '../../tool/plugin/code-tool.ts'
import { effectClassOf, type Tool } from '../../tool/tool.ts'
import type { ApprovalPolicy, ToolRequest } from '../../tool/tool-request.ts'
import { startsRun } from '../../work/approval/harm.ts'

export type PlannedCall = { readonly tool: Tool; readonly parameters: NonNullable<ToolRequest['parameters']> }

/** The place of a run in an ask: the thread, the phase and its input, and the number of the run in the phase. */
export type RunPlace = {
  readonly thread: string
  readonly phase: PhaseName
  readonly input: PhaseInput
  readonly number: number
}

/** The id of the run of these calls: the same phase with the same calls finds the same run, also after a crash. */
export function runIdOf({ thread, phase, input, number }: RunPlace, calls: readonly PlannedCall[]): string {
  const what = JSON.stringify(calls.map(({ tool, parameters }) => [tool.name, parameters]))
  const digest = hash('sha256', what, 'base64url').replace(/[-_]/g, '').slice(0, 8)
  return `${thread}.q${input.ask}.${input.cycle}.${phase}.${number}-${digest}`
}

/** Whether a run of that id makes calls of an ask of the thread. */
export const isRunOfAsk = (run: string, thread: string): boolean => run.startsWith(`${thread}.q`)

/** The message that starts the run. It has the rights of the asker, and is paid as the ask is. */
export function callsBody(place: RunPlace, calls: readonly PlannedCall[], approve: ApprovalPolicy): Json {
  const { thread, input } = place
  const code = calls.flatMap(({ tool }) => {
    const found = hashOfCode(tool)
    return found === undefined ? [] : [[tool.name, found] as const]
  })
  return {
    type: 'calls',
    calls: calls.map(({ tool, parameters }, at) => ({ id: callId(at), tool: tool.name, parameters })),
    approve: policyFor(calls, approve),
    onFailure: 'continue',
    ...(code.length > 0 && { code: Object.fromEntries(code) }),
    origin: {
      ...ownerField(input.owner),
      ...input.tools?.origin,
      workFor: { conversation: nameIn(thread, ownerOf(input)), ...input.tools?.origin?.workFor },
      chosenByModel: true,
      thread,
      ...(input.payer !== undefined && { payer: input.payer }),
      priority: priorityOf(input),
    },
  }
}

/** A person waits for an ask, so it goes before the asks of pipeline runs. */
export const priorityOf = ({ payer, priority }: PhaseInput): Priority =>
  priority ?? (payer === undefined ? 'high' : 'normal')

/** Without a policy, calls at most once and starts of runs wait for a person. A tool's own approval is at the step. */
function policyFor(calls: readonly PlannedCall[], approve: ApprovalPolicy): ApprovalPolicy {
  if (approve !== 'default') return approve
  const risky = calls.filter(({ tool, parameters }) => startsRun(tool) || isRisky(tool, parameters))
  return [...new Set(risky.map(({ tool }) => tool.name))]
}

const isRisky = (tool: Tool, parameters: unknown) =>
  tool.approve === undefined && effectClassOf(tool, parameters) === 'at-most-once'
