import { CAPABILITY_LEVELS, capabilityLevelOf, isSameCapability, levelRank } from './levels.ts'
import type { ModelFacts, ModelNeeds } from './model-facts.ts'

/** The needs that a model does not meet, or for which nothing is known, one sentence for each. */
export function listGaps(facts: ModelFacts, needs: ModelNeeds): readonly string[] {
  const { size, context, latencyMs, tokensPerSecond, accuracy } = facts
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
    ...anyOf('expertise', facts.tags, needs.tags),
    ...allOf('capability', facts.capabilities, needs.capabilities),
    ...allOf('modality', ['text', ...(facts.modalities ?? [])], needs.modalities),
    ...least('context', context, needs.minContext, ' tokens'),
    ...(needs.local && !facts.local ? [elsewhere(facts)] : []),
    ...most('latency', latencyMs, needs.maxLatencyMs, ' ms'),
    ...least('speed', tokensPerSecond, needs.minTokensPerSecond, ' tokens/s'),
    ...least('accuracy', accuracy, needs.minAccuracy, ''),
    ...most('cost of a call', priceOfTypicalCall(facts), needs.costLimit, ' $'),
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

function anyOf(what: string, has: readonly string[] = [], asked: readonly string[] = []): string[] {
  if (asked.length === 0 || asked.some((one) => has.some((other) => isSameCapability(one, other)))) return []
  return [`${what} ${has.join(', ') || 'not known'}, one of ${asked.join(', ')} asked`]
}

function allOf(what: string, has: readonly string[] = [], asked: readonly string[] = []): string[] {
  return asked
    .filter((one) => !has.some((other) => isSameCapability(one, other)))
    .map((one) => `${what} ${one} missing`)
}
