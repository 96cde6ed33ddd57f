import { isBusy, type Problem, problemOf, TerminalError, errorOf as toError } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { failedResult } from '../../tool/failure.ts'
import type { Question } from '../asking.ts'
import { reasonsOf, withAnswers } from '../auto/answers.ts'
import { type CompiledPipeline, type CompiledStep, stepOf } from '../compiled.ts'
import { type Instance, parseInstance } from '../instance.ts'
import type { StepEnd, StepStart } from '../messages.ts'
import { type Files, scopeOf } from '../scope.ts'
import type { Artifact } from '../spec/artifact.ts'
import { type Ref, storeRef } from '../values.ts'
import type { StepValue } from '../view.ts'
import { keepArtifact } from './artifact.ts'
import { askByTool, askChain } from './ask.ts'
import { isDegraded } from './ask-model.ts'
import { decideCondition } from './decide.ts'
import { errorOf } from './failure.ts'
import { asksForFiles, openFiles, readFiles } from './files.ts'
import { hurried, within } from './hurry.ts'
import type { Deed, Job, PipelineServices, PlacedCall } from './job.ts'
import { continueLoop, openLoop } from './loop.ts'
import { tellDependencies, tellInputs } from './made-steps.ts'
import type { ModelUse } from './model-use.ts'
import { renderOutputs } from './outputs.ts'
import { rootsOf } from './reach.ts'
import { failureIn, type Loaded, loadValues, storeValue } from './reads.ts'
import { holds } from './render.ts'
import { isLong, mayRetry, pauseAfter } from './retry.ts'
import { runText } from './text.ts'
import { runTool } from './tool.ts'

/** What one step came to: its end, a question it has to put to somebody else, or a pause too long to hold its place. */
export type Outcome = Ended | Ask | Later
/** How a step ended, without what follows from its place. */
export type Ended = Omit<StepEnd, 'type' | 'step' | 'key'>
export type Ask = {
  readonly type: 'ask'
  readonly asking: string
  readonly question: Question
  readonly parameters: Ref
  readonly key: string
  readonly attempts: number
}

/** A pause too long to hold the step's place, or, where it is money that its problem misses, until there is some. */
export type Later = {
  readonly type: 'later'
  /** ms */
  readonly delay: number
  readonly problem: Problem
  readonly attempts: number
  readonly memo?: Ref
  readonly models?: readonly ModelUse[]
}

/** One attempt at a step. */
export type Trial = {
  readonly services: PipelineServices
  readonly open: OpenPipeline
  readonly start: StepStart
  readonly call: PlacedCall
  /** the actor in whose turn it is made */
  readonly self: ActorRef
  emit(delta: Json): void
  /** how many attempts earlier turns made; absent: it may not pause longer than a turn does */
  readonly before?: number
  /** where calls of models are noted that came to nothing, over all attempts */
  readonly spent?: ModelUse[]
  /** what is done instead of the step, or for it, since it came to that */
  readonly as?: { readonly step: CompiledStep; readonly value: StepValue; readonly error?: Json }
}

/** The pipeline, at once when it was opened before. */
export type OpenPipeline = () => CompiledPipeline | Promise<CompiledPipeline>

/**
 * All of a step's work: loads what it reads, decides its condition, renders, acts, and stores a large result before it names it.
 * A failure that is final is an outcome like any other; one that is worth another attempt is thrown.
 */
export async function execute(trial: Trial): Promise<Outcome> {
  const { start, call } = trial
  const { elapsed = sinceStart } = trial.services
  const began = elapsed()
  const account = () => ({ attempts: call.attempt, ms: Math.round(elapsed() - began) })
  let step: CompiledStep | undefined
  try {
    const opened = trial.open()
    const place = placeIn(opened instanceof Promise ? await opened : opened, trial)
    step = place.step
    const found = jobAt(trial, place)
    const job = found instanceof Promise ? await found : found
    const { condition } = job.step
    if (condition !== undefined && start.turn === undefined && !holds(condition, job.pipeline, job.scope))
      return { status: 'skipped', reason: 'condition_false', ...account() }
    const performed = perform(job)
    const deed = performed instanceof Promise ? await performed : performed
    const outcome = outcomeOf(deed, job, account())
    return outcome instanceof Promise ? await outcome : outcome
  } catch (error) {
    if (call.signal.aborted || isInterruption(error)) throw error
    return failed(error, trial, step, account())
  }
}

const sinceStart = () => performance.now()

type Opening = Pick<Trial, 'services' | 'open' | 'start' | 'call' | 'self' | 'emit' | 'as' | 'spent'>

/** All that an attempt at a step needs, with what the step reads. */
export async function openJob(trial: Opening): Promise<Job> {
  return jobAt(trial, placeIn(await trial.open(), trial))
}

type Where = Pick<Job, 'pipeline' | 'instance' | 'step'>

function placeIn(pipeline: CompiledPipeline, { start, as }: Opening): Where {
  const instance = instanceIn(pipeline, start.step)
  return { pipeline, instance, step: as?.step ?? stepOf(pipeline, instance.node) }
}

/** At once when all that the step reads came with its message, and no file is asked for. */
function jobAt(trial: Opening, where: Where): Job | Promise<Job> {
  const loaded = loadValues(where.pipeline, where.instance, trial.start, trial.services)
  if (loaded instanceof Promise || asksForFiles(where.step)) return loadJob(trial, where, loaded)
  return jobOf({ ...trial, ...where }, loaded, undefined)
}

async function loadJob(trial: Opening, where: Where, loading: Loaded | Promise<Loaded>): Promise<Job> {
  const files = asksForFiles(where.step) ? openFiles() : undefined
  const job = jobOf({ ...trial, ...where }, await loading, files)
  if (files) await readFiles(job, files)
  return job
}

function instanceIn(pipeline: CompiledPipeline, step: string): Instance {
  const instance = parseInstance(pipeline, step)
  if (!instance) throw new TypeError(`pipeline ${pipeline.name} has no step ${step}`)
  return instance
}

type Place = Pick<Job, 'services' | 'pipeline' | 'instance' | 'step' | 'start' | 'call' | 'self' | 'emit'> &
  Pick<Trial, 'as' | 'spent'>

function jobOf(place: Place, { inputs, reads, lists }: Loaded, files: Files | undefined): Job {
  const { services, pipeline, instance, start, call, self, emit, as, spent = [] } = place
  const step = hurried(place.step, start)
  const seen = as ? new Map(reads).set(instance.node, as.value) : reads
  const error = as?.error ?? errorBehind(pipeline, step, reads)
  const known = { pipeline, instance, inputs, reads: seen, run: start.run, loops: start.loops ?? NO_LOOPS, lists }
  const surroundings = { ...known, ...(files && { files }), ...(error !== undefined && { error }) }
  const { answers = [] } = start
  const scope = withAnswers(scopeOf(surroundings), answers)
  const turnScope = (turning: number) => withAnswers(scopeOf({ ...surroundings, turning }), answers)
  const roots = rootsOf(services, start)
  const reasons = reasonsOf(answers)
  return { services, pipeline, step, instance, start, scope, turnScope, roots, call, self, emit, reasons, spent }
}

const NO_LOOPS = {}

/** Of a step that a failure may lead to: which failure did. */
function errorBehind(pipeline: CompiledPipeline, { failures }: CompiledStep, reads: Loaded['reads']): Json | undefined {
  const node = failures?.find((failed) => reads.get(failed)?.status === 'failed')
  return node === undefined ? undefined : errorOf(stepOf(pipeline, node).id, reads.get(node)!, false)
}

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

// what it came to

type Account = Pick<Ended, 'attempts' | 'ms' | 'models' | 'degraded'>

function outcomeOf(deed: Deed, job: Job, account: Account): Outcome | Promise<Outcome> {
  const { services, step, call } = job
  switch (deed.type) {
    case 'result': {
      const { type: _, problem, models, depends, ...rest } = deed
      if (problem) return failedWith(rest, problem, services, account)
      const value: StepValue = { status: 'completed', ...rest, duration: account.ms }
      const { list } = job.start.loops?.[job.instance.node] ?? {}
      const more = list || models || depends
      const told = more
        ? { ...account, ...(list && { list }), ...(depends && { depends }), ...(models && usesOf(models)) }
        : account
      if (step.artifact) return withFile(step.artifact, value, job, told)
      return completed(told, storeValue(services, value))
    }
    case 'loop':
      return { status: 'completed', ...account, loop: deed.reply }
    case 'outputs':
      return completed(account, storeRef(services.values, deed.outputs), deed.warnings)
    case 'ask':
      return { ...within(deed, step), key: call.idempotencyKey, attempts: account.attempts }
  }
}

const usesOf = (models: readonly ModelUse[]) => ({ models, ...(isDegraded(models) && { degraded: true as const }) })

function completed(account: Account, stored: Ref | Promise<Ref>, warnings?: readonly string[]) {
  const end = (result: Ref): Ended => ({
    status: 'completed',
    ...account,
    result,
    ...(warnings && warnings.length > 0 && { warnings }),
  })
  return stored instanceof Promise ? stored.then(end) : end(stored)
}

async function withFile(artifact: Artifact, value: StepValue, job: Job, account: Account): Promise<Ended> {
  const made = await keepArtifact(artifact, value, job)
  const kept = made ? { ...value, fields: { ...value.fields, location: made.location } } : value
  const end = await completed(account, storeValue(job.services, kept))
  return made ? { ...end, artifact: made } : end
}

async function failedWith(
  value: Omit<StepValue, 'status'>,
  problem: Problem,
  services: PipelineServices,
  account: Account,
): Promise<Ended> {
  const failure = failureIn(problem, account.attempts)
  try {
    const result = await storeValue(services, { status: 'failed', ...value, ...failure, duration: account.ms })
    return { status: 'failed', ...account, problem, result }
  } catch (cause) {
    // what cannot be kept is no reason for another attempt
    throw new TerminalError(`${problem.message} (what it had to show could not be kept)`, { code: problem.code, cause })
  }
}

/** What it came to: thrown, and not terminal, when another attempt is due in place. */
async function failed(
  error: unknown,
  { services, start, call, before, as, emit }: Trial,
  step: CompiledStep | undefined,
  account: Account,
): Promise<Ended | Later> {
  const raw = problemOf(error)
  if (raw.budget && before !== undefined && !as)
    return { type: 'later', delay: 0, problem: raw, attempts: call.attempt - 1 }
  if (raw.budget || isBusy(raw)) throw error
  const { problem, result } = await told(error, services)
  const allowed = as ? as.step.attempts : start.attempts
  const insists = (as ? as.step.insists : start.insists === true) && result !== undefined && call.attempt < allowed
  const isLate = start.left !== undefined && problem.code === 'timeout'
  if (!isLate && (insists || mayRetry(problem, call.attempt, allowed))) {
    const { terminal: _, ...passing } = problem
    const delay = pauseAfter(call.attempt, problem, call.idempotencyKey, step?.backoff)
    const isTooLong =
      before !== undefined && isLong(delay, call.attempt, before + 1, call.idempotencyKey, step?.backoff)
    if (isTooLong) return { type: 'later', delay, problem: passing, attempts: call.attempt }
    emit({ type: 'step-retry', step: start.step, attempts: call.attempt, delay, problem: passing })
    throw Object.assign(toError({ ...passing, delay }), { cause: error })
  }
  if (result === undefined) return { status: 'failed', ...account, problem }
  return failedWith({ result }, problem, services, account)
}

/** What is told of a failure: no secret, whoever repeats one. */
async function told(error: unknown, { secrets }: PipelineServices) {
  const [problem, result] = [problemOf(error), failedResult(error)]
  if (!secrets) return { problem, result }
  const safe = await secrets.problem(problem)
  return { problem: safe, result: result === undefined ? result : secrets.hide(result) }
}
