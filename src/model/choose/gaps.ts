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
 * The needs that a model does not meet, or for which nothing is known, one sentence for each. `names`: whether a near
 * name of what it can do is good enough for the name that is asked, in `expertise` and in `capabilities`.
 */
export function listGaps(facts: ModelFacts, needs: ModelNeeds, names: 'exact' | 'near' = 'exact'): readonly string[] {
  const fits = names === 'exact' ? isSameCapability : isNearCapability
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
    ...anyOf('expertise', facts.tags, needs.tags, fits, names === 'near' ? nearNames(facts.capabilities) : []),
    ...allOf('capability', facts.capabilities, needs.capabilities, fits, nearNames(facts.tags)),
    ...allOf('modality', ['text', ...(facts.modalities ?? [])], needs.modalities, isSameCapability),
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

type DescribeLimit = (value: number) => string

function least(
  what: string,
  has: number | undefined,
  asked: number | undefined,
  unit: string,
  say: DescribeLimit = String,
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

/** The names of another list that may be near a name: one that a model can do or not stands in its own list. */
const nearNames = (list: readonly string[] = []) => list.filter((name) => !isExactCapability(name))

function anyOf(
  what: string,
  has: readonly string[] = [],
  asked: readonly string[] = [],
  fits: Fits,
  others: readonly string[] = [],
): string[] {
  if (asked.length === 0 || asked.some((one) => [...has, ...others].some((other) => fits(one, other)))) return []
  return [`${what} ${has.join(', ') || 'not known'}, one of ${asked.join(', ')} asked`]
}

function allOf(
  what: string,
  has: readonly string[] = [],
  asked: readonly string[] = [],
  fits: Fits,
  others: readonly string[] = [],
): string[] {
  const counted = fits === isNearCapability ? [...has, ...others] : has
  return asked
    .filter((one) => !counted.some((other) => fits(one, other)))
    .map((one) => {
      const near = [...has, ...others].find((other) => isNearCapability(one, other))
      return `${what} ${one} missing${near === undefined ? '' : `, though it has ${near}`}`
    })
}
