import { ownValue } from '../../../../lib/own.ts'
import { type ObjectSchema, outputSchemaOf, type PropertySchema } from '../../../../tool/schema.ts'
import type { Toolbox } from '../../../../tool/toolbox.ts'
import { resolveToolCall } from '../../actions/action.ts'
import { resolveToolName } from '../../actions/tool-names.ts'
import { LOOP_RESULTS } from '../../parse/loops/binding-names.ts'
import type { LoopSpec, PipelineSpec, StepSpec } from '../../parse/pipeline-spec.ts'

/** The readable fields of a step: those of its envelope, its parameters and its result. */
export type StepFields = {
  readonly own: readonly string[]
  readonly result: readonly string[]
  /** its tool may return more fields than it declares */
  readonly open: boolean
  /** the declared result of its tool */
  readonly schema?: ObjectSchema
  /** for a loop: the steps of its body, which are read from the results of its iterations */
  readonly body?: { readonly ids: readonly string[]; readonly within: string }
}

const ENVELOPE_FIELDS = ['result', 'success', 'error', 'status', 'reason', 'text', 'duration', 'location', 'handled']
/** Other names that a path has in results. */
const PATH_FIELDS = ['filepath', 'file_path', 'output_path']

/** The readable fields of the steps of a pipeline, by node; undefined when they cannot be known. */
export function createStepFields(
  { steps, handlers }: PipelineSpec,
  toolbox: Toolbox,
): (node: string) => StepFields | undefined {
  const byNode = new Map(nodesIn(steps, ''))
  const known = new Map<string, StepFields | undefined>()
  return (node) => {
    const step = byNode.get(node)
    if (step && !known.has(node)) known.set(node, isReplaced(step) ? undefined : knownOf(step))
    return known.get(node)
  }

  function knownOf(step: StepSpec): StepFields | undefined {
    return step.loop ? loopFieldsOf(step.loop) : closedFieldsOf(resolveToolName(step, toolbox), toolbox)
  }

  /** Whether the result may come from a fallback or a handler. */
  function isReplaced(step: StepSpec): boolean {
    return step.fallback.length > 0 || [...step.handlers, ...handlers].some(({ value }) => value !== undefined)
  }
}

/** All steps with their nodes, also those in loops. */
export function nodesIn(steps: readonly StepSpec[], prefix: string): (readonly [node: string, step: StepSpec])[] {
  return steps.flatMap((step) => {
    const node = `${prefix}${step.id}`
    return [[node, step], ...nodesIn(step.loop?.body ?? [], `${node}.`)]
  })
}

function loopFieldsOf({ kind, body }: LoopSpec): StepFields {
  const result = LOOP_RESULTS[kind]
  const within = result.includes('final_results') ? 'final_results' : 'results'
  return { own: [...ENVELOPE_FIELDS, ...result], result, open: false, body: { ids: body.map(({ id }) => id), within } }
}

function closedFieldsOf(step: StepSpec, toolbox: Toolbox): StepFields | undefined {
  if (step.tool === undefined) return undefined
  const { operation, parameters } = resolveToolCall(step, step.tool, toolbox)
  const tool = toolbox.find(step.tool, operation)
  const schema = tool && outputSchemaOf(tool)
  if (!schema?.properties) return undefined
  const fields = Object.keys(schema.properties)
  const open = schema.additionalProperties !== false
  const result = fields.includes('path') ? [...fields, ...PATH_FIELDS] : fields
  return { own: [...ENVELOPE_FIELDS, ...result, ...Object.keys(parameters), 'action'], result, open, schema }
}

/** The first field below the top of a result that its tool does not declare, and the declared ones; else undefined. */
export function undeclaredField(
  { schema }: StepFields,
  [first = '', ...rest]: readonly string[],
): { readonly name: string; readonly known: readonly string[] } | undefined {
  let at: PropertySchema | undefined = ownValue(schema?.properties ?? {}, first)
  for (const [depth, name] of rest.entries()) {
    const declared = at && fieldsIn(at)
    if (!declared) return undefined
    if (!Object.hasOwn(declared, name))
      return { name: [first, ...rest.slice(0, depth + 1)].join('.'), known: Object.keys(declared) }
    at = declared[name]
  }
  return undefined
}

type Properties = { readonly [name: string]: PropertySchema }

/** The declared fields of a map; undefined where others are allowed, or where it may be something else. */
function fieldsIn({ type, properties, additionalProperties, ...more }: PropertySchema): Properties | undefined {
  const isChoice = ['anyOf', 'oneOf', 'allOf', '$ref', 'patternProperties'].some((keyword) => keyword in more)
  return type === 'object' && !isChoice && !additionalProperties ? (properties as Properties | undefined) : undefined
}
