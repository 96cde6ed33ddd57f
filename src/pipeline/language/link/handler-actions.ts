import type { Toolbox } from '../../../tool/toolbox.ts'
import type { CompiledStep, StepParameters, StepWork } from '../../plan/compiled.ts'
import { type Action, actionOf } from '../actions/action.ts'
import { actionNames, isBuiltin } from '../actions/builtin-actions.ts'
import { nameTool } from '../actions/tool-names.ts'
import type { FindingCode } from '../diagnostics/codes.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { type Hint, type ReportFinding, severityOf } from '../diagnostics/finding.ts'
import type { Name } from '../parse/pipeline-spec.ts'
import { POLICIES } from '../parse/policies.ts'
import { spellAll } from './names/mentions.ts'
import type { Known } from './routes/dependency-graph.ts'

/** What a handler's action comes to: something to do, words that mean to be an action and why they are none, or a note. */
type Meant = { readonly action?: Action; readonly why?: string; readonly isWord?: true }

/** The step that a handler's action is, in place of the one that failed; undefined: it is only words for what happened. */
export function actingStep(name: Name, step: CompiledStep, toolbox: Toolbox): CompiledStep | undefined {
  const { action } = meaning.get(name) ?? meantBy(name, toolbox)
  meaning.set(name, { ...(action && { action }) })
  if (!action) return undefined
  const { rescues: _, routes: __, condition: ___, timeout: ____, ...rest } = step
  return { ...rest, work: spelled(action.work), effect: action.effect, attempts: 1 }
}

// a handler of all steps means the same at each of them
const meaning = new WeakMap<Name, Meant>()

function spelled(work: StepWork): StepWork {
  return 'parameters' in work ? { ...work, parameters: spellAll(work.parameters) as StepParameters } : work
}

/** What is known around a handler: the tools, and the ids of steps. */
type Around = { readonly toolbox: Toolbox; readonly ids: Known; readonly step?: string }

/** Warns of a handler's action that would do nothing though it was meant to, for the failure would count as dealt with. */
export function warnOfNothing(name: Name, { toolbox, ids, step }: Around, report: ReportFinding): void {
  const about = step === undefined ? {} : { step }
  const { why, isWord } = meantBy(name, toolbox, (code, { hint }, message) =>
    report(code, name.path, message, { ...about, hint }),
  )
  if (why === undefined && !isWord) return
  const hint = why === undefined ? () => wordHint(name, ids, toolbox) : AS_STEP
  const message = `${why ?? unknown(name)}: nothing is done, and the failure counts as dealt with`
  report('handler_does_nothing', name.path, message, { ...about, hint })
}

const AS_STEP = 'write a step that does it, and name that under `handler_task_id:`'
const AS_NAME = 'a step is named under `handler_task_id:`'
const AS_NOTE = `what is only to be noted is a sentence of several words; ${AS_NAME}`

const isOfHandler = ({ path }: Name) => path.at(-1) === 'handler_action'

function unknown(name: Name): string {
  return `\`${name.text}\` is ${isOfHandler(name) ? 'no action' : 'no policy, no step and no action'}`
}

function wordHint(name: Name, ids: Known, toolbox: Toolbox): string {
  const actions = [...actionNames(), ...toolbox.names()]
  if (!isOfHandler(name)) return didYouMean(name.text, [...ids.list(), ...POLICIES, ...actions]) ?? AS_NOTE
  return ids.has(name.text) ? AS_NAME : (didYouMean(name.text, actions) ?? AS_NOTE)
}

/** Is told what else there is to say of an action. */
type Hear = (code: FindingCode, more: { readonly hint?: Hint | undefined }, message: string) => void

function meantBy({ text, path }: Name, toolbox: Toolbox, hear: Hear = () => {}): Meant {
  const step = nameTool({ ...NOTHING, path, action: text, parametersPath: path }, toolbox)
  const faults: string[] = []
  const action = actionOf(step, toolbox, (code, _, message, more = {}) => {
    if (severityOf(code) === 'error') faults.push(message)
    else hear(code, more, message)
  })
  const [fault] = faults
  if (action?.work.type === 'ask') return { why: `\`${text}\` waits for an answer, which is no help at once` }
  if (action && fault === undefined) return { action }
  const isMeant = fault !== undefined && (step.tool !== undefined || isBuiltin(text))
  if (isMeant) return { why: fault }
  return /\s|\{[{%]/.test(text) ? {} : { isWord: true }
}

const NOTHING = {
  ...{ id: '', parameters: {}, dependencies: [], routes: [], fallback: [], handlers: [] },
  onFailure: 'fail',
} as const
