import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { PlaybookDocument } from '../../agent/playbook/learn/document.ts'
import type { LearningServices, RehearsedCall } from '../../agent/playbook/services.ts'
import { problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { FindModel } from '../../pipeline/language/check/environment.ts'
import { compileBundle } from '../../pipeline/language/compile-file.ts'
import { hasErrors } from '../../pipeline/language/diagnostics/finding.ts'
import { checkInputs } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import { type CompiledPipeline, type CompiledStep, OUTPUTS_NODE } from '../../pipeline/plan/compiled.ts'
import type { Inputs } from '../../pipeline/plan/inputs.ts'
import type { StepValue } from '../../pipeline/plan/step-outcome.ts'
import { parametersOf } from '../../pipeline/step/templates/parameters.ts'
import { isTrue } from '../../pipeline/step/templates/render.ts'
import { templateScope } from '../../pipeline/step/templates/scope.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { excessOf, GATE, toolOf } from './playbooks.ts'

type Parts = {
  readonly toolbox: Toolbox
  readonly findModel: FindModel
}

/** A learned playbook that a definition allows, compiled; `lacks`: why it does not. */
type CompiledPlaybook = { readonly pipeline: CompiledPipeline } | { readonly lacks: string }

type Rehearsals = Pick<LearningServices, 'rehearse'> & {
  compile(document: PlaybookDocument, definition: AgentDefinition): CompiledPlaybook
}

/** Compiles learned playbooks for a definition, and renders their calls over recorded results as their steps would do. */
export function createRehearsals({ toolbox, findModel }: Parts): Rehearsals {
  function compile(document: PlaybookDocument, definition: AgentDefinition): CompiledPlaybook {
    const bundle = { name: 'playbook.yaml', text: JSON.stringify(document) }
    const { pipeline, findings } = compileBundle(bundle, { toolbox, findModel, given: [], strict: true })
    if (!pipeline || hasErrors(findings)) return { lacks: `it does not compile: ${findings[0]?.message}` }
    const excess = excessOf(definition, pipeline)
    return excess === undefined ? { pipeline } : { lacks: excess }
  }

  return {
    compile,
    async rehearse(document, { inputs, results, definition }) {
      const compiled = compile(document, definition)
      if ('lacks' in compiled) return compiled
      try {
        const { pipeline } = compiled
        return { calls: callsOf(pipeline, checkInputs(pipeline, inputs), results, toolbox) }
      } catch (error) {
        return { lacks: `it cannot be rehearsed: ${problemOf(error).message}` }
      }
    },
  }
}

const APPROVED: Json = { approved: true, action: 'approve', status: 'approved' }

function callsOf(
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
      ...{ pipeline, inputs, instance: { node, indices: [] }, loops: {}, lists: new Map() },
      reads: readsOf(pipeline, step, results),
      run: { id: 'rehearsal', startedAt: 0 },
    } as Parameters<typeof templateScope>[0])
    if (step.condition !== undefined && !isTrue(step.condition, pipeline, scope)) continue
    const { work } = step
    if (work.type !== 'tool' && work.type !== 'ask') continue
    const { parameters } = parametersOf(toolbox.find(tool) ?? {}, work, pipeline, scope)
    calls[node] = { tool, parameters }
  }
  return calls
}

function readsOf(
  { steps }: CompiledPipeline,
  { reads }: CompiledStep,
  results: { readonly [step: string]: Json },
): { readonly [read: string]: StepValue } {
  return Object.fromEntries(
    reads.map((read) => {
      const result = toolOf(steps[read]) === GATE ? APPROVED : (results[read] ?? null)
      return [read, { status: 'completed' as const, result }]
    }),
  )
}
