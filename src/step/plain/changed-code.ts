import { type Problem, terminalProblem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectClass, Effects } from '../../kernel/types.ts'
import { ownValue } from '../../lib/own.ts'
import { hashOfInput, lackOfCode } from '../../tool/plugin/code-tool.ts'
import { effectClassOf } from '../../tool/tool.ts'
import { findCalledTool } from '../../tool/toolbox.ts'
import { needByPolicy } from '../../work/approval/policy.ts'
import { CODE_CONTINUES, codeMissing, type NeededCode } from '../../work/code-wait.ts'
import type { UntriedStep } from '../attempt/work.ts'
import type { StepServices } from '../call/context.ts'
import type { StepPolicy } from '../messages/step-start.ts'
import type { StepParameters } from '../record/outcome.ts'
import type { PlainCall } from './plain-call.ts'

/** A step that calls code of a program, before its attempt. `isAsked`: a person approves or has approved the call. */
type PlannedCall = Pick<UntriedStep, 'start' | 'paused'> & {
  readonly services: StepServices
  readonly call: PlainCall
  readonly isAsked: boolean
  parameters(): Promise<StepParameters>
}

/**
 * The parts of a step that differ with the code that its goal has taken. Without a hash, the tool is looked for by its
 * name alone. `problem`: the step fails with it.
 */
type PresentCode = { readonly problem: Problem } | { readonly code?: string; readonly policy: StepPolicy }

/**
 * The present code of the tool of a step, if the goal that it belongs to has taken that code. A tool that the goal no
 * longer has is one that no longer exists. Undefined: it goes on as planned. Throws `code_missing` if the goal still
 * needs the old code.
 */
export async function presentCode(
  planned: PlannedCall,
  effect: string,
  effects: Effects,
): Promise<PresentCode | undefined> {
  const { services, start, call, paused } = planned
  const { tool, code: hash } = call
  if (!isOfGoal(planned) || hash === undefined) return undefined
  const needed = { tool, hash }
  if (lackOfCode(needed, findCalledTool(services.toolbox, tool)) === undefined) return undefined
  const find = async () => (await lookForGoal(planned, needed)) as Json
  const found = (await effects.run(effect, find, { effect: 'pure' })) as Found
  if ('none' in found) return undefined
  if ('changes' in found) throw waitFor(needed, found)
  if ('isUnasked' in found) return { problem: notAsked(needed) }
  const once = { attempts: (paused?.attempts ?? 0) + 1, effect: 'at-most-once' } as const
  const policy = { ...start.policy, ...(found.effect === 'at-most-once' && once) }
  return { ...(found.hash !== undefined && { code: found.hash }), policy }
}

/** Whether the goal that a step belongs to may take other code. */
export const isOfGoal = ({ services, start }: Pick<PlannedCall, 'services' | 'start'>) =>
  services.codeOfGoal !== undefined && start.run.workFor?.goal !== undefined

/** The tool here is not the needed one: what the goal says about it. `hash`: absent if the goal no longer has it. */
type Found =
  | { readonly none: true }
  | { readonly changes: readonly string[]; readonly remedy: string }
  | { readonly isUnasked: true }
  | { readonly hash?: string; readonly effect?: EffectClass }

async function lookForGoal(
  { services, start, isAsked, parameters: own }: PlannedCall,
  { tool, hash: before }: NeededCode,
): Promise<Found> {
  const { toolbox, area } = services
  const known = await services.codeOfGoal!(start.run.workFor!.goal!)
  if (!known) return { none: true }
  const found = findCalledTool(toolbox, tool)
  const hash = ownValue(known.bound, tool)
  if (hash === before || (hash !== undefined && (!found || hashOfInput(found) !== hash)))
    return known.changes ? { changes: known.changes, remedy: known.remedy } : { none: true }
  if (hash === undefined) return {}
  const parameters = await own()
  const need = needByPolicy(found!, parameters, known.approve, [], start.run.chosenByModel ? area : undefined)
  return need && !isAsked ? { isUnasked: true } : { hash, effect: effectClassOf(found!, parameters) }
}

function waitFor(needed: NeededCode, { changes, remedy }: Extract<Found, { readonly changes: readonly string[] }>) {
  const why = `The tool ${needed.tool} has changed since the call was asked for: ${changes.join('; ')}.`
  return codeMissing(why, needed, { remedy: remedy === '' ? CODE_CONTINUES : remedy, changes })
}

const notAsked = ({ tool }: NeededCode) =>
  terminalProblem({
    code: 'not_approved',
    message: `The call was not made: ${tool} has changed, and now a person must approve it. Call it again.`,
  })
