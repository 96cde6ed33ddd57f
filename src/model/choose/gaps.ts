import {
  CAPABILITY_LEVELS,
  capabilityLevelOf,
  isExactCapability,
  isNearCapability,
  isSameCapability,
  levelRank,
} from './levels.ts'
import type { ModelFacts, ModelNeeds } from './model-facts.ts'

/**
 * The needs that a model does not meet, or for which nothing is known, one sentence for each. `fits`: whether a word
 * for what it can do is good enough for a word that is asked. Near names count in both lists.
 */
export function listGaps(facts: ModelFacts, needs: ModelNeeds, fits = isSameCapability): readonly string[] {
  const { size, context, latencyMs, tokensPerSecond, accuracy } = facts
  // the limit of a period is a budget of all its calls and says nothing about one of them
  const costLimit = needs.budgetPeriod === undefined ? needs.costLimit : undefined
  return [
    ...least('size', size, needs.minSize, 'B'),
    ...most('size', size, needs.maxSize, 'B'),
    ...least(
      'expertise',
      levelRank(capabilityLevelOf(facts)),
      levelRank(needs.level),
      '',
      (at) => CAPABILITY_LEVELS[at]!,
    ),
    ...anyOf('expertise', namesIn(facts.tags, facts.capabilities), needs.tags, fits),
    ...allOf('capability', namesIn(facts.capabilities, facts.tags), needs.capabilities, fits),
    ...allOf('modality', namesIn(['text', ...(facts.modalities ?? [])]), needs.modalities, isSameCapability),
    ...least('context', context, needs.minContext, ' tokens'),
    ...(needs.local && !facts.local ? [elsewhere(facts)] : []),
    ...most('latency', latencyMs, needs.maxLatencyMs, ' ms'),
    ...least('speed', tokensPerSecond, needs.minTokensPerSecond, ' tokens/s'),
    ...least('accuracy', accuracy, needs.minAccuracy, ''),
    ...most('cost of a call', priceOfTypicalCall(facts), costLimit, ' $'),
  ]
}

/** Dollars for a thousand input and a thousand output tokens. */
export function priceOfTypicalCall({ price, paid }: ModelFacts): number | undefined {
  if (price?.input !== undefined && price.output !== undefined) return (price.input + price.output) / 1000
  return paid ? undefined : 0
}

const elsewhere = ({ local }: ModelFacts) =>
  local === undefined ? 'whether it is on this machine is not known' : 'it is not on this machine'

function least(
  what: string,
  has: number | undefined,
  asked: number | undefined,
  unit: string,
  say: (value: number) => string = String,
): string[] {
  if (asked === undefined || (has !== undefined && has >= asked)) return []
  return [
    has === undefined ? `its ${what} is not known` : `${what} ${say(has)}${unit}, at least ${say(asked)}${unit} asked`,
  ]
}

function most(what: string, has: number | undefined, asked: number | undefined, unit: string): string[] {
  if (asked === undefined || (has !== undefined && has <= asked)) return []
  return [has === undefined ? `its ${what} is not known` : `${what} ${has}${unit}, at most ${asked}${unit} asked`]
}

type Fits = typeof isSameCapability

/** The names of a list, and those that count if a near name is enough. */
type Names = { readonly own: readonly string[]; readonly near: readonly string[] }

/** A name that a model has or has not stands in its own list. */
const namesIn = (own: readonly string[] = [], others: readonly string[] = []): Names => ({
  own,
  near: [...own, ...others.filter((name) => !isExactCapability(name))],
})

const countedOf = ({ own, near }: Names, fits: Fits) => (fits === isNearCapability ? near : own)

function anyOf(what: string, has: Names, asked: readonly string[] = [], fits: Fits): string[] {
  if (asked.length === 0 || asked.some((one) => countedOf(has, fits).some((other) => fits(one, other)))) return []
  return [`${what} ${has.own.join(', ') || 'not known'}, one of ${asked.join(', ')} asked`]
}

function allOf(what: string, has: Names, asked: readonly string[] = [], fits: Fits): string[] {
  return asked
    .filter((one) => !countedOf(has, fits).some((other) => fits(one, other)))
    .map((one) => {
      const near = has.near.find((other) => isNearCapability(one, other))
      return `${what} ${one} missing${near === undefined ? '' : `, though it has ${near}`}`
    })
}
