import { outcomesOf, resultOf } from '../../../calls/outcomes.ts'
import { goalRef } from '../../../house/actors.ts'
import { type ReadParts, readSinglePart } from '../../../kernel/parts.ts'
import type { ValueStore } from '../../../step/values.ts'
import { shortenResult } from '../../context/shorten.ts'
import { type Round, roundPart } from '../../protocol/rounds.ts'
import type { AgentServices, CallOutcome } from '../services.ts'

/** Reads how the calls of runs ended, for the goals that made them. */
export function outcomeReader(store: {
  readonly readParts: ReadParts
  readonly values: ValueStore
}): Pick<AgentServices, 'readOutcomes' | 'readResult' | 'readRound'> {
  return {
    async readOutcomes(run) {
      // in a pure effect of the goal: its outcome reaches the log no sooner than what it read
      const early: ReadParts = (of, page) => store.readParts(of, { ...page, early: true })
      const { calls, waited } = await outcomesOf({ ...store, readParts: early }, run)
      const bounded = Object.entries(calls).map(([step, { status, text, ...more }]): [string, CallOutcome] => [
        step,
        { result: shortenResult(status, text), ...more },
      ])
      return { calls: Object.fromEntries(bounded), waited }
    },
    readResult: (run, step) => resultOf(store, run, step),
    async readRound(goal, round) {
      return (await readSinglePart(store.readParts, goalRef(goal), roundPart(round))) as Round | undefined
    },
  }
}
