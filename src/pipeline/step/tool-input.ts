import { TerminalError } from '../../errors.ts'
import { parseInput } from '../../tool/input.ts'
import { putSecrets, type Secrets, secretsNamed } from '../../tool/secrets.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Parameters } from '../plan/compiled.ts'
import type { StepStart } from '../plan/messages/step-start.ts'
import type { PipelineServices } from './context.ts'
import { checkReach } from './permissions.ts'

/** Parameters as their author wrote them, and rendered. */
export type Given = { readonly written: Parameters; readonly parameters: Parameters }

/** What a tool is called with: checked by its schema, the secrets in their places. Refused where the run's starter may not use the tool, or secrets. */
export function inputOf(
  tool: Tool,
  { written, parameters }: Given,
  services: PipelineServices,
  start: Pick<StepStart, 'untrusted'>,
): unknown {
  checkReach(tool, services, start)
  const names = namesIn(written)
  if (names.length === 0) return parseInput(tool, parameters)
  if (start.untrusted) throw refused(names)
  return withSecrets(tool, { written, parameters }, services)
}

async function withSecrets(tool: Tool, { written, parameters }: Given, { secrets }: PipelineServices) {
  return parseInput(tool, await putSecrets(written, parameters, secrets ?? NONE))
}

const NONE: Pick<Secrets, 'get'> = { get: async () => undefined }

// a pipeline's parameters are looked through once as long as it is in memory
const named = new WeakMap<Parameters, readonly string[]>()

function namesIn(written: Parameters): readonly string[] {
  const names = named.get(written) ?? secretsNamed(written)
  named.set(written, names)
  return names
}

function refused(names: readonly string[]): TerminalError {
  const which = names.map((name) => `secret://${name}`).join(', ')
  return new TerminalError(`${which}: a run from the network is given no secrets`, {
    code: 'secret_refused',
    hint: 'start it on the machine where they are kept, or let a tool of your own hold what it needs',
  })
}
