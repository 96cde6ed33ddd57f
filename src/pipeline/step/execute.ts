import { is } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import type { CompiledStep } from '../plan/compiled.ts'
import { fairnessKey } from '../plan/messages/step-start.ts'
import { jobAt, placeIn, type Trial } from './attempt.ts'
import { decideCondition, renderOutputs, tellDependencies, tellInputs } from './builtin-work.ts'
import { askByTool, askChain } from './callback/callback-tool.ts'
import type { Deed, Job, PlacedCall } from './context.ts'
import { continueLoop, openLoop } from './loops/loop-work.ts'
import { runText } from './model-call/text-action.ts'
import { type Account, type Outcome, outcomeOf } from './outcome.ts'
import { withReason } from './permissions.ts'
import { failed } from './retry.ts'
import { breathe, holds, renderAll } from './templates/render.ts'
import { Elsewhere, makeElsewhere, NONE } from './templates/render-in-thread.ts'
import { moreTextsOf } from './templates/template-files.ts'
import { runTool } from './tool-call.ts'
import { createHold } from './values/memory-gate.ts'

/**
 * All of a step's work: loads what it reads, decides its condition, renders, acts, and stores a large result before it names it.
 * A failure that is final is an outcome like any other; one that is worth another attempt is thrown.
 */
export async function execute(attempt: Trial): Promise<Outcome> {
  const hold = createHold(attempt.services, attempt.call.signal)
  try {
    return await executeHolding({ ...attempt, hold })
  } finally {
    hold.leave()
  }
}

async function executeHolding(trial: Trial): Promise<Outcome> {
  const { start, call } = trial
  const { elapsed = sinceStart } = trial.services
  // sets of steps that render much let others have their turn in between
  const breath = breathe()
  if (breath) await breath
  const began = trial.began ?? elapsed()
  let step: CompiledStep | undefined
  try {
    const opened = trial.open()
    const place = placeIn(opened instanceof Promise ? await opened : opened, trial)
    step = place.step
    const found = jobAt(trial, place, trial.made ?? NONE)
    const job = found instanceof Promise ? await found : found
    const { condition } = job.step
    if (condition !== undefined && start.turn === undefined && !holds(condition, job.pipeline, job.scope))
      return withLooked({ status: 'skipped', reason: 'condition_false', ...accountOf(call, elapsed() - began) }, job)
    if (job.step.artifact || job.step.cacheTags) renderAhead(job)
    const performed = perform(job)
    const deed = performed instanceof Promise ? await performed : performed
    const outcome = outcomeOf(deed, job, accountOf(call, elapsed() - began))
    return withLooked(outcome instanceof Promise ? await outcome : outcome, job)
  } catch (error) {
    if (Elsewhere.is(error)) return executeWith(error, trial, began)
    if (call.signal.aborted || isInterruption(error)) throw error
    return failed(withReason(error, start), trial, step, accountOf(call, elapsed() - began))
  }
}

/** Begins again once a thread has rendered what takes too long here: so far nothing was done. */
async function executeWith(elsewhere: Elsewhere, trial: Trial, began: number): Promise<Outcome> {
  const made = await makeElsewhere(elsewhere, { share: fairnessKey(trial.start), signal: trial.call.signal })
  return execute({ ...trial, made, began })
}

/** What is rendered after the step has acted is tried before: then nothing of it can ask for a thread. */
function renderAhead({ step, pipeline, scope }: Job): void {
  try {
    renderAll([...moreTextsOf(step)], pipeline, scope, [])
  } catch (error) {
    // what is wrong is told when it counts
    if (!is(error)) throw error
  }
}

const accountOf = ({ attempt }: PlacedCall, ms: number): Account => ({ attempts: attempt, ms: Math.round(ms) })

const withLooked = (outcome: Outcome, { looked }: Job): Outcome =>
  looked === undefined ? outcome : { ...outcome, looked }

const sinceStart = () => performance.now()

function perform(job: Job): Deed | Promise<Deed> {
  const { work } = job.step
  switch (work.type) {
    case 'tool':
      return runTool(work, job)
    case 'text':
      return runText(work, job)
    case 'decide':
      return decideCondition(work, job)
    case 'chain':
      return askChain(work.parameters, job)
    case 'ask':
      return askByTool(work, job)
    case 'loop':
      return job.start.turn === undefined ? openLoop(work, job) : continueLoop(work, job)
    case 'inputs':
      return tellInputs(work, job)
    case 'depends':
      return tellDependencies(work, job)
    case 'outputs':
      return renderOutputs(work.values, job)
  }
}
