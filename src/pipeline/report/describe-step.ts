import { KIND } from '../../house/actors.ts'
import type { RunView } from '../../run/run.ts'
import type { ValueStore } from '../../step/values.ts'
import { endsItsCalls } from '../../tool/schema.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { openPipeline, type StepWork } from '../plan/compiled.ts'
import { parseInstance } from '../plan/instance.ts'
import { peekRunState } from '../plan/run-state.ts'
import { toolNamedBy } from '../step/work-facts.ts'

type Parts = { readonly view: RunView; readonly values: ValueStore; readonly toolbox: Pick<Toolbox, 'find'> }

/** A step at work: its own name, its most attempts, what it does, and whether nothing ends its call. */
type StepAtWork = {
  readonly id: string
  readonly attempts: number
  readonly does: string
  readonly isUnbounded: boolean
}

/** Describes steps of pipelines at work. Undefined for a step that no pipeline has. */
export function stepDescriber({ view, values, toolbox }: Parts) {
  return async (run: string, step: string): Promise<StepAtWork | undefined> => {
    const state = await peekRunState(view, run)
    const pipeline = state && (await openPipeline(values, state.pipeline))
    const instance = pipeline && parseInstance(pipeline, step)
    const compiled = instance && pipeline.steps[instance.node]
    if (!compiled) return undefined
    const { id, policy, work } = compiled
    const isUnbounded =
      work.type === 'tool' && policy.timeout === undefined && !endsItsCalls(toolNamedBy(work, { toolbox }))
    return { id, attempts: policy.attempts, does: nameOfWork(work), isUnbounded }
  }
}

function nameOfWork(work: StepWork): string {
  switch (work.type) {
    case 'tool':
      return `the tool ${work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`}`
    case 'text':
      return 'the model'
    case 'ask':
      return `the question of ${work.tool}`
    case 'decide':
      return 'its condition'
    case KIND.thread:
      return 'the question for the chain'
    case 'loop':
      return 'the list of the loop'
    case 'inputs':
      return 'the inputs'
    case 'depends':
      return 'the question what to wait for'
    case 'outputs':
      return 'the outputs'
  }
}
