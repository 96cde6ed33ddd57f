import type { Finding } from '../../../run/finding.ts'
import type { Tool } from '../../../tool/tool.ts'
import { toolsNamed } from '../../../tool/toolbox.ts'
import { closedToTexts, isClosedToTexts, type OfferedTools, openingHint } from '../../../work/tools/program-tools.ts'
import type { CompiledPipeline, CompiledStep } from '../../plan/compiled.ts'

type ClosedStep = { readonly step: string; readonly tool: Tool }

/**
 * Refuses a pipeline from the network that names a tool of the program, before anything starts. Its child pipelines are
 * checked when their steps run.
 * @throws TerminalError `tool_closed`
 */
export function checkForeignPipeline(pipeline: CompiledPipeline, offered: OfferedTools): void {
  const [first] = closedSteps(pipeline, offered)
  if (first) throw closedToTexts(first.tool, `step ${first.step}`)
}

/** The same as findings, one for each step. */
export function findClosedTools(pipeline: CompiledPipeline, offered: OfferedTools): readonly Finding[] {
  return closedSteps(pipeline, offered).map(({ step, tool }) => ({
    code: 'would_fail',
    severity: 'error',
    message: `the step would fail: ${closedToTexts(tool).message}`,
    step,
    hint: openingHint(tool),
  }))
}

function closedSteps({ steps }: CompiledPipeline, { toolbox, openTools }: OfferedTools): readonly ClosedStep[] {
  return Object.values(steps).flatMap((step) =>
    namesIn(step)
      .flatMap((name) => toolsNamed(name, toolbox))
      .filter((tool) => isClosedToTexts(tool, openTools))
      .map((tool) => ({ step: step.id, tool })),
  )
}

/** The tools that a step, and the actions of its handlers, name. */
function namesIn({ work, recovery: { recoveries = [] } = {} }: CompiledStep): readonly string[] {
  const handlers = recoveries.flatMap(({ action }) => (action ? namesIn(action) : []))
  if (work.type === 'tool')
    return [work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`, ...handlers]
  return [...((work.type === 'ask' && work.model?.tools) || []), ...handlers]
}
