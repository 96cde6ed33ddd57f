import { asText } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { CacheWish } from '../../../model/catalogue/model-config.ts'
import type { ModelNeeds } from '../../../model/choose/choose.ts'
import type { Artifact } from '../../plan/artifact.ts'
import type { AutoTag } from '../../plan/auto-tag.ts'
import type { Backoff, LoopKind, MadeWork, ModelWish, Parameters, RescueCase, RouteEnd } from '../../plan/compiled.ts'
import type { InputSpec } from '../../plan/inputs.ts'
import type { Path, Position, Report } from '../diagnostics/finding.ts'
import type { Source } from '../source/read-yaml.ts'
import { readDefaults } from './defaults.ts'
import { readGlobalHandlers } from './handlers.ts'
import { readInputs } from './inputs/declared-inputs.ts'
import { readOutputs } from './outputs.ts'
import { checkPipelineKeys, readConstants } from './read-pipeline.ts'
import { checkCount, readSteps } from './steps.ts'
import { readStrategy, readUndo } from './strategy.ts'

/** A pipeline as its author wrote it, in one spelling, each piece with the way to it in the document. */
export type PipelineSpec = {
  readonly id: string
  readonly name: string
  /** maps that templates can read under their names */
  readonly constants: { readonly [name: string]: Json }
  /** the model of every step that names none */
  readonly model?: ModelWish
  /** ms, of every step that has none of its own */
  readonly timeout?: number
  readonly inputs: { readonly [name: string]: InputSpec }
  readonly steps: readonly StepSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly strategy: Strategy
  /** what becomes of every step that failed for good, after its own handlers */
  readonly handlers: readonly HandlerSpec[]
  /** whether finished steps are undone when the run fails */
  readonly undo: boolean
  /** what the outputs ask a model */
  readonly autos?: readonly PlacedTag[]
  /** what tells the defaults of inputs that were not given */
  readonly teller?: StepSpec
}

/** parallel: what is ready runs · sequential: one step at a time, in the author's order as far as dependencies allow. */
export type Strategy = 'parallel' | 'sequential'

export type StepSpec = {
  readonly id: string
  readonly path: Path
  readonly tool?: string
  readonly action?: string
  /** the action its author wrote, where that is another name of its tool */
  readonly said?: string
  readonly parameters: Parameters
  readonly parametersPath: Path
  readonly dependencies: readonly { readonly id: string; readonly path: Path }[]
  /** the compiler made it, to do that */
  readonly made?: MadeWork
  /** dependencies that a model is to tell */
  readonly dependsOn?: { readonly text: string; readonly path: Path }
  /** steps it may wait for, and the one that tells for which of them it does */
  readonly maybe?: { readonly by: string; readonly of: readonly string[] }
  readonly condition?: ConditionSpec
  /** what it asks a model before it acts */
  readonly autos?: readonly PlacedTag[]
  readonly loop?: LoopSpec
  readonly modelNeeds?: ModelNeeds
  readonly cache?: CacheWish
  /** what the replies can be dropped by */
  readonly cacheTags?: readonly string[]
  readonly onFailure: 'fail' | 'continue' | 'skip' | 'undo'
  /** where it goes on when it ended so */
  readonly routes: readonly RouteSpec[]
  /** steps or models that stand in for it, in this order */
  readonly fallback: readonly Name[]
  readonly handlers: readonly HandlerSpec[]
  /** `on_error:` with a word or a sentence: a step's id, or what to note */
  readonly onError?: Name
  readonly backoff?: Backoff
  /** attempts in all, when the author said so */
  readonly attempts?: number
  /** ms */
  readonly timeout?: number
  readonly effect?: EffectClass
  /** the file it makes */
  readonly artifact?: Artifact
}

/** A name that an author wrote, and where. */
export type Name = { readonly text: string; readonly path: Path }

/** `asks`: a model tells where to, and `to` holds the tags. */
export type RouteSpec = {
  readonly on: RouteEnd
  readonly to: string
  readonly path: Path
  readonly asks?: readonly PlacedTag[]
}

export type HandlerSpec = {
  readonly path: Path
  /** a step that is done only then */
  readonly task?: Name
  readonly action?: Name
  readonly when: RescueCase
  readonly priority: number
  /** whether the step is tried again after the handler; absent: if it may be repeated */
  readonly retries?: boolean
  readonly rounds: number
  readonly propagates: boolean
  readonly goesOn: boolean
  readonly value?: Json
  readonly context: boolean
  readonly level?: string
  /** ms */
  readonly timeout?: number
}

export type LoopSpec = {
  readonly kind: LoopKind
  /** what it goes over */
  readonly list?: { readonly value: Json; readonly path: Path }
  /** how often it turns, where it goes over nothing */
  readonly turns?: TurnsSpec
  /** iterations in flight at once; a template may tell */
  readonly maxParallel: number | { readonly value: string; readonly path: Path }
  readonly variable: string
  readonly name: string
  readonly body: readonly StepSpec[]
  /** a step that fails ends its own iteration only */
  readonly isolated?: true
  /** ms that the steps of an iteration may take together */
  readonly limit?: number
}

export type TurnsSpec = {
  readonly while?: ConditionSpec
  readonly until?: ConditionSpec
  /** how often at most */
  readonly most: { readonly value: Json; readonly path: Path }
  /** it is asked only after a turn */
  readonly after?: true
  /** what its conditions ask a model */
  readonly autos?: readonly PlacedTag[]
}

export type ConditionSpec = { readonly text: string; readonly path: Path }

export type OutputSpec = { readonly name: string; readonly value: Json; readonly path: Path }

export type Fields = { readonly [key: string]: Json }

/** The checked spelling of a document; undefined when it is so far off that nothing else can be said. */
export function readSpec(source: Source): PipelineSpec | undefined {
  const { value: written, file, report } = source
  if (!isMap(written)) {
    report('missing_steps', [], 'a pipeline is a map with `name:` and `steps:`')
    return undefined
  }
  const value = withoutEmpty(written, NEEDED)
  const wrapper = wrapperIn(value)
  if (wrapper !== undefined) {
    report('steps_wrapped', [wrapper], `the pipeline is wrapped in \`${wrapper}:\``, {
      key: true,
      hint: 'move what is under it to the top level',
    })
    return undefined
  }
  checkPipelineKeys(value, report)
  const name = readName(value, file, report)
  return {
    name,
    id: typeof value.id === 'string' ? value.id : slug(name),
    constants: readConstants(value),
    ...readDefaults(value, report),
    inputs: readInputs(value, source),
    steps: readTopSteps(value, report),
    outputs: readOutputs(value.outputs, report),
    strategy: readStrategy(value, report),
    handlers: readGlobalHandlers(value, report),
    undo: readUndo(value, report),
  }
}

/** A key that is left empty is as if it were not there, but for those that mean something without a value. */
export function withoutEmpty(fields: Fields, meant: readonly string[]): Fields {
  if (!Object.values(fields).includes(null)) return fields
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => value !== null || meant.includes(key)))
}

/** What is told to be missing where it says nothing. */
const NEEDED = ['name', 'steps', 'tasks']

/** The key that a pipeline without steps of its own has them under. */
function wrapperIn(value: Fields): string | undefined {
  if (value.steps !== undefined || value.tasks !== undefined) return undefined
  if (isMap(value.pipeline)) return 'pipeline'
  return Object.keys(value).find((key) => {
    const inner = value[key]
    return isMap(inner) && Array.isArray(inner.steps)
  })
}

export function isMap(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readName({ name, id, version }: Fields, file: string, report: Report): string {
  if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(asText(version))) {
    report('non_semver_version', ['version'], `version ${JSON.stringify(version)} is not of the form 1.2.3`)
  }
  if (id !== undefined && !(typeof id === 'string' && /^[a-zA-Z][a-zA-Z0-9_-]{0,99}$/.test(id))) {
    report(
      'bad_pipeline_id',
      ['id'],
      'the id of a pipeline is a letter, then letters, digits, _ and -, at most 100 in all',
    )
  }
  if (typeof name === 'string' && name.trim() !== '') return name.slice(0, 200)
  const wanted = name === undefined ? 'a pipeline needs a `name:`' : '`name:` is a text'
  const isBare = typeof name === 'number' || typeof name === 'boolean'
  const meant = typeof id === 'string' ? id : 'what people call it'
  const hint = isBare ? `put it in quotes: "${name}"` : `write name: ${meant}`
  report('missing_name', name === undefined ? [] : ['name'], wanted, { hint })
  return file
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'unnamed'
  )
}

function readTopSteps(value: Fields, report: Report): readonly StepSpec[] {
  const key = value.steps === undefined && value.tasks !== undefined ? 'tasks' : 'steps'
  if (key === 'tasks')
    report('deprecated_alias', ['tasks'], '`tasks:` is an old name', { key: true, hint: 'write steps:' })
  if (value.steps !== undefined && value.tasks !== undefined)
    report('bad_value', ['tasks'], '`tasks:` is an old name of `steps:`: there cannot be both', { key: true })
  const steps = value[key]
  if (Array.isArray(steps) && steps.length > 0) {
    const read = readSteps(steps, [key], report)
    checkCount(read, report)
    return read
  }
  report(
    'missing_steps',
    steps === undefined ? [] : [key],
    'a pipeline needs `steps:`, a list of at least one step: each begins with `- id:`',
  )
  return []
}

/** A tag in the document: with where its instruction stands there. */
export type PlacedTag = AutoTag & { readonly path: Path; readonly within: Position }
