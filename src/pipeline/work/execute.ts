import { type Problem, problemOf, RetryableError } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Call } from '../../kernel/types.ts'
import { failedResult } from '../../tool/failure.ts'
import { type CompiledPipeline, type CompiledStep, stepOf } from '../compiled.ts'
import type { Inputs } from '../inputs.ts'
import { parseInstance } from '../instance.ts'
import type { StepEnd, StepStart } from '../messages.ts'
import { scopeOf } from '../scope.ts'
import { readRef, storeRef } from '../values.ts'
import type { StepValue } from '../view.ts'
import { prepareAsk } from './chain.ts'
import { collectLoop } from './collect.ts'
import type { Deed, Job, PipelineServices } from './job.ts'
import { expandLoop } from './loop.ts'
import { renderOutputs } from './outputs.ts'
import { loadReads, storeValue } from './reads.ts'
import { holds } from './render.ts'
import { runText } from './text.ts'
import { runTool } from './tool.ts'

/** What one step came to, as its effect is journaled: its end, or a question it has to put to the chain. */
export type Outcome = StepEnd | Ask
export type Ask = {
  readonly type: 'ask'
  readonly thread: string
  readonly ask: Json
  readonly parameters: { readonly [name: string]: Json }
  readonly key: string
  readonly attempts: number
  readonly timeout?: number
}

/** Whether another attempt is due: a full pool always is worth one, what is terminal never. */
export function mayRetry({ code, terminal }: Problem, attempt: number, attempts: number): boolean {
  return code === 'busy' || (terminal !== true && attempt < attempts)
}

/**
 * All of a step's work: loads what it reads, decides its condition, renders, acts, and stores a large result before it names it.
 * A failure that is final is an outcome like any other; one that is worth another attempt is thrown.
 */
export async function execute(
  services: PipelineServices,
  start: StepStart,
  call: Call,
  emit: (delta: Json) => void,
): Promise<Outcome> {
  const began = performance.now()
  const account = () => ({
    attempts: call.attempt,
    ms: Math.round(performance.now() - began),
    key: call.idempotencyKey,
  })
  try {
    const job = await openJob(services, start, call, emit)
    const { condition } = job.step
    if (condition !== undefined && !start.collect && !holds(condition, job.pipeline, job.scope))
      return skipped(start.step, account())
    return await outcomeOf(await perform(job), job, account())
  } catch (error) {
    if (call.signal.aborted || isInterruption(error)) throw error
    return failed(error, services, start, call, account())
  }
}

async function openJob(
  services: PipelineServices,
  start: StepStart,
  call: Call,
  emit: (delta: Json) => void,
): Promise<Job> {
  const { values } = services
  const pipeline = (await values.get(start.pipeline)) as unknown as CompiledPipeline
  const instance = parseInstance(pipeline, start.step)
  if (!instance) throw new TypeError(`pipeline ${pipeline.name} has no step ${start.step}`)
  const inputs = (await readRef(values, start.inputs)) as Inputs
  const reads = start.collect ? new Map() : await loadReads(pipeline, instance, start, services)
  const list = start.list && !start.collect ? ((await readRef(values, start.list.ref)) as readonly Json[]) : []
  const scope = scopeOf({ pipeline, instance, inputs, reads, run: start.run, list })
  const roots = [...services.roots, ...(start.granted ?? [])]
  return { services, pipeline, step: stepOf(pipeline, instance.node), instance, start, scope, roots, call, emit }
}

async function perform(job: Job): Promise<Deed> {
  const { work } = job.step
  switch (work.type) {
    case 'tool':
      return runTool(work, job)
    case 'text':
      return runText(work, job)
    case 'chain':
      return prepareAsk(work.parameters, job)
    case 'loop':
      return job.start.collect ? collectLoop(work, job) : expandLoop(work, job)
    case 'outputs':
      return renderOutputs(work.values, job)
  }
}

// what it came to

type Account = { readonly attempts: number; readonly ms: number; readonly key: string }

async function outcomeOf(deed: Deed, { services, start, step }: Job, account: Account): Promise<Outcome> {
  const end = { type: 'step-end', step: start.step, status: 'completed', ...account } as const
  switch (deed.type) {
    case 'result': {
      const { type: _, ...rest } = deed
      return { ...end, result: await storeValue(services, { status: 'completed', ...rest, duration: account.ms }) }
    }
    case 'list':
      return { ...end, loop: { list: deed.list, length: deed.length } }
    case 'outputs':
      return {
        ...end,
        result: await storeRef(services.values, deed.outputs),
        ...(deed.warnings.length > 0 && { warnings: deed.warnings }),
      }
    case 'ask':
      return { ...deed, key: account.key, attempts: account.attempts, ...limitOf(step) }
  }
}

function limitOf({ timeout }: CompiledStep): { timeout?: number } {
  return timeout === undefined ? {} : { timeout }
}

function skipped(step: string, { key: _, ...account }: Account): StepEnd {
  return { type: 'step-end', step, status: 'skipped', reason: 'condition_false', ...account }
}

async function failed(
  error: unknown,
  services: PipelineServices,
  start: StepStart,
  call: Call,
  account: Account,
): Promise<StepEnd> {
  const problem = problemOf(error)
  const result = failedResult(error)
  const insists = start.insists === true && result !== undefined && call.attempt < start.attempts
  if (insists) throw new RetryableError(problem.message, { code: problem.code, cause: error })
  if (mayRetry(problem, call.attempt, start.attempts)) throw error
  const value: StepValue = { status: 'failed', result: result ?? null, error: problem.message, duration: account.ms }
  const kept = result === undefined ? {} : { result: await storeValue(services, value) }
  return { type: 'step-end', step: start.step, status: 'failed', ...account, problem, ...kept }
}
