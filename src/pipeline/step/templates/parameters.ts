import { TerminalError } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import { refuseSecrets } from '../../../step/call/permissions.ts'
import type { AuthoredParameters } from '../../../step/call/tool-call.ts'
import type { TemplateScope } from '../../../template/template.ts'
import type { Tool } from '../../../tool/tool.ts'
import type { CompiledPipeline, ToolWork } from '../../plan/compiled.ts'
import { renderAll, renderToolParameters } from './render.ts'

/** The parameters of work. Those that come as data are neither rendered nor authored. */
export function parametersOf(
  tool: Pick<Tool, 'commands'>,
  { parameters: written, parametersFrom }: Pick<ToolWork, 'parameters' | 'parametersFrom'>,
  pipeline: CompiledPipeline,
  scope: TemplateScope,
): AuthoredParameters {
  if (parametersFrom === undefined) return { written, parameters: renderToolParameters(tool, written, pipeline, scope) }
  const parameters = renderAll(parametersFrom, pipeline, scope, ['parameters'])
  if (!isJsonObject(parameters))
    throw new TerminalError('parameters: expected a map of parameters.', { code: 'invalid_input' })
  refuseSecrets(parameters)
  return { written, parameters }
}
