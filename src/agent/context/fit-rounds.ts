import type { ToolRound } from '../../model/request/tool-round.ts'
import type { Round } from '../protocol/rounds.ts'
import { ONE_LINE, roundInForm, WHOLE } from './round-forms.ts'

/** Rounds that stay whole as long as they fit. */
const WHOLE_ROUNDS = 3

/**
 * The share of the bound that rounds of one line for each call may take, and the share that is left of them after the
 * oldest were left out.
 */
const MAX_LINES_SHARE = 1 / 2
const LINES_SHARE = 1 / 4

/**
 * `fixed`: bytes of everything else in the request · `bound`: bytes of the whole · `notes`: texts that follow the last
 * round
 */
type Bounds = {
  readonly fixed: number
  readonly bound: number
  /**
   * the share of the bound that is left after something was shortened: more than it must, so that the next rounds keep
   * their beginning
   */
  readonly shortened: number
  readonly notes: readonly string[]
}

/** The rounds as a request shows them; `isCut`: some of them are not whole. */
type FittedRounds = { readonly rounds: readonly ToolRound[]; readonly isCut: boolean }

/**
 * Makes rounds fit. First the oldest rounds shrink to one line for each call, and the oldest of such rounds are left
 * out when they alone take too much. Then the last three rounds shrink, the oldest first, by ever smaller steps.
 *
 * The decisions of all earlier requests are made again, in their order. So a round that was shortened once stays so,
 * and the beginning of the request changes only where something is shortened. Pure.
 */
export function fitRounds(all: readonly Round[], { fixed, bound, shortened, notes }: Bounds): FittedRounds {
  const sizes = roundSizes(all)
  const forms: number[] = []
  let left = 0
  let size = fixed
  const shrink = (place: number, form: number) => {
    if (form <= forms[place]!) return
    size += sizes(place, form) - sizes(place, forms[place]!)
    forms[place] = form
  }
  const leaveOut = () => {
    size += bytesOf(restOf(all[left]!)) - sizes(left, ONE_LINE)
    left++
  }
  for (const [place] of all.entries()) {
    forms.push(WHOLE)
    size += sizes(place, WHOLE)
    // the texts that the model gets together with this round
    const next = bytesOf(all[place + 1]?.told ?? notes)
    const isOver = (limit = bound) => size + next > limit
    if (!isOver()) continue
    const old = Math.max(0, place + 1 - WHOLE_ROUNDS)
    for (let one = left; one < old && isOver(bound * shortened); one++) shrink(one, ONE_LINE)
    const lines = () => sum(forms.slice(left, old).map((form, at) => (form === ONE_LINE ? sizes(left + at, form) : 0)))
    if (lines() > bound * MAX_LINES_SHARE) while (left < old && lines() > bound * LINES_SHARE) leaveOut()
    if (!isOver()) continue
    for (let form = WHOLE + 1; form <= ONE_LINE; form++)
      for (let one = old; one <= place && isOver(bound * shortened); one++) shrink(one, form)
  }
  return {
    rounds: [
      ...leftOut(all.slice(0, left)),
      ...all.flatMap((round, at) => (at < left ? [] : roundInForm(round, at + 1, forms[at]!))),
    ],
    isCut: forms.some((form) => form !== WHOLE),
  }
}

/** The sizes of rounds in their forms, each computed once. */
function roundSizes(all: readonly Round[]): (place: number, form: number) => number {
  const known = new Map<string, number>()
  return (place, form) => {
    const key = `${place}.${form}`
    const size = known.get(key) ?? bytesOf(roundInForm(all[place]!, place + 1, form))
    known.set(key, size)
    return size
  }
}

/** The texts of people and of the goal stay when the rest of their round is left out. */
const restOf = ({ told: notes = [] }: Round) => notes

function leftOut(rounds: readonly Round[]): ToolRound[] {
  if (rounds.length === 0) return []
  const calls = sum(rounds.map((round) => round.calls.length))
  const note = `The first ${rounds.length} rounds with their ${calls} calls are no longer shown.`
  return [{ told: [...rounds.flatMap(restOf), note], said: [], results: [] }]
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

/**
 * Bytes of a value as JSON. Texts in other scripts have fewer characters for each token, but more bytes for each
 * character.
 */
export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
