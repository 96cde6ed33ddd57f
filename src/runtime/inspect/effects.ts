import type { Inspected, InspectedMail, View } from '../../engine/engine.ts'
import type { CompiledPipeline, Work } from '../../pipeline/compiled.ts'
import { parseInstance } from '../../pipeline/instance.ts'
import type { RunState } from '../../pipeline/state.ts'
import type { Values } from '../../pipeline/values.ts'
import { stepAtWork } from '../../pipeline/walk.ts'
import type { Attempt } from './inspector.ts'

type Described = Pick<Attempt, 'attempts' | 'does'>

/** What a step does, and how many attempts its author grants it; what a phase's effects are. */
export function describeEffects({ view, values }: { readonly view: View; readonly values: Values }) {
  async function ofStep(step: string, run: Inspected['of']): Promise<Described> {
    const state = (await view.peek(run)) as RunState | undefined
    if (!state || state.status === 'new') return {}
    const pipeline = (await values.get(state.pipeline)) as unknown as CompiledPipeline
    const instance = parseInstance(pipeline, step)
    const compiled = instance && pipeline.steps[instance.node]
    return compiled ? { attempts: compiled.attempts, does: nameOfWork(compiled.work) } : {}
  }

  return async ({ of }: Inspected, { from, effect }: InspectedMail): Promise<Described> => {
    if (of.kind === 'step' && from?.kind === 'run' && effect) {
      const step = stepAtWork(of.key.slice(from.key.length + 1), effect.name)
      if (step !== undefined) return ofStep(step, from)
    }
    if (of.kind === 'phase' && effect?.name.startsWith('model')) return { does: 'the model' }
    if (of.kind === 'phase' && effect?.name === 'read') return { does: 'reading the files' }
    return {}
  }
}

function nameOfWork(work: Work): string {
  switch (work.type) {
    case 'tool':
      return `the tool ${work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`}`
    case 'text':
      return 'the model'
    case 'ask':
      return `the question of ${work.tool}`
    case 'chain':
      return 'the question for the chain'
    case 'loop':
      return 'the list of the loop'
    case 'outputs':
      return 'the outputs'
  }
}
