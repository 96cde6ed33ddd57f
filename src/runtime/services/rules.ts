import { relative } from 'node:path'
import { type Agent, partsOfAgent } from '../../agent/definition/agent-value.ts'
import type { Config } from '../../config/config.ts'
import { loadModule, type ModuleKind } from '../../tool/plugin/load-module.ts'
import type { Rule, Rules } from '../../work/rules/house-rules.ts'
import { createRules, placeOfAgent, placeOfWorkflow, ruleOf } from '../../work/rules/house-rules.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'

const KIND: ModuleKind = {
  name: 'module of rules',
  hint: 'Expected a module whose default export is { model, tool }.',
}

/** The rules of the house: those of antiphon.yaml and of the program, and those of its agents and workflows. */
export async function openRules(
  { around: file, folder }: Config,
  around: unknown,
  agents: readonly Agent[],
  workflows: readonly Workflow[] = [],
): Promise<Rules> {
  const everywhere: Rule[] = []
  if (file !== undefined) {
    const path = `./${relative(folder, file)}`
    const exports = await loadModule({ path, file }, KIND)
    everywhere.push(ruleOf(exports.default ?? { ...exports }, path))
  }
  if (around !== undefined) everywhere.push(ruleOf(around, 'program'))
  const ofAgents = agents.map((agent) => [partsOfAgent(agent).around, placeOfAgent(agent.name)] as const)
  const ofWorkflows = workflows.map((workflow) => [workflow.around, placeOfWorkflow(workflow)] as const)
  const others = [...ofAgents, ...ofWorkflows].flatMap(([one, place]) => (one ? [ruleOf(one, place)] : []))
  return createRules(everywhere, others)
}
