import type { Parameters, Work } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { checkKeys, type Keys } from '../spec/keys.ts'
import { didYouMean } from '../spec/suggest.ts'
import type { StepSpec } from '../spec.ts'
import type { Action } from './work.ts'

type Builtin = {
  readonly names: readonly string[]
  readonly parameters: Keys
  /** of these at least one is needed */
  readonly needs: readonly string[]
  readonly effect: Action['effect']
  work(parameters: Parameters): Work
}

const MODEL = ['model', 'max_tokens', 'max_completion_tokens', 'temperature', 'system_prompt', 'system']
const LATER = 'this version answers with text alone'
const MODEL_LATER = { response_format: LATER, schema: LATER, target: LATER }

const BUILTINS: readonly Builtin[] = [
  {
    names: ['generate', 'generate_text', 'generate-text', 'llm_call', 'llm_generate', 'llm', 'generate_code'],
    parameters: { known: ['prompt', 'text', ...MODEL], missing: MODEL_LATER },
    needs: ['prompt'],
    effect: 'idempotent',
    work: (parameters) => ({ type: 'text', action: 'generate', parameters }),
  },
  {
    names: ['analyze', 'analyze_text', 'analyze-text'],
    parameters: { known: ['prompt', 'text', 'analysis_type', ...MODEL], missing: MODEL_LATER },
    needs: ['text', 'prompt'],
    effect: 'idempotent',
    work: (parameters) => ({ type: 'text', action: 'analyze', parameters }),
  },
  {
    names: ['chain'],
    parameters: { known: ['prompt', 'files', 'thread', 'modality', 'domain', 'models'] },
    needs: ['prompt'],
    effect: 'pure',
    work: (parameters) => ({ type: 'chain', parameters }),
  },
]

/** Actions of the language that are still to be built, with what to write meanwhile where there is something. */
const NOT_BUILT: { readonly [action: string]: string | undefined } = {
  generate_structured: undefined,
  'generate-structured': undefined,
  evaluate_condition: 'use condition: on a step',
  control_flow: undefined,
  loop_complete: undefined,
  capture_result: undefined,
  create_parallel_queue: 'use for_each: with max_parallel:',
  action_loop: undefined,
}

/** What a step without a tool does; an action that is unknown or not built is reported, and then there is none. */
export function builtinAction(step: StepSpec, report: Report): Action | undefined {
  const { id, action = '', parameters, parametersPath } = step
  const builtin = BUILTINS.find(({ names }) => names.includes(action))
  if (!builtin) return refuseAction(step, action, report)
  checkKeys(parameters, builtin.parameters, parametersPath, report, id)
  if (!builtin.needs.some((name) => parameters[name] !== undefined)) {
    const message = `\`${action}\` needs \`${builtin.needs.join('` or `')}\``
    report('missing_parameter', parametersPath, message, { step: id })
  }
  return { work: builtin.work(parameters), effect: builtin.effect }
}

function refuseAction(step: StepSpec, action: string, report: Report): undefined {
  const at = [...step.path, 'action']
  const isLater = Object.hasOwn(NOT_BUILT, action) || /<AUTO/.test(action)
  const shown = action.length > 60 ? `${action.slice(0, 60)}…` : action
  if (isLater) {
    report('not_supported', at, `action \`${shown}\` is not supported`, { step: step.id, hint: NOT_BUILT[action] })
    return
  }
  const known = BUILTINS.flatMap(({ names }) => names)
  const hint =
    didYouMean(action, known) ?? 'actions without a tool: generate_text, analyze_text, chain; else name a `tool:`'
  report('unknown_action', at, `there is no action \`${shown}\``, { step: step.id, hint })
}
