import { is, TerminalError } from '../../errors.ts'
import { parseInput } from '../../tool/input.ts'
import { ROOTS_HINT } from '../../tool/roots.ts'
import { insertSecrets, secretNamesIn, type ToolSecrets } from '../../tool/secrets.ts'
import type { Tool } from '../../tool/tool.ts'
import type { StepParameters } from '../plan/compiled.ts'
import type { StepStart } from '../plan/messages/step-start.ts'
import type { PipelineServices } from './context.ts'

type Reach = Pick<PipelineServices, 'roots' | 'open'>
type Of = Pick<StepStart, 'granted' | 'untrusted'>

/** What the tools of a run may touch: the configured folders (where its starter is not trusted, the open ones) and the paths that it was given. */
export function rootsOf({ roots, open }: Reach, { granted, untrusted }: Of): readonly string[] {
  const configured = untrusted ? (open?.roots ?? []) : roots
  return granted ? [...configured, ...granted] : configured
}

/** To an untrusted starter more is closed than what no folder is named for: that is told instead. */
export function withReason(error: unknown, { untrusted }: Of): unknown {
  if (!untrusted || !is(error) || error.hint !== ROOTS_HINT) return error
  return new TerminalError(error.message, { code: error.code, cause: error, hint: OPEN_FOLDERS })
}

const OPEN_FOLDERS =
  'A run from the network may touch a folder under `roots:` in antiphon.yaml only if nothing of antiphon lies in it: neither antiphon.yaml, nor plugins, nor the data folder (.antiphon).'

/** Refuses an untrusted starter a tool that no folder bounds, unless that is open to all. */
function checkReach({ name, reach }: Tool, { open }: Reach, { untrusted }: Of): void {
  if (!untrusted || reach !== 'machine') return
  const tool = name.split(':')[0]!
  if (open?.tools.includes(tool)) return
  throw new TerminalError(`${tool} reaches all of this machine: a run from the network may not call it`, {
    code: 'outside_root',
    hint: `to allow it, name it in antiphon.yaml: serve: { tools: [${tool}] }`,
  })
}

/** Parameters as their author wrote them, and rendered. */
type Given = { readonly written: StepParameters; readonly parameters: StepParameters }

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
  return parseInput(tool, await insertSecrets(written, parameters, secrets ?? NONE))
}

const NONE: Pick<ToolSecrets, 'get'> = { get: async () => undefined }

// a pipeline's parameters are looked through once as long as it is in memory
const named = new WeakMap<StepParameters, readonly string[]>()

function namesIn(written: StepParameters): readonly string[] {
  const names = named.get(written) ?? secretNamesIn(written)
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
