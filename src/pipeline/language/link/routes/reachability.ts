import { countBelow } from '../../source/source-map.ts'

/** For each step of a scope, by its index, the indexes of others. */
export type Edges = readonly (readonly number[])[]
/** Indexes of steps, in order. */
export type StepIndexes = Int32Array
/** The steps after a step, without itself. */
type ReachFrom = (place: number) => StepIndexes

/** Thrown when steps, routes or outputs have more paths between them than a pipeline may need to check. */
export class WorkLimitExceeded extends Error {}

const MAX_VISITS = 2_000_000
/** Maximum edges followed: one takes a few nanoseconds. */
const MAX_FOLLOWED_EDGES = 4_000_000
const MAX_CACHED_REACHES = 64

/** Counts visited items; throws WorkLimitExceeded above `most`, by default two million. */
export function createWorkBudget(most = MAX_VISITS): (count: number) => void {
  let left = most
  return (count) => {
    left -= count
    if (left < 0) throw new WorkLimitExceeded()
  }
}

/** Creates a walk over the graph: it returns all steps after the given ones, within a budget. */
export function createWalk(edges: Edges): (first: readonly number[]) => StepIndexes {
  const spend = createWorkBudget(MAX_FOLLOWED_EDGES)
  // all zero between two walks: a new array for each walk would take most of the time
  const marks = new Uint8Array(edges.length)
  return (first) => {
    const found: number[] = []
    markSteps(first, marks, found)
    // it grows during the loop
    for (let at = 0; at < found.length; at++) {
      const next = edges[found[at]!]!
      spend(next.length)
      markSteps(next, marks, found)
    }
    const ordered = sortIndexes(found, marks)
    for (const place of found) marks[place] = 0
    return ordered
  }
}

function markSteps(places: readonly number[], marks: Uint8Array, found: number[]): void {
  for (const place of places) {
    if (marks[place] === 1) continue
    marks[place] = 1
    found.push(place)
  }
}

/** Sorts the found indexes. When many are marked, a scan is faster than a sort. */
function sortIndexes(found: readonly number[], marks: Uint8Array): StepIndexes {
  const places = Int32Array.from(found)
  if (found.length * 8 < marks.length) return places.sort()
  let count = 0
  for (let place = 0; place < marks.length; place++) if (marks[place] === 1) places[count++] = place
  return places
}

/** Creates a cached lookup of the steps after a step, within a budget. */
export function createReach(edges: Edges): ReachFrom {
  const known = new Map<number, StepIndexes>()
  const walk = createWalk(edges)
  return (place) => {
    const reached = known.get(place) ?? walk(edges[place]!)
    if (known.size >= MAX_CACHED_REACHES) known.clear()
    known.set(place, reached)
    return reached
  }
}

/** Whether an index is among sorted indexes. */
export const includesStep = (places: StepIndexes, place: number) => places[countBelow(places, place)] === place

export function reverseEdges(edges: Edges): Edges {
  const others: number[][] = edges.map(() => [])
  for (const [place, next] of edges.entries()) for (const other of next) others[other]!.push(place)
  return others
}
