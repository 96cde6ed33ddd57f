import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { excessOf } from '../../agent/playbook/excess.ts'
import type { PlaybookDocument } from '../../agent/playbook/learn/document.ts'
import type { LearningServices, StartOf } from '../../agent/playbook/services.ts'
import { is, problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { FindModel } from '../../pipeline/language/check/environment.ts'
import { compileBundle } from '../../pipeline/language/compile-file.ts'
import { hasErrors } from '../../pipeline/language/diagnostics/finding.ts'
import { checkInputs } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import type { CompiledPipeline } from '../../pipeline/plan/compiled.ts'
import type { ValueStore } from '../../pipeline/plan/refs.ts'
import { rehearseCalls } from '../../pipeline/report/rehearse.ts'
import { runStartMessage } from '../../pipeline/run/start-message.ts'
import type { Toolbox } from '../../tool/toolbox.ts'

type Parts = {
  readonly toolbox: Toolbox
  readonly findModel: FindModel
}

/** A learned playbook that a definition allows, compiled; `lacks`: why it does not. */
type CompiledPlaybook = { readonly pipeline: CompiledPipeline } | { readonly lacks: string }

type Rehearsals = Pick<LearningServices, 'rehearse'> & {
  compile(document: PlaybookDocument, definition: AgentDefinition): CompiledPlaybook
}

/**
 * Compiles learned playbooks for a definition, and renders their calls over recorded results as their steps would do.
 */
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
        return { calls: rehearseCalls(pipeline, checkInputs(pipeline, inputs), results, toolbox) }
      } catch (error) {
        return { lacks: `it cannot be rehearsed: ${problemOf(error).message}` }
      }
    },
  }
}

/** Makes the first messages of runs that follow playbooks. */
export const playbookStarter =
  (values: ValueStore): StartOf =>
  async (pipeline, inputs) => {
    try {
      const start = await runStartMessage(values, pipeline, checkInputs(pipeline, inputs))
      return { start: start as { readonly [field: string]: Json } }
    } catch (error) {
      if (is(error, 'InvalidError')) return { lacks: error.message }
      throw error
    }
  }
