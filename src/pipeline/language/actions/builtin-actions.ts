import { asText, isJsonObject, type Json } from '../../../kernel/json.ts'
import { parseJson } from '../../../model/structured-output/read-json.ts'
import { problemOfSchema } from '../../../model/structured-output/schema-problem.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { TextAction } from '../../plan/compiled.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { checkKeys, type KeyRules, needsUnder } from '../schema/check-keys.ts'
import type { StepAction } from './action.ts'
import { isLiteral } from './literals.ts'
import { checkModelParameters } from './model-parameters.ts'
import { reportUnknownAction } from './unknown-action.ts'

/** Actions that need no tool. */
export const actionNames = (): readonly string[] => BUILTIN_ACTIONS.flatMap(({ names }) => names)

type BuiltinAction = {
  /** the first name is the preferred one; `-` may stand for `_` */
  readonly names: readonly string[]
  readonly parameters: KeyRules
  /** of each group at least one parameter is required */
  readonly needs: readonly (readonly string[])[]
  action(parameters: StepParameters): StepAction
}

const MODEL_PARAMETERS = [
  ...['model', 'models', 'max_tokens', 'max_completion_tokens', 'temperature', 'system_prompt', 'system'],
  ...['response_format', 'schema', 'target', 'files'],
]
const FILES_HINT = 'Write `files:` with a path or a list of paths.'
const FILE_ALIASES = Object.fromEntries(
  ['image', 'images', 'audio', 'attachments', 'file'].map((key) => [key, FILES_HINT]),
)

const BUILTIN_ACTIONS: readonly BuiltinAction[] = [
  {
    names: ['generate', 'generate_text', 'llm_call', 'llm_generate', 'llm', 'generate_code'],
    parameters: { known: ['prompt', 'text', ...MODEL_PARAMETERS], missing: FILE_ALIASES },
    needs: [['prompt']],
    action: textAction('generate'),
  },
  {
    names: ['generate_structured'],
    parameters: { known: ['prompt', 'text', ...MODEL_PARAMETERS], missing: FILE_ALIASES },
    needs: [['prompt'], ['schema']],
    action: textAction('structured'),
  },
  {
    names: ['extract_structured'],
    parameters: { known: ['prompt', 'text', ...MODEL_PARAMETERS], missing: FILE_ALIASES },
    needs: [['text', 'files'], ['schema']],
    action: textAction('extract'),
  },
  {
    names: ['analyze_text', 'analyze'],
    parameters: { known: ['prompt', 'text', 'analysis_type', ...MODEL_PARAMETERS], missing: FILE_ALIASES },
    needs: [['text', 'prompt', 'files']],
    action: textAction('analyze'),
  },
  {
    names: ['chain'],
    parameters: {
      known: [
        ...['prompt', 'files', 'thread', 'modality', 'domain', 'models', 'recursion', 'checks', 'tools', 'web'],
        ...['share', 'priors'],
      ],
    },
    needs: [['prompt']],
    action: (parameters) => ({ work: { type: 'chain', parameters }, effect: 'pure' }),
  },
  {
    names: ['evaluate_condition'],
    parameters: { known: ['condition'] },
    needs: [['condition']],
    action: ({ condition = null }) => ({
      work: { type: 'decide', condition: asText(condition ?? '') },
      effect: 'pure',
    }),
  },
]

function textAction(action: TextAction): BuiltinAction['action'] {
  return (parameters) => ({ work: { type: 'text', action, parameters }, effect: 'idempotent' })
}

/** Resolves the action of a step without a tool. An unknown or unsupported action is reported and yields undefined. */
export function resolveBuiltinAction(step: StepSpec, toolbox: Toolbox, report: ReportFinding): StepAction | undefined {
  const { action } = step
  // a step without any action was reported when it was read
  if (action === undefined) return undefined
  const builtin = builtinOf(action)
  if (builtin) return readBuiltin(builtin, step, action, report)
  return reportUnknownAction(step, action, actionNames(), toolbox, report)
}

/** Whether this is a built-in action, in any spelling. */
export const isBuiltinAction = (action: string): boolean => builtinOf(action) !== undefined

function builtinOf(action: string): BuiltinAction | undefined {
  return BUILTIN_ACTIONS.find(({ names }) => names.includes(action.replaceAll('-', '_')))
}

const NEEDS_OF_STEP = needsUnder('requires_model', ' beside `parameters:`')

function readBuiltin(builtin: BuiltinAction, step: StepSpec, action: string, report: ReportFinding): StepAction {
  const { id, parameters, parametersPath } = step
  const [name] = builtin.names
  if (action !== name)
    report('deprecated_alias', [...step.path, 'action'], `\`${action}\` is another name of \`${name}\``, {
      step: id,
      hint: `Write \`action: ${name}\`.`,
    })
  checkKeys(parameters, { ...builtin.parameters, elsewhere: NEEDS_OF_STEP }, parametersPath, report, id)
  for (const names of builtin.needs) {
    if (names.some((name) => parameters[name] !== undefined)) continue
    report('missing_parameter', parametersPath, `\`${action}\` needs \`${names.join('` or `')}\``, { step: id })
  }
  if (builtin.parameters.missing === FILE_ALIASES && parameters.files !== undefined)
    checkFiles(parameters.files, step, report)
  if (parameters.schema !== undefined) checkSchema(parameters.schema, [...parametersPath, 'schema'], id, report)
  const made = builtin.action(parameters)
  checkModelParameters(made.work, step, report)
  return made
}

/** Reports `files:` entries for a model that are not paths. */
function checkFiles(said: Json, { id, parametersPath }: StepSpec, report: ReportFinding): void {
  const at: DocumentPath = [...parametersPath, 'files']
  for (const [value, path] of itemsIn(said, at)) {
    if (!isLiteral(value) || isPath(isJsonObject(value) ? value.path : value)) continue
    const shown = JSON.stringify(value).slice(0, 80)
    report('would_fail', path, `the step would fail: expected the path of a file, got ${shown}`, {
      step: id,
      hint: 'Give `files` a path or a list of paths.',
    })
  }
}

function itemsIn(said: Json, at: DocumentPath): readonly (readonly [Json, DocumentPath])[] {
  return Array.isArray(said) ? said.map((item, index) => [item, [...at, index]]) : [[said, at]]
}

const isPath = (value: Json | undefined) => typeof value === 'string' && value.trim() !== ''

/** Reports a JSON Schema that cannot be used, as far as that is known before its templates are rendered. */
function checkSchema(schema: Json, path: DocumentPath, step: string, report: ReportFinding): void {
  if (JSON.stringify(schema).includes('{{')) return
  const value = typeof schema === 'string' ? parseJson(schema) : schema
  const wrong = isJsonObject(value) ? problemOfSchema(value) : 'expected a map'
  if (wrong === undefined) return
  const hint = 'For example: { type: object, properties: { name: { type: string } }, required: [name] }'
  report('bad_value', path, `\`schema:\` is not a usable JSON Schema: ${wrong}`, { step, hint })
}
