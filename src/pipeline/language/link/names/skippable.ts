import { chainsHeldBy, parseCondition } from '../../../../template/template.ts'
import type { PipelineSpec } from '../../parse/pipeline-spec.ts'
import type { Mention } from './mentions.ts'
import { type HoldingConditions, type ReferenceContext, reportMention, STEP_MAPS } from './name-finding.ts'
import type { StepScope } from './scopes.ts'
import { nodesIn } from './step-fields.ts'

/** The conditions of the steps of a pipeline, by node. A step without one, or one that is always true, has none. */
export function createConditions({ steps }: PipelineSpec): (node: string) => string | undefined {
  const conditions = new Map(
    nodesIn(steps, '').flatMap(([node, { condition }]) =>
      condition && !ALWAYS.includes(condition.text.trim().toLowerCase()) ? [[node, condition.text.trim()]] : [],
    ),
  )
  return (node) => conditions.get(node)
}

const ALWAYS = ['true', 'yes', '1', '']

export function holdingConditions(
  own: string | undefined,
  levels: readonly StepScope[],
  names: ReadonlySet<string>,
): HoldingConditions | undefined {
  const texts = [own, ...levels.map(({ loop }) => loop?.condition)].flatMap((text) => text?.trim() ?? [])
  if (texts.length === 0) return undefined
  return { texts, chains: texts.flatMap((text) => chainsHeldBy(parseCondition(text, { names, onFault: () => {} }))) }
}

const FIELDS_OF_SKIPPED = ['status', 'reason']

/** Warns of a field of a step that may be skipped, unless the template or a condition allows for that. */
export function checkSkippable(
  mention: Mention,
  [field]: readonly string[],
  node: string,
  around: ReferenceContext,
): void {
  const condition = field === undefined ? undefined : around.conditionOf?.(node)
  if (condition === undefined || FIELDS_OF_SKIPPED.includes(field!) || mention.guarded || mention.tested) return
  const { texts = [], chains = [] } = around.holding ?? {}
  const step = stepIn(mention.name, mention.path[0])
  if (texts.includes(condition) || [...chains, ...(mention.held ?? [])].some((chain) => stepOf(chain) === step)) return
  const name = [mention.name, ...mention.path].join('.')
  const message = `step \`${step}\` may be skipped, and then has no field \`${field}\``
  const hint = `Write \`${name} | default('…')\`, or check it first: \`${step} is not skipped\`.`
  reportMention(mention, around, 'may_be_skipped', message, hint)
}

const stepIn = (name: string, field: string | undefined) => (STEP_MAPS.includes(name) ? field : name)

function stepOf(chain: string): string | undefined {
  const [name = '', field] = chain.split('.')
  return stepIn(name, field)
}
