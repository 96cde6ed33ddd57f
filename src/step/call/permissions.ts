import { is, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import { parseInput } from '../../tool/input.ts'
import { deniedName } from '../../tool/mcp/names-of-call.ts'
import { areaRoot, closedRoot, fixedRoot, GUARDED_NAMES, ROOTS_HINT } from '../../tool/roots.ts'
import { insertSecrets, secretNamesIn, type ToolSecrets } from '../../tool/secrets.ts'
import type { Tool } from '../../tool/tool.ts'
import { closedToTexts, isClosedToTexts } from '../../work/tools/program-tools.ts'
import type { RunContext } from '../messages/step-start.ts'
import type { WorkPolicy } from '../policy.ts'
import type { StepParameters } from '../record/outcome.ts'
import type { StepServices } from './context.ts'
import type { AuthoredParameters } from './tool-call.ts'

type AllowedRoots = Pick<StepServices, 'roots' | 'open' | 'own' | 'area'>
type Starter = Pick<RunContext, 'granted' | 'denied' | 'untrusted' | 'chosenByModel'>

/**
 * The folders that a run's tools may touch: the configured ones (only the open ones for an untrusted caller), and the
 * paths the run was given. Files of antiphon, and files that are loaded or run, are closed to calls that a model chose
 * and to untrusted callers. Such a call that no person approved changes only what `writes:` opens.
 */
export function allowedRoots(
  { roots, open, own, area }: AllowedRoots,
  { granted, untrusted, chosenByModel }: Starter,
  { writesWithin }: Pick<WorkPolicy, 'writesWithin'> = {},
): readonly string[] {
  const configured = untrusted ? (open?.roots ?? []) : roots
  const given = granted ? [...configured, ...granted] : configured
  if (!chosenByModel && !untrusted) return given
  const { closed = [], fixed = [] } = own?.() ?? {}
  const writable = writesWithin === 'area' ? (area?.writes ?? []) : []
  return [...given, ...closed.map(closedRoot), ...fixed.map(fixedRoot), GUARDED_NAMES, ...writable.map(areaRoot)]
}

/** For an untrusted caller, replaces the hint to name a folder with one that applies to runs from the network. */
export function withPermissionHint(error: unknown, { untrusted }: Starter): unknown {
  if (!untrusted || !is(error) || error.hint !== ROOTS_HINT) return error
  return new TerminalError(error.message, { code: error.code, cause: error, hint: OPEN_FOLDERS_HINT })
}

const OPEN_FOLDERS_HINT =
  'A run from the network may touch a folder under `roots:` in antiphon.yaml only if nothing of antiphon lies in it: neither antiphon.yaml, nor plugins, nor the data folder (.antiphon).'

/** Whether a call must not reach the machine: a model chose it, or it is from the network and the tool is not open. */
export function isConfined(tool: Tool, services: AllowedRoots, run: Starter): boolean {
  return tool.reach === 'machine' && (run.chosenByModel === true || isClosedToNetwork(tool, services, run))
}

function isClosedToNetwork({ name }: Tool, { open }: Pick<AllowedRoots, 'open'>, { untrusted }: Starter): boolean {
  return untrusted === true && !open?.tools.includes(name.split(':')[0]!)
}

/**
 * Refuses a text from the network the tools of the program, and an untrusted caller a tool that no folder and no
 * sandbox bounds, unless they are open to all.
 */
export function checkPermission(
  tool: Tool,
  services: Pick<AllowedRoots, 'open'>,
  run: Pick<RunContext, 'untrusted' | 'foreign'>,
): void {
  if (run.foreign && isClosedToTexts(tool, services.open?.tools ?? [])) throw closedToTexts(tool)
  if (tool.reach !== 'machine' || tool.confined || !isClosedToNetwork(tool, services, run)) return
  const name = tool.name.split(':')[0]!
  throw new TerminalError(`${name} can access the whole machine: a run from the network may not call it.`, {
    code: 'outside_root',
    hint: `To allow it, add it in antiphon.yaml: serve: { tools: [${name}] }`,
  })
}

/** @throws TerminalError `denied` when the agent whose run this is may not call the tool, also by another name */
export function checkDenied({ name }: Tool, parameters: StepParameters, { denied = [] }: Starter): void {
  const found = deniedName(denied, name, parameters)
  if (found === undefined) return
  throw new TerminalError(`The agent that started this run may not call ${found}.`, {
    code: 'tool_denied',
    hint: 'Its file names the tool in `disallowedTools`.',
  })
}

/** The input of a tool: checked by its schema, with secrets. Refused if the caller may not use the tool or secrets. */
export function toolInput(
  tool: Tool,
  { written, parameters }: AuthoredParameters,
  services: StepServices,
  run: Pick<RunContext, 'untrusted' | 'foreign' | 'denied'>,
): unknown {
  checkDenied(tool, parameters, run)
  checkPermission(tool, services, run)
  const names = cachedSecretNames(written)
  if (names.length === 0) return parseInput(tool, parameters)
  if (run.untrusted) throw secretsRefused(names)
  return inputWithSecrets(tool, { written, parameters }, services)
}

async function inputWithSecrets(tool: Tool, { written, parameters }: AuthoredParameters, { secrets }: StepServices) {
  return parseInput(tool, await insertSecrets(written, parameters, secrets ?? NO_SECRETS))
}

const NO_SECRETS: Pick<ToolSecrets, 'get'> = { get: async () => undefined }

// the parameters of a pipeline are scanned once while it is in memory
const secretNames = new WeakMap<StepParameters, readonly string[]>()

const cachedSecretNames = (written: StepParameters): readonly string[] =>
  getOrInsert(secretNames, written, secretNamesIn)

function secretsRefused(names: readonly string[]): TerminalError {
  const which = names.map((name) => `secret://${name}`).join(', ')
  return new TerminalError(`${which}: a run from the network gets no secrets.`, {
    code: 'secret_refused',
    hint: 'Start it on the machine with the secrets, or use your own tool that reads them.',
  })
}

/** @throws TerminalError `secret_refused` for data that names a secret */
export function refuseSecrets(value: Json | undefined): void {
  if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) refuseSecrets(item)
  if (typeof value !== 'string' || !value.startsWith(SECRET_SCHEME)) return
  throw new TerminalError(`${value.slice(0, 100)}: the parameters of a call are data, and data gets no secrets.`, {
    code: 'secret_refused',
    hint: 'Name the secret in a step of a pipeline, or in a tool of your own.',
  })
}
