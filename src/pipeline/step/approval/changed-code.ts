import type { Problem } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass, Effects } from '../../../kernel/types.ts'
import { ownValue } from '../../../lib/own.ts'
import type { UntriedStep } from '../../../step/attempt/work.ts'
import { gateOf } from '../../../step/messages/call-names.ts'
import { readRef } from '../../../step/values.ts'
import { hashOfInput, lackOfCode } from '../../../tool/plugin/code-tool.ts'
import { effectClassOf } from '../../../tool/tool.ts'
import { needByPolicy } from '../../../work/approval/policy.ts'
import { CODE_CONTINUES, codeMissing } from '../../../work/code-wait.ts'
import type { CompiledPipeline, CompiledStep, ToolWork } from '../../plan/compiled.ts'
import type { Inputs } from '../../plan/inputs.ts'
import type { OpenPipeline, PipelineAttempt } from '../attempt.ts'
import { nameOfTool } from './called-tool.ts'

/** A step before its attempt. */
type PlannedStep = Pick<PipelineAttempt, 'services' | 'open' | 'start'> & Pick<UntriedStep, 'paused'>

/** The parts of a step that differ with the code that its goal has taken; `problem`: it fails with it. */
type WithCode = Partial<Pick<PlannedStep, 'open' | 'start'>> & { readonly problem?: Problem }

/**
 * The step with the present code of its tool, if the goal that it belongs to has taken that code. A tool that the goal
 * no longer has is one that no longer exists. Throws `code_missing` if the goal still needs the old code.
 */
export function withPresentCode(planned: PlannedStep, effect: string, effects: Effects): WithCode | Promise<WithCode> {
  const { services, start } = planned
  const isOfGoal = services.codeOfGoal !== undefined && start.run.workFor?.goal !== undefined
  return isOfGoal ? codeForGoal(planned, effect, effects) : AS_PLANNED
}

const AS_PLANNED: WithCode = {}

async function codeForGoal(planned: PlannedStep, effect: string, effects: Effects): Promise<WithCode> {
  const { services, open, start, paused } = planned
  const pipeline = await open()
  const step = ownValue(pipeline.steps, start.step)
  if (step?.work.type !== 'tool' || step.work.code === undefined) return AS_PLANNED
  const { work } = step
  if (lackOfCode(neededBy(work), services.toolbox.find(work.tool, work.operation)) === undefined) return AS_PLANNED
  const find = async () => (await lookForGoal(planned, { ...step, work })) as Json
  const found = (await effects.run(effect, find, { effect: 'pure' })) as Found
  if ('none' in found) return AS_PLANNED
  if ('changes' in found) throw waitFor(work, found)
  if ('isUnasked' in found) return { problem: notAsked(work) }
  const changed = opener(pipeline, step, work, found.hash)
  const once = { attempts: (paused?.attempts ?? 0) + 1, effect: 'at-most-once' } as const
  const policy = { ...start.policy, ...(found.effect === 'at-most-once' && once) }
  return { open: changed, start: { ...start, policy } }
}

/** The tool here is not the needed one: what the goal says about it. `hash`: absent if the goal no longer has it. */
type Found =
  | { readonly none: true }
  | { readonly changes: readonly string[]; readonly remedy: string }
  | { readonly isUnasked: true }
  | { readonly hash?: string; readonly effect?: EffectClass }

async function lookForGoal(
  { services, start }: PlannedStep,
  { id, work, edges }: CompiledStep & { readonly work: ToolWork },
): Promise<Found> {
  const { toolbox, values, area } = services
  const known = await services.codeOfGoal!(start.run.workFor!.goal!)
  if (!known) return { none: true }
  const found = toolbox.find(work.tool, work.operation)
  const hash = ownValue(known.bound, nameOfTool(work))
  if (hash === work.code || (hash !== undefined && (!found || hashOfInput(found) !== hash)))
    return known.changes ? { changes: known.changes, remedy: known.remedy } : { none: true }
  if (hash === undefined) return {}
  const parameters = ownValue((await readRef(values, start.work.order.inputs)) as Inputs, id) ?? {}
  const need = needByPolicy(found!, parameters, known.approve, [], start.run.chosenByModel ? area : undefined)
  if (need && !edges.needs.includes(gateOf(id))) return { isUnasked: true }
  return { hash, effect: effectClassOf(found!, parameters) }
}

const neededBy = (work: ToolWork) => ({ tool: nameOfTool(work), hash: work.code! })

/** Opens the pipeline with another hash of the code of a step; undefined: the tool is looked for by its name alone. */
function opener(
  pipeline: CompiledPipeline,
  step: CompiledStep,
  work: ToolWork,
  hash: string | undefined,
): OpenPipeline {
  const { code: _, ...rest } = work
  const changed: CompiledStep = { ...step, work: { ...rest, ...(hash !== undefined && { code: hash }) } }
  const opened = { ...pipeline, steps: { ...pipeline.steps, [step.id]: changed } }
  return () => opened
}

function waitFor(work: ToolWork, { changes, remedy }: Extract<Found, { readonly changes: readonly string[] }>) {
  const needed = neededBy(work)
  const why = `The tool ${needed.tool} has changed since the call was asked for: ${changes.join('; ')}.`
  return codeMissing(why, needed, { remedy: remedy === '' ? CODE_CONTINUES : remedy, changes })
}

const notAsked = (work: ToolWork): Problem => ({
  code: 'not_approved',
  name: 'TerminalError',
  terminal: true,
  message: `The call was not made: ${nameOfTool(work)} has changed, and now a person must approve it. Call it again.`,
})
