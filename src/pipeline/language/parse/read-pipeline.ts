import { asText, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { ownValue } from '../../../lib/own.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { expectedGot, shownValue } from '../diagnostics/expected.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import { checkKeys, PIPELINE_KEYS } from '../schema/check-keys.ts'
import { PIPELINE_TABLE } from '../schema/pipeline-keys.ts'
import { fieldReader, secondsHint } from '../schema/value-kinds.ts'
import type { LocatedDocument } from '../source/read-yaml.ts'
import { readGlobalHandlers } from './handlers.ts'
import { readInputs } from './inputs/declared-inputs.ts'
import { readModelPreference } from './model-needs.ts'
import { readOutputs } from './outputs.ts'
import { dropEmptyKeys, type PipelineSpec, type StepSpec } from './pipeline-spec.ts'
import { checkStepCount, readSteps } from './steps.ts'

/** Reads and checks the keys of a pipeline; undefined when the document is too faulty for further checks. */
export function readPipelineSpec(source: LocatedDocument): PipelineSpec | undefined {
  const { value: written, file, report } = source
  if (!isJsonObject(written)) {
    report('missing_steps', [], `expected a map with \`name:\` and \`steps:\`, got ${shownValue(written)}`)
    return undefined
  }
  const value = dropEmptyKeys(written, REQUIRED_KEYS)
  const wrapper = wrapperIn(value)
  if (wrapper !== undefined) {
    report('steps_wrapped', [wrapper], `the pipeline is wrapped in \`${wrapper}:\``, {
      key: true,
      hint: 'Move its content to the top level.',
    })
    return undefined
  }
  checkPipelineKeys(value, report)
  const name = readName(value, file, report)
  const read = fieldReader(PIPELINE_TABLE, value, (key, message, hint) => report('bad_value', [key], message, { hint }))
  return {
    name,
    id: typeof value.id === 'string' ? value.id : slug(name),
    constants: readConstants(value),
    ...readDefaults(value, report),
    inputs: readInputs(value, source),
    steps: readTopSteps(value, report),
    outputs: readOutputs(value.outputs, report),
    strategy: asText(value.strategy ?? 'parallel'),
    ...ranked(read('priority')),
    handlers: readGlobalHandlers(value, report),
    undo: read('on_failure') === 'undo',
  }
}

/** Keys that stay although they are empty, so that they are reported as missing. */
const REQUIRED_KEYS = ['name', 'steps', 'tasks']

/** The key under which a pipeline without steps of its own may have them. */
function wrapperIn(value: JsonObject): string | undefined {
  if (value.steps !== undefined || value.tasks !== undefined) return undefined
  if (isJsonObject(value.pipeline)) return 'pipeline'
  return Object.keys(value).find((key) => {
    const inner = value[key]
    return isJsonObject(inner) && Array.isArray(inner.steps)
  })
}

function readName({ name, id, version }: JsonObject, file: string, report: ReportFinding): string {
  if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(asText(version))) {
    report('non_semver_version', ['version'], `expected the form 1.2.3, got ${JSON.stringify(version)}`)
  }
  if (id !== undefined && !(typeof id === 'string' && /^[a-zA-Z][a-zA-Z0-9_-]{0,99}$/.test(id))) {
    report(
      'bad_pipeline_id',
      ['id'],
      expectedGot('id', 'a letter followed by letters, digits, _ and -, at most 100 characters', id),
    )
  }
  if (typeof name === 'string' && name.trim() !== '') return name.slice(0, 200)
  const wanted = name === undefined ? 'a pipeline requires a `name:`' : expectedGot('name', 'a text', name)
  const isBare = typeof name === 'number' || typeof name === 'boolean'
  const meant = typeof id === 'string' ? id : 'a name for people'
  const hint = isBare ? `Put it in quotes: "${name}"` : `Write \`name: ${meant}\`.`
  report('missing_name', name === undefined ? [] : ['name'], wanted, { hint })
  return file
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'unnamed'
  )
}

function readTopSteps(value: JsonObject, report: ReportFinding): readonly StepSpec[] {
  const key = value.steps === undefined && value.tasks !== undefined ? 'tasks' : 'steps'
  if (key === 'tasks')
    report('deprecated_alias', ['tasks'], '`tasks:` is deprecated', { key: true, hint: 'Write `steps:`.' })
  if (value.steps !== undefined && value.tasks !== undefined)
    report('bad_value', ['tasks'], '`tasks:` is an old name of `steps:`; a pipeline cannot have both', { key: true })
  const steps = value[key]
  if (Array.isArray(steps) && steps.length > 0) {
    const read = readSteps(steps, [key], report)
    checkStepCount(read, report)
    return read
  }
  report(
    'missing_steps',
    steps === undefined ? [] : [key],
    'a pipeline requires `steps:`, a list of at least one step; each step starts with `- id:`',
  )
  return []
}

/** The sections whose maps are meant to be read by templates. */
const CONSTANT_SECTIONS = ['context', 'config', 'data', 'variables']

/** Reports keys without a meaning here; an unknown key may hold a constant. */
function checkPipelineKeys(value: JsonObject, report: ReportFinding): void {
  const unknown = Object.keys(value).filter((key) => !isKnown(key))
  checkKeys(without(value, unknown), PIPELINE_KEYS, [], report)
  for (const key of unknown) {
    const guess = ownValue(PIPELINE_KEYS.elsewhere, key) ?? didYouMean(key, PIPELINE_KEYS.known)
    const use = isConstant(key, value[key]) ? `Templates can read it as \`${key}\`.` : undefined
    const hint = guess === undefined || use === undefined ? (guess ?? use) : `${guess} If not, ${use}.`
    report('unknown_key', [key], `unknown key \`${key}\``, { key: true, hint })
  }
  for (const key of CONSTANT_SECTIONS.filter((key) => value[key] !== undefined && !isJsonObject(value[key])))
    report('bad_value', [key], expectedGot(key, 'a map of constants', value[key]))
}

/** The constants of a pipeline: the four sections, and maps under the author's own keys. */
function readConstants(value: JsonObject): { readonly [name: string]: Json } {
  const names = Object.keys(value).filter((key) => CONSTANT_SECTIONS.includes(key) || !isKnown(key))
  return Object.fromEntries(names.flatMap((key) => (isConstant(key, value[key]) ? [[key, value[key]!]] : [])))
}

function isKnown(key: string): boolean {
  const { known, missing, ignored = [] } = PIPELINE_KEYS
  return known.includes(key) || Object.hasOwn(missing, key) || ignored.includes(key)
}

function isConstant(key: string, value: Json | undefined): boolean {
  return isJsonObject(value) && /^[a-zA-Z_]\w{0,99}$/.test(key) && !(key in {})
}

function without(value: JsonObject, keys: readonly string[]): JsonObject {
  const gone = new Set(keys)
  return Object.fromEntries(Object.entries(value).filter(([key]) => !gone.has(key)))
}

const MAX_TIMEOUT_SECONDS = 24 * 60 * 60

/** The defaults of all steps: `model:` and `config.default_timeout`. */
function readDefaults({ model, config }: JsonObject, report: ReportFinding): Pick<PipelineSpec, 'model' | 'timeout'> {
  const wish = readModelPreference(model, report)
  const timeout = isJsonObject(config) ? readTimeout(config.default_timeout, report) : undefined
  return { ...(wish && { model: wish }), ...(timeout !== undefined && { timeout }) }
}

function readTimeout(seconds: Json | undefined, report: ReportFinding): number | undefined {
  if (seconds === undefined) return undefined
  if (typeof seconds === 'number' && seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds * 1000
  report(
    'bad_value',
    ['config', 'default_timeout'],
    expectedGot('default_timeout', `a number of seconds up to ${MAX_TIMEOUT_SECONDS}`, seconds),
    { hint: secondsHint(seconds) },
  )
  return undefined
}

const ranked = (priority: PipelineSpec['priority']) => (priority ? { priority } : {})
