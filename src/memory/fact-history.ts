/**
 * A fact as it was given. `order` is that of the changes: a higher one was learned later, whatever the clock said. A
 * fact that was given no `validFrom` has that of `learnedAt`. Times in ms since the epoch.
 */
type StoredFact = {
  readonly order: number
  /** a fact of a higher standing outranks all of a lower one */
  readonly standing: number
  readonly validFrom: number
  readonly validTo?: number
  readonly learnedAt: number
  /** ends by facts that were erased since */
  readonly ends: readonly FactEnd[]
}

/** A fact is no longer true from `at` on, which was known from `knownAt` on. */
export type FactEnd = { readonly at: number; readonly knownAt: number }

/** A fact with its end, which follows from the facts after it. */
type DerivedFact<Fact> = { readonly fact: Fact; readonly validTo?: number; readonly endedAt?: number }

/** Whether a fact yields to another one: the higher standing wins, then what begins later. */
function comesBefore(one: StoredFact, other: StoredFact): boolean {
  return one.standing === other.standing ? beginsBefore(one, other) : one.standing < other.standing
}

/** Whether a fact begins before another one; of two that begin together, the one that was learned earlier does. */
function beginsBefore(one: StoredFact, other: StoredFact): boolean {
  return one.validFrom === other.validFrom ? one.order < other.order : one.validFrom < other.validFrom
}

/**
 * The fact about a subject that holds at an instant, as it was known at another one. Without `knownAt` the instant is
 * now: all facts are known, and one that was given no `validFrom` has begun, even if the clock was ahead then.
 */
export function factAt<Fact extends StoredFact>(
  facts: readonly Fact[],
  { at, knownAt }: { readonly at: number; readonly knownAt?: number },
): Fact | undefined {
  const hasBegun = (from: number, known: number) =>
    knownAt === undefined ? from <= at || from === known : from <= at && known <= knownAt
  const begun = facts.filter((fact) => hasBegun(fact.validFrom, fact.learnedAt))
  const last = begun.find((fact) => begun.every((other) => other === fact || comesBefore(other, fact)))
  if (!last || (last.validTo !== undefined && last.validTo <= at)) return undefined
  return last.ends.some((end) => hasBegun(end.at, end.knownAt)) ? undefined : last
}

/** All facts about a subject with their ends, the newest first. One that never held ends where it begins. */
export function factHistory<Fact extends StoredFact>(facts: readonly Fact[]): readonly DerivedFact<Fact>[] {
  const ordered = [...facts].sort((a, b) => (comesBefore(a, b) ? 1 : -1))
  const derived = ordered.map((fact, place): DerivedFact<Fact> => {
    const later = ordered.slice(0, place).map(({ validFrom: at, learnedAt: knownAt }) => ({ at, knownAt }))
    const own = fact.validTo === undefined ? [] : [{ at: fact.validTo, knownAt: fact.learnedAt }]
    const ends = [...own, ...later, ...fact.ends].map(({ at, knownAt }) => ({
      at: Math.max(at, fact.validFrom),
      knownAt,
    }))
    const end = ends.reduce<FactEnd | undefined>(earlier, undefined)
    return end ? { fact, validTo: end.at, endedAt: end.knownAt } : { fact }
  })
  return derived.sort((a, b) => (beginsBefore(a.fact, b.fact) ? 1 : -1))
}

function earlier(one: FactEnd | undefined, other: FactEnd): FactEnd {
  if (!one || other.at < one.at) return other
  return other.at === one.at && other.knownAt < one.knownAt ? other : one
}
