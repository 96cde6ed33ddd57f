import type { Json } from '../../kernel/schema.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { type CompiledPipeline, type CompiledStep, OUTPUTS_NODE } from '../plan/compiled.ts'
import type { Inputs } from '../plan/inputs.ts'
import type { StepValue } from '../plan/step-outcome.ts'
import { parametersOf } from '../step/templates/parameters.ts'
import { isTrue } from '../step/templates/render.ts'
import { templateScope } from '../step/templates/scope.ts'

/** A call that a step would make. */
export type RehearsedCall = { readonly tool: string; readonly parameters: Json }

/** The tool that waits until a person approves. */
export const GATE = 'approval-gate'

/** The tool that a step calls, with its operation. */
export function toolOf(step: CompiledStep | undefined): string | undefined {
  const { work } = step ?? {}
  if (work?.type === 'ask') return work.tool
  if (work?.type !== 'tool') return undefined
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

const APPROVED: Json = { approved: true, action: 'approve', status: 'approved' }

/** The calls that a pipeline would make when its steps have these results, by step. Makes none of them. */
export function rehearseCalls(
  pipeline: CompiledPipeline,
  inputs: Inputs,
  results: { readonly [step: string]: Json },
  toolbox: Toolbox,
): { readonly [step: string]: RehearsedCall } {
  const calls: { [step: string]: RehearsedCall } = {}
  for (const [node, step] of Object.entries(pipeline.steps)) {
    const tool = toolOf(step)
    if (node === OUTPUTS_NODE || tool === undefined || tool === GATE) continue
    const scope = templateScope({
      pipeline,
      inputs,
      instance: { node, indices: [] },
      loops: {},
      lists: new Map(),
      reads: readsOf(pipeline, step, results),
      run: { id: 'rehearsal', startedAt: 0 },
    } as Parameters<typeof templateScope>[0])
    const condition = step.routing?.condition
    if (condition !== undefined && !isTrue(condition, pipeline, scope)) continue
    const { work } = step
    if (work.type !== 'tool' && work.type !== 'ask') continue
    const { parameters } = parametersOf(toolbox.find(tool) ?? {}, work, pipeline, scope)
    calls[node] = { tool, parameters }
  }
  return calls
}

function readsOf(
  { steps }: CompiledPipeline,
  { edges }: CompiledStep,
  results: { readonly [step: string]: Json },
): { readonly [read: string]: StepValue } {
  return Object.fromEntries(
    edges.reads.map((read) => {
      const result = toolOf(steps[read]) === GATE ? APPROVED : (results[read] ?? null)
      return [read, { status: 'completed' as const, result }]
    }),
  )
}
