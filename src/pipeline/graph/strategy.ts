import { problemOf, TerminalError } from '../../errors.ts'
import { ownValue } from '../../lib/own.ts'
import { compiledStepAt } from '../plan/compiled.ts'
import { instanceOf, type StepInstance } from '../plan/instance.ts'
import type { StepStrategies, StrategyStep } from '../plan/strategy.ts'
import { type Draft, readDraftPart, updateRun } from './draft.ts'

/** The part that lists the ready steps, if a strategy of the program decides. */
export const READY_PART = 'ready'

/** The most ready steps that a strategy sees: each of its turns writes their list. The others wait in a queue. */
const MAX_READY = 1024

const readReady = (draft: Draft): readonly string[] => (readDraftPart(draft, READY_PART) ?? []) as readonly string[]

/** How many more steps a strategy may see. */
export const roomForReady = (draft: Draft): number => Math.max(0, MAX_READY - readReady(draft).length)

export function addReady(draft: Draft, ids: readonly string[]): void {
  if (ids.length > 0) draft.changed[READY_PART] = [...readReady(draft), ...ids]
}

/** The steps that begin now. A fault of the strategy ends the run; one that is missing makes it wait. */
export function chosenSteps(draft: Draft, strategies: StepStrategies, room: number): readonly StepInstance[] {
  const { pipeline, run, at } = draft
  const ready = readReady(draft)
  if (!pipeline.strategy || run.problem || run.following || ready.length === 0 || room <= 0) return []
  const { name, levels } = pipeline.strategy
  const choose = ownValue(strategies, name)
  if (!choose) {
    const hint = `It continues when a program with start({ strategies: { ${name} } }) opens the data folder. For commands, name that program in antiphon.yaml: app: FILE.`
    const lacks = { message: `This process does not have the strategy ${name}.`, hint }
    if (!run.lacks) draft.events.push({ type: 'code-wait', ...lacks })
    updateRun(draft, { lacks: run.lacks ?? { ...lacks, since: at } })
    return []
  }
  if (run.lacks) updateRun(draft, { lacks: null })
  const shown = (id: string): StrategyStep => {
    const { work } = compiledStepAt(pipeline, id)
    return { id, level: levels[id]!, ...('tool' in work && { tool: work.tool }) }
  }
  try {
    const given: unknown = choose({ ready: ready.map(shown), running: run.inFlight.map(shown) })
    const chosen = checkChoice(given, ready, run.inFlight.length > 0).slice(0, room)
    const begun = new Set(chosen)
    draft.changed[READY_PART] = ready.filter((id) => !begun.has(id))
    return chosen.map((id) => instanceOf(pipeline, id))
  } catch (error) {
    const why = `The strategy ${name} failed: ${problemOf(error).message}`
    updateRun(draft, { problem: problemOf(new TerminalError(why, { code: 'strategy_failed' })) })
  }
  return []
}

function checkChoice(given: unknown, ready: readonly string[], isAtWork: boolean): readonly string[] {
  // it fails the run, and may fail later itself, when nobody hears it
  if (given instanceof Promise) given.catch(() => {})
  if (!Array.isArray(given)) throw new TypeError(`expected a list of ids, got ${typeof given}`)
  const known = new Set(ready)
  const wrong = given.find((id) => !known.has(id))
  if (wrong !== undefined) throw new TypeError(`it gave ${JSON.stringify(wrong)}, which is not ready`)
  if (given.length === 0 && !isAtWork)
    throw new TypeError(`it gave no step while none runs. Ready: ${ready.slice(0, 12).join(', ')}`)
  return [...new Set<string>(given)]
}
