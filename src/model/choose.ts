/** What is known of a model that a choice may rest on; what is absent is not known. */
export type ModelFacts = {
  readonly id: string
  /** whether the operator named it as the one that answers when nobody says which */
  readonly standard: boolean
  /** whether a call costs money, as far as is known */
  readonly paid: boolean
  /** what pipelines may call it beside its id */
  readonly aliases?: readonly string[]
  /** billions of parameters */
  readonly size?: number
  /** what it is good at, in the operator's words */
  readonly tags?: readonly string[]
  readonly level?: Level
  readonly capabilities?: readonly string[]
  readonly modalities?: readonly string[]
  readonly latencyMs?: number
  readonly tokensPerSecond?: number
  /** 0..1 */
  readonly accuracy?: number
  /** dollars for a million tokens */
  readonly price?: { readonly input: number; readonly output: number }
}

/** What a step asks of the model that is to do it. */
export type ModelNeeds = {
  readonly minSize?: number
  readonly maxSize?: number
  readonly level?: Level
  /** one of these is enough */
  readonly tags?: readonly string[]
  readonly capabilities?: readonly string[]
  readonly modalities?: readonly string[]
  readonly maxLatencyMs?: number
  readonly minTokensPerSecond?: number
  readonly minAccuracy?: number
  /** dollars for one call of about a thousand tokens each way */
  readonly costLimit?: number
  readonly preferred?: readonly string[]
  readonly excluded?: readonly string[]
  /** what to take when none meets all of it; absent: none */
  readonly otherwise?: 'best_available' | 'cheapest' | 'fail'
  /** words for what it is to do: who is good at that comes first, but nobody is refused for it */
  readonly task?: readonly string[]
}

/** How capable a model is, from the least. */
export const LEVELS = ['low', 'medium', 'medium-high', 'high', 'very-high'] as const
export type Level = (typeof LEVELS)[number]

/** Which model, and why; `lacks`: what was asked for and it has not. Or why each of them will not do. */
export type Choice = { readonly id: string; readonly why: string; readonly lacks?: readonly string[] }
export type NoChoice = { readonly refused: readonly { readonly id: string; readonly why: readonly string[] }[] }

/**
 * The model that meets the needs. What is not known of a model is not taken for granted. One that costs money is chosen only where
 * the operator made it the standard or allows paid models, or the author prefers it by name.
 */
export function choose(models: readonly ModelFacts[], needs: ModelNeeds, allowPaid: boolean): Choice | NoChoice {
  const judged = models.map((facts) => ({
    facts,
    lacks: lacksOf(facts, needs),
    barred: barredBy(facts, needs, allowPaid),
  }))
  const open = judged.filter(({ barred }) => barred.length === 0)
  const [best] = open.filter(({ lacks }) => lacks.length === 0).sort((a, b) => compare(a.facts, b.facts, needs))
  if (best) return { id: best.facts.id, why: whyOf(best.facts, needs) }
  const [second] = substitutes(open, needs)
  if (second) return { id: second.facts.id, why: `${needs.otherwise}: none meets all of it`, lacks: second.lacks }
  return { refused: judged.map(({ facts, lacks, barred }) => ({ id: facts.id, why: [...barred, ...lacks] })) }
}

type Judged = { readonly facts: ModelFacts; readonly lacks: readonly string[] }

function substitutes(open: readonly Judged[], needs: ModelNeeds): readonly Judged[] {
  if (needs.otherwise === 'cheapest') return [...open].sort((a, b) => priceOf(a.facts) - priceOf(b.facts))
  if (needs.otherwise !== 'best_available') return []
  return [...open].sort((a, b) => a.lacks.length - b.lacks.length || compare(a.facts, b.facts, needs))
}

// what speaks against a model

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

function lacksOf(facts: ModelFacts, needs: ModelNeeds): readonly string[] {
  const { size, latencyMs, tokensPerSecond, accuracy } = facts
  return [
    ...least('size', size, needs.minSize, 'B'),
    ...most('size', size, needs.maxSize, 'B'),
    ...least('expertise', rank(levelOf(facts)), rank(needs.level), '', (at) => LEVELS[at]!),
    ...anyOf('expertise', facts.tags, needs.tags),
    ...allOf('capability', facts.capabilities, needs.capabilities),
    ...allOf('modality', facts.modalities, needs.modalities),
    ...most('latency', latencyMs, needs.maxLatencyMs, ' ms'),
    ...least('speed', tokensPerSecond, needs.minTokensPerSecond, ' tokens/s'),
    ...least('accuracy', accuracy, needs.minAccuracy, ''),
    ...most('cost of a call', callPrice(facts), needs.costLimit, ' $'),
  ]
}

const rank = (level: Level | undefined) => (level === undefined ? undefined : LEVELS.indexOf(level))

type Say = (value: number) => string

function least(
  what: string,
  has: number | undefined,
  asked: number | undefined,
  unit: string,
  say: Say = String,
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
  if (asked.length === 0 || asked.some((one) => has.some((other) => alike(one, other)))) return []
  return [`${what} ${has.join(', ') || 'not known'}, one of ${asked.join(', ')} asked`]
}

function allOf(what: string, has: readonly string[] = [], asked: readonly string[] = []): string[] {
  return asked.filter((one) => !has.some((other) => alike(one, other))).map((one) => `${what} ${one} missing`)
}

/** `analyze` and `analysis` are one word, `code` and `coding` are two. */
function alike(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  return a === b || (a.length > STEM && b.length > STEM && a.slice(0, STEM) === b.slice(0, STEM))
}

const STEM = 5

// who comes first

function compare(a: ModelFacts, b: ModelFacts, needs: ModelNeeds): number {
  return (
    place(a, needs.preferred) - place(b, needs.preferred) ||
    suits(b, needs.task) - suits(a, needs.task) ||
    Number(b.standard) - Number(a.standard) ||
    (rank(levelOf(b)) ?? 0) - (rank(levelOf(a)) ?? 0) ||
    priceOf(a) - priceOf(b)
  )
}

function place(facts: ModelFacts, preferred: readonly string[] = []): number {
  const at = preferred.findIndex((name) => isNamed(facts, [name]))
  return at === -1 ? preferred.length : at
}

function suits({ tags = [] }: ModelFacts, task: readonly string[] = []): number {
  return task.filter((word) => tags.some((tag) => alike(word, tag))).length
}

function whyOf(facts: ModelFacts, { preferred = [], task = [] }: ModelNeeds): string {
  if (isNamed(facts, preferred)) return 'preferred by the pipeline'
  if (suits(facts, task) > 0) return `good at ${task.join(', ')}`
  return facts.standard ? 'the default model, which meets what is asked' : 'meets what is asked'
}

/** Its own level, else what its tags stand for. */
function levelOf({ level, tags = [] }: ModelFacts): Level | undefined {
  if (level !== undefined || tags.length === 0) return level
  return LEVELS[Math.max(...tags.map((tag) => LEVELS.indexOf(TAG_LEVELS[tag.toLowerCase()] ?? 'medium')))]
}

const TAG_LEVELS: { readonly [tag: string]: Level } = {
  analysis: 'very-high',
  research: 'very-high',
  code: 'high',
  reasoning: 'high',
  fast: 'low',
  compact: 'low',
}

/** Dollars for a thousand tokens in and a thousand out. */
function callPrice({ price, paid }: ModelFacts): number | undefined {
  if (price) return (price.input + price.output) / 1000
  return paid ? undefined : 0
}

const priceOf = (facts: ModelFacts) => callPrice(facts) ?? Number.MAX_VALUE

function isNamed({ id, aliases = [] }: ModelFacts, names: readonly string[]): boolean {
  const own = [id, id.slice(id.indexOf('/') + 1), ...aliases]
  return names.some((name) => own.includes(name) || id === name.replace(':', '/'))
}
