import type { Toolbox } from '../../../tool/toolbox.ts'
import { isLiteral } from '../actions/literals.ts'
import { resolveToolName } from '../actions/tool-names.ts'
import { suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { workingSteps } from '../link/names/scopes.ts'
import type { PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'

/** The names of the agents of the project. They are read only when a step names one. */
export type ListAgentNames = () => readonly string[]

/** Warns of literally named agents that do not exist here; a warning only, as a run elsewhere may have others. */
export function checkAgents(
  { steps }: PipelineSpec,
  list: ListAgentNames,
  toolbox: Toolbox,
  report: ReportFinding,
): void {
  for (const written of workingSteps(steps)) {
    const step = resolveToolName(written, toolbox)
    const named = agentIn(step)
    if (!named || !isLiteral(named.name)) continue
    const known = list()
    if (known.includes(named.name)) continue
    report('would_fail', named.path, `the step would fail: there is no agent \`${named.name}\` here`, {
      step: step.id,
      hint: suggestOrList(named.name, known, 'agents') ?? `Write the file agents/${named.name}.md.`,
    })
  }
}

type NamedAgent = { readonly name: string; readonly path: DocumentPath }

/** The agent that a step asks, by the operation of the tool or by a parameter. */
function agentIn({ tool, action, parameters, path, parametersPath }: StepSpec): NamedAgent | undefined {
  if (tool !== 'agent') return undefined
  if (action !== undefined) return { name: action, path: [...path, 'action'] }
  const { agent } = parameters
  return typeof agent === 'string' ? { name: agent, path: [...parametersPath, 'agent'] } : undefined
}
