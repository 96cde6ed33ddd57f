import { OUTPUTS_STEP } from '../../../step/record/outcome.ts'
import type { CompiledStep } from '../../plan/compiled.ts'
import { mentionsIn, normalizeTexts } from './names/mentions.ts'
import type { ReferenceContext } from './names/name-finding.ts'
import { reportOutputCycle } from './names/output-reads.ts'
import { resolveMention } from './names/resolve.ts'
import { graphScope } from './names/scopes.ts'
import { compileTags, mentionsInTags } from './names/tag-mentions.ts'
import { type LinkContext, uniqueNames } from './reads.ts'

/** The step that computes the outputs after all other steps. */
export function outputsStep(context: LinkContext): CompiledStep {
  const { spec, report, names, fieldsOf, conditionOf } = context
  reportOutputCycle(spec, report, resolveMention)
  const own = spec.outputs.flatMap(({ value, path }) => mentionsIn(value, path, { report, names }))
  const mentions = [...own, ...mentionsInTags(spec.autoTags, own, { report, names })]
  const levels = [graphScope(spec.steps)]
  const around: ReferenceContext = {
    spec,
    levels,
    report,
    fieldsOf,
    conditionOf,
    readsAll: () => context.readAll.add(OUTPUTS_STEP),
  }
  const reads = uniqueNames(mentions.flatMap((mention) => resolveMention(mention, around) ?? []))
  const values = Object.fromEntries(spec.outputs.map(({ name, value }) => [name, normalizeTexts(value)]))
  return {
    id: OUTPUTS_STEP,
    work: { type: 'outputs', values },
    edges: { needs: [], dependents: [], reads },
    policy: { effect: 'pure', attempts: 3 },
    ...(spec.autoTags && { model: { autoTags: compileTags(spec.autoTags, { dependencies: [] }) } }),
  }
}
