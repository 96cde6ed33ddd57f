import { present } from '../../../lib/json/present.ts'
import type { LookUpByTool } from '../../../tool/once/call-finding.ts'
import { resolveAction, type StepAction } from '../actions/action.ts'
import { resolveToolName } from '../actions/tool-names.ts'
import { EMPTY_STEP, type StepSpec } from '../parse/pipeline-spec.ts'
import { mentionsIn, mentionsInCondition, normalizeTexts } from './names/mentions.ts'
import { resolveMention } from './names/resolve.ts'
import { type LinkContext, referenceContext, type StepScopes } from './reads.ts'

/** The names that the templates of a look-up have beside those of the step. */
const OWN_NAMES: readonly string[] = ['key', 'arguments', 'result']

/** The nodes that the templates of a look-up read. */
export function readsOfLookUp({ lookUp, ...spec }: StepSpec, context: LinkContext, levels: StepScopes): string[] {
  if (!lookUp) return []
  const { path, parameters, done, notDone } = lookUp
  const about = { report: context.report, names: context.names, step: spec.id }
  const mentions = [
    ...mentionsIn(parameters, [...path, 'parameters'], about),
    ...mentionsIn(done, [...path, 'done'], about),
    ...(notDone === undefined ? [] : mentionsInCondition(notDone, [...path, 'not_done'], about)),
  ]
  const around = referenceContext(spec, context, levels)
  return mentions
    .filter(({ name }) => !OWN_NAMES.includes(name))
    .flatMap((mention) => resolveMention(mention, around) ?? [])
}

/** The look-up of a step as it runs. Faults are reported. */
export function linkLookUp(
  { lookUp, id, effect: given }: StepSpec,
  { work, effect }: StepAction,
  { toolbox, report }: LinkContext,
): LookUpByTool | undefined {
  if (!lookUp) return undefined
  const { path, tool, action, parameters, effect: reads, done, notDone, settlesAfter } = lookUp
  const fault = (message: string) => void report('bad_value', path, message, { step: id })
  if (work.type !== 'tool' || (given ?? effect) !== 'at-most-once')
    return fault('`look_up` has no use: the step makes no call that must not be repeated')
  const step = { ...EMPTY_STEP, id, path, tool, parameters, parametersPath: [...path, 'parameters'] }
  const asked = resolveAction(
    resolveToolName(action === undefined ? step : { ...step, action }, toolbox),
    toolbox,
    report,
  )
  if (!asked) return undefined
  const found = asked.work.type === 'tool' ? toolbox.find(asked.work.tool, asked.work.operation) : undefined
  if (asked.work.type !== 'tool' || !found || found.approve)
    return fault(`expected a tool that asks nobody, got \`${tool}\``)
  if ((reads ?? asked.effect) !== 'pure')
    return fault(`\`${found.name}\` is ${asked.effect}. Write \`effect: pure\` if it only reads here.`)
  return {
    tool: found.name,
    parameters: normalizeTexts(asked.work.parameters),
    done: normalizeTexts(done),
    ...present({ effect: reads, notDone, settlesAfter }),
  }
}
