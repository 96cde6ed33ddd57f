import { z } from 'zod'
import type { Plain } from '../../document.ts'
import { listGaps, priceOfTypicalCall } from './gaps.ts'
import { capabilityLevelOf, isNearCapability, isSameCapability, levelRank } from './levels.ts'
import type { ModelFacts, ModelNeeds } from './model-facts.ts'

/** The chosen model and the reason; `lacks` lists the wishes that it does not meet. */
export type ChosenModel = { readonly id: string; readonly why: string; readonly lacks?: readonly string[] }

export const modelFit = z
  .object({
    id: z.string(),
    fits: z.boolean(),
    why: z.array(z.string()).meta({ description: 'reasons why it does not, or what it meets only nearly' }),
  })
  .meta({ id: 'Judgement' })

/** Whether a model fits, and if not, why. */
export type ModelFit = Plain<typeof modelFit>

/**
 * The model that meets the needs. Unknown properties of a model count as missing. A model that costs money is chosen
 * only if it is the operator's default, if paid models are allowed, or if the author prefers it by name. If none meets
 * them exactly, a near name of what it can do is enough: `analysis` for `data-analysis`.
 */
export function chooseModel(
  models: readonly ModelFacts[],
  needs: ModelNeeds,
  allowPaid: boolean,
): ChosenModel | { readonly refused: readonly Omit<ModelFit, 'fits'>[] } {
  const judged = models.map((facts) => weigh(facts, needs, allowPaid))
  const inOrder = ordered(judged, needs)
  const [best] = inOrder.filter(fits)
  if (best) return { id: best.facts.id, why: whyOf(best.facts, needs) }
  const [near] = inOrder.filter(isNear)
  if (near) return { id: near.facts.id, why: `the nearest: ${near.lacks.join('; ')}`, lacks: near.lacks }
  const [second] = substitutes(inOrder, needs)
  if (second) return { id: second.facts.id, why: `${needs.otherwise}: none meets all of it`, lacks: second.lacks }
  return { refused: judged.map(judgementOf) }
}

/** All models in the order of preference, with the fitting ones first; if there are none, the near ones fit. */
export function rankModels(models: readonly ModelFacts[], needs: ModelNeeds, allowPaid: boolean): readonly ModelFit[] {
  const judged = ordered(
    models.map((facts) => weigh(facts, needs, allowPaid)),
    needs,
  )
  const isTaken = judged.some(fits) ? fits : isNear
  const taken = judged.filter(isTaken).map((one) => ({ ...judgementOf(one), fits: true }))
  return [...taken, ...judged.filter((one) => !isTaken(one)).map(judgementOf)]
}

type WeighedModel = {
  readonly facts: ModelFacts
  readonly lacks: readonly string[]
  readonly barred: readonly string[]
  /** it lacks no more than exact names of what it can do, and the author does not insist on them */
  readonly near: boolean
}

function weigh(facts: ModelFacts, needs: ModelNeeds, allowPaid: boolean): WeighedModel {
  const lacks = listGaps(facts, needs)
  const mayBeNear = needs.otherwise === undefined || needs.otherwise === 'best_available'
  const near = mayBeNear && lacks.length > 0 && listGaps(facts, needs, isNearCapability).length === 0
  return { facts, lacks, barred: barredBy(facts, needs, allowPaid), near }
}

function ordered(judged: readonly WeighedModel[], needs: ModelNeeds): readonly WeighedModel[] {
  return [...judged].sort((a, b) => compare(a.facts, b.facts, needs))
}

const fits = ({ lacks, barred }: WeighedModel) => lacks.length + barred.length === 0
const isNear = ({ near, barred }: WeighedModel) => near && barred.length === 0

function judgementOf(judged: WeighedModel): ModelFit {
  const { facts, lacks, barred } = judged
  return { id: facts.id, fits: fits(judged), why: [...barred, ...lacks] }
}

/** Data that must stay local stays local, even if no better model is available. */
function substitutes(judged: readonly WeighedModel[], needs: ModelNeeds): readonly WeighedModel[] {
  const open = judged.filter(({ facts, barred }) => barred.length === 0 && (facts.local || !needs.local))
  if (needs.otherwise === 'cheapest') return open.sort((a, b) => priceOf(a.facts) - priceOf(b.facts))
  if (needs.otherwise !== 'best_available') return []
  return open.sort((a, b) => a.lacks.length - b.lacks.length)
}

function barredBy(
  facts: ModelFacts,
  { excluded = [], preferred = [] }: ModelNeeds,
  allowPaid: boolean,
): readonly string[] {
  const mayCost = allowPaid || facts.standard || isNamed(facts, preferred)
  return [
    ...(isNamed(facts, excluded) ? ['it is excluded'] : []),
    ...(facts.paid && !mayCost ? ['it costs money, and paid models are not allowed to be chosen'] : []),
  ]
}

// preferred first

function compare(a: ModelFacts, b: ModelFacts, needs: ModelNeeds): number {
  return (
    place(a, needs.preferred) - place(b, needs.preferred) ||
    isFirst(b, needs.task) - isFirst(a, needs.task) ||
    suits(b, needs.task) - suits(a, needs.task) ||
    Number(b.standard) - Number(a.standard) ||
    (levelRank(capabilityLevelOf(b)) ?? 0) - (levelRank(capabilityLevelOf(a)) ?? 0) ||
    priceOf(a) - priceOf(b)
  )
}

function place(facts: ModelFacts, preferred: readonly string[] = []): number {
  const at = preferred.findIndex((name) => isNamed(facts, [name]))
  return at === -1 ? preferred.length : at
}

function suits({ tags = [] }: ModelFacts, task: readonly string[] = []): number {
  return task.filter((word) => tags.some((tag) => isSameCapability(word, tag))).length
}

/** Whether the operator prefers it for one of the words. */
function isFirst({ firstFor = [] }: ModelFacts, task: readonly string[] = []): number {
  return Number(task.some((word) => firstFor.some((known) => isSameCapability(word, known))))
}

function whyOf(facts: ModelFacts, { preferred = [], task = [] }: ModelNeeds): string {
  if (isNamed(facts, preferred)) return 'preferred by the pipeline'
  if (isFirst(facts, task) > 0) return `first for ${task.join(', ')}, as the configuration says`
  if (suits(facts, task) > 0) return `good at ${task.join(', ')}`
  return facts.standard ? 'the default model, which meets the requirements' : 'meets the requirements'
}

const priceOf = (facts: ModelFacts) => priceOfTypicalCall(facts) ?? Number.MAX_VALUE

function isNamed({ id, aliases = [] }: ModelFacts, names: readonly string[]): boolean {
  const own = [id, id.slice(id.indexOf('/') + 1), ...aliases]
  return names.some((name) => own.includes(name) || id === name.replace(':', '/'))
}
