import type { Json } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
import type { ValueStore } from '../../run/values.ts'
import type { CompiledPipeline, CompiledStep, LoopWork, Recovery } from './compiled.ts'

/**
 * Reads a compiled pipeline by its hash. Its shape is trusted: only the compiler stores pipelines. One that an older
 * release stored keeps its text and hash, and is converted once.
 */
export function openPipeline(values: Pick<ValueStore, 'get'>, hash: string): Promise<CompiledPipeline> {
  return values.get(hash).then(inPresentForm)
}

const converted = new WeakMap<object, CompiledPipeline>()

/** A stored pipeline in the form of this release. The same object always gives the same pipeline. */
function inPresentForm(stored: Json): CompiledPipeline {
  const pipeline = stored as unknown as CompiledPipeline | FlatPipeline
  if (pipeline.v !== 1) return pipeline
  const known = converted.get(pipeline) ?? convertPipeline(pipeline)
  converted.set(pipeline, known)
  return known
}

// version 1: all fields of a step in one record, and a kind for each shape of loop

type FlatPipeline = Omit<CompiledPipeline, 'v' | 'steps'> & {
  readonly v: 1
  readonly steps: { readonly [node: string]: FlatStep }
}

type FlatStep = Pick<CompiledStep, 'id' | 'artifact'> &
  CompiledStep['edges'] &
  Omit<CompiledStep['policy'], 'retryReported'> &
  Omit<NonNullable<CompiledStep['model']>, 'needs'> &
  NonNullable<CompiledStep['routing']> & {
    readonly work: Exclude<CompiledStep['work'], LoopWork> | FlatLoop
    readonly retryReported: boolean
    readonly modelNeeds?: NonNullable<CompiledStep['model']>['needs']
    readonly onFailure: 'fail' | 'continue'
    readonly undo?: true
    readonly recoveries?: readonly FlatRecovery[]
  }

type FlatRecovery = Omit<Recovery, 'action'> & { readonly action?: FlatStep }

type FlatLoop = Omit<LoopWork, 'kind' | 'shape'> & {
  readonly kind: LoopWork['shape']
  readonly list?: Json
  readonly turns?: Extract<LoopWork, { readonly kind: 'while' }>['turns']
}

function convertPipeline({ steps, ...pipeline }: FlatPipeline): CompiledPipeline {
  const grouped = Object.entries(steps).map(([node, step]) => [node, convertStep(step)])
  return { ...pipeline, v: 2, steps: Object.fromEntries(grouped) }
}

function convertStep(step: FlatStep): CompiledStep {
  const { id, work, artifact, needs, dependents, maybe, reads } = step
  const { effect, attempts, retryReported, backoff, timeout, priority, when, writesWithin } = step
  const { autoTags, modelNeeds, cache, cacheTags, patience, onTruncated } = step
  const { condition, routes, dynamicRoutes, onDemand, failures, skippable, standby } = step
  const onFailure = step.undo ? 'undo' : step.onFailure === 'continue' ? 'continue' : undefined
  const recoveries = step.recoveries?.map(convertRecovery)
  const groups = {
    edges: { needs, dependents, maybe, reads },
    policy: {
      effect,
      attempts,
      retryReported: retryReported || undefined,
      backoff,
      timeout,
      priority,
      when,
      writesWithin,
    },
    model: { autoTags, needs: modelNeeds, cache, cacheTags, patience, onTruncated },
    recovery: { recoveries, onFailure },
    routing: { condition, routes, onDemand, failures, skippable, standby, dynamicRoutes },
  }
  const filled = Object.entries(groups).map(([name, fields]) => [name, present(fields)] as const)
  const used = filled.filter(([, fields]) => Object.keys(fields).length > 0)
  return {
    id,
    work: work.type === 'loop' ? convertLoop(work as FlatLoop) : work,
    ...Object.fromEntries(used),
    ...(artifact && { artifact }),
  } as CompiledStep
}

/** The failure of a handler's action leads to nothing. */
function convertRecovery({ action, ...recovery }: FlatRecovery): Recovery {
  if (!action) return recovery
  const { recovery: _, ...acting } = convertStep(action)
  return { ...recovery, action: acting }
}

function convertLoop({ kind: shape, list, turns, ...loop }: FlatLoop): LoopWork {
  return turns ? { ...loop, kind: 'while', turns, shape } : { ...loop, kind: 'list', list: list ?? [], shape }
}
