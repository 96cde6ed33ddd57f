import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineView } from '../../../engine/engine.ts'
import { InvalidError, type NotFoundError } from '../../../errors.ts'
import { runRef, stepRef } from '../../../house/actors.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import { ownValue } from '../../../lib/own.ts'
import type { StepState } from '../../../step/attempt/step-state.ts'
import { allowedRoots } from '../../../step/call/permissions.ts'
import { callSignal } from '../../../step/messages/call-decision.ts'
import { isSignalTarget } from '../../../step/messages/callback.ts'
import { readStepPart, readStepParts } from '../../../step/messages/step-parts.ts'
import { sparedWork } from '../../../step/messages/step-start.ts'
import { type ModelUse, sumTaken } from '../../../step/record/model-use.ts'
import { hasEnded } from '../../../step/record/outcome.ts'
import { UNKNOWN_OUTCOME } from '../../../step/suspend/unknown-outcome.ts'
import type { ValueStore } from '../../../step/values.ts'
import { takenPart } from '../../actor/signals.ts'
import { waitsIn, waitsPartName } from '../../actor/waits.ts'
import type { RunDocument } from '../../document.ts'
import { languageMissing } from '../../language.ts'
import { findRunStart, peekRun } from '../../run.ts'
import { noStep } from '../errors.ts'
import type { Executor, OpenRequest, ProgressOfRun, RunReading, Settling } from '../executor.ts'
import { isNamed } from '../port.ts'
import { type RunReader, readRun } from './read-run.ts'

type Parts = {
  readonly view: EngineView
  readonly values: ValueStore
  /** by the names of their languages; the last one accepts each request, and says that there is no such run */
  readonly executors: { readonly [language: string]: Executor }
  /** the folders that tools may read */
  readonly reach: Parameters<typeof allowedRoots>[0]
}

/** Reads all runs: the executor of its language says what only it knows of a run. */
export function openReading({ view, values, executors, reach }: Parts): RunReading {
  const all = Object.values(executors)
  const of = async (run: string): Promise<Executor> => {
    const language = (await peekRun(view, run))?.language
    if (language === undefined) return all.at(-1)!
    if (!Object.hasOwn(executors, language)) throw languageMissing(language)
    return executors[language]!
  }
  const read = async (run: string): Promise<RunDocument> => readRun(view, values, run, (await of(run)).steps)
  return {
    prepare: (request) => all.find((one) => one.accepts(request))!.prepare(request),
    async prepareFork(run, request) {
      const executor = await of(run)
      if (isNamed(request) && !executor.accepts(request)) throw notOfPipeline(run)
      return executor.prepareFork(run, request)
    },
    read,
    inputs: async (run) => (await of(run)).inputs(run),
    async readStep(run, id) {
      const executor = await of(run)
      const document = await readRun(view, values, run, executor.steps)
      const step = ownValue(document.steps, id)
      if (!step) throw noStep(run, id, Object.keys(document.steps))
      return { ...step, run, ...(await executor.detailOf(step, document)) }
    },
    source: async (run) => (await of(run)).source(run),
    openRequests: (run) => openRequests(view, run),
    progress: (run) => readProgress(view, run),
    rootsOf: async (run) => allowedRoots(reach, (await findRunStart(run, view.parts))!),
    settling: settlingOf(view, read),
  }
}

const notOfPipeline = (run: string) =>
  new InvalidError(`A fork of ${run} takes no pipeline: the run is none of a pipeline.`, {
    hint: 'Leave the file or the text out.',
  })

/** Reads the requests of the open steps of a run, and the work that its cancellation spares. */
async function openRequests(view: EngineView, run: string): Promise<readonly OpenRequest[]> {
  const requests: OpenRequest[] = [{ work: sparedWork(run) }]
  for await (const [name, { status }] of readStepParts(view.parts, run)) {
    if (status !== 'running') continue
    const { awaiting, suspended } = ((await view.peek(stepRef(run, name))) ?? {}) as StepState
    const { question: { to, work } = {}, later } = awaiting ?? {}
    requests.push({
      ...(to && !isSignalTarget(to) && { to }),
      ...(work !== undefined && { work }),
      ...(later !== undefined && { later }),
      ...(suspended?.budgetWait && { budget: suspended.budgetWait.scope }),
    })
  }
  return requests
}

/** Steps of a run whose models are added up; the document of a run with more has its usage. */
const MAX_ADDED = 2000

/** How far a run is, and what its models took; undefined when it has not begun. */
async function readProgress(view: RunReader, id: string): Promise<ProgressOfRun | undefined> {
  const state = await peekRun(view, id)
  if (!state || state.status === 'new') return undefined
  const { total, done, failed, skipped } = state
  const uses = total > MAX_ADDED ? [] : await usesIn(view, id)
  return { total, done, failed, skipped, ...(uses.length > 0 && { usage: sumTaken(uses) }) }
}

/** The model calls of the run itself: reused results cost nothing now. */
async function usesIn({ parts }: RunReader, id: string): Promise<readonly ModelUse[]> {
  const uses: ModelUse[] = []
  for await (const [, part] of readStepParts(parts, id)) {
    if (!hasEnded(part) || part.status === 'skipped') continue
    const { attempts, models = [] } = part
    const isReused = part.status === 'completed' && part.reuse?.same && attempts === 0
    if (!isReused) uses.push(...models)
  }
  return uses
}

/** How a person settles the calls of steps. `read`: reads a run. */
function settlingOf(view: EngineView, read: RunReading['read']): Settling {
  /** Whether the step has asked what became of its call. After a crash, it finds out only now that it does not know. */
  async function hasAsked(run: string, step: string): Promise<boolean> {
    const part = (name: string) => readSinglePart((actor, page) => view.parts(actor, page), runRef(run), name)
    const name = callSignal(step)
    for (let left = ASKED_WITHIN_MS; left > 0; left -= LOOK_MS) {
      if ((await readStepPart(view.parts, run, step))?.status !== 'running') break
      if (await waitsForSettlement(view, run, step)) {
        if ((await part(waitsPartName(name))) !== undefined) return true
      } else if (await isAtRest(run, step)) break
      await sleep(LOOK_MS)
    }
    // another answer was first
    return (await part(takenPart(name))) !== undefined
  }

  /** Whether the step waits for something else than its own work. */
  async function isAtRest(run: string, step: string): Promise<boolean> {
    const { awaiting, suspended } = ((await view.peek(stepRef(run, step))) ?? {}) as StepState
    return (
      awaiting !== undefined || (suspended?.budgetWait ?? suspended?.codeWait ?? suspended?.providerWait) !== undefined
    )
  }

  return {
    signalOf: callSignal,
    hasAsked,
    notInDoubt: async (run, step) => notInDoubt(view, await read(run), step),
  }
}

/** How long a step may take to find out, and how often to look. */
const ASKED_WITHIN_MS = 5000
const LOOK_MS = 50

/** Whether the step waits for a person who knows the outcome of its call. */
async function waitsForSettlement(view: EngineView, run: string, step: string): Promise<boolean> {
  const { awaiting } = ((await view.peek(stepRef(run, step))) ?? {}) as StepState
  return awaiting?.asking === UNKNOWN_OUTCOME
}

/** The error for a step that nobody need settle: it says how far the step is, and which calls of the run wait. */
async function notInDoubt(
  view: EngineView,
  document: RunDocument,
  step: string,
): Promise<InvalidError | NotFoundError> {
  const { execution_id: run, steps } = document
  const waiting = await settleableSteps(view, run)
  const found = Object.hasOwn(steps, step) ? steps[step] : undefined
  if (!found) return noStep(run, step, [...new Set([...waiting, ...Object.keys(steps)])])
  const { status, waits_for: on } = found
  const known =
    waiting.length === 0 ? '' : `Steps whose outcome is unknown: ${waiting.slice(0, MAX_NAMED).join(', ')}. `
  return new InvalidError(
    `${step} of ${run} has no unknown outcome: it ${on === undefined ? `is ${status}` : `waits for ${on}`}.`,
    { code: 'not_waiting', hint: `${known}To see what waits: antiphon inbox` },
  )
}

const MAX_NAMED = 10
const MAX_READ = 100

async function settleableSteps(view: EngineView, run: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { step } of waitsIn(view.parts, run, MAX_READ))
    if (await waitsForSettlement(view, run, step)) found.push(step)
  return found
}
