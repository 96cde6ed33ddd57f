import { TerminalError } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { SECRET_SCHEME } from '../../../secret/names.ts'
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

function refuseSecrets(value: Json | undefined): void {
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) refuseSecrets(item)
  if (typeof value !== 'string' || !value.startsWith(SECRET_SCHEME)) return
  throw new TerminalError(`${value.slice(0, 100)}: the parameters of a call are data, and data gets no secrets.`, {
    code: 'secret_refused',
    hint: 'Name the secret in a step of a pipeline, or in a tool of your own.',
  })
}
