import type { FindingCode } from '../../../run/finding.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { CompiledStep, StepWork } from '../../plan/compiled.ts'
import { resolveAction, type StepAction } from '../actions/action.ts'
import { actionNames, isBuiltinAction } from '../actions/builtin-actions.ts'
import { resolveToolName } from '../actions/tool-names.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { type Hint, type ReportFinding, severityOf } from '../diagnostics/finding.ts'
import { type AuthoredName, EMPTY_STEP } from '../parse/pipeline-spec.ts'
import { FAILURE_POLICIES } from '../parse/policies.ts'
import { normalizeTexts } from './names/mentions.ts'
import type { KnownIds } from './routes/dependency-graph.ts'

/** The meaning of a handler's action: an action, a word meant as one (with the reason why it is none), or a note. */
type HandlerMeaning = { readonly action?: StepAction; readonly why?: string; readonly isWord?: true }

/** The step that a handler's action stands for, in place of the failed one; undefined: it is only a note. */
export function handlerActionStep(name: AuthoredName, step: CompiledStep, toolbox: Toolbox): CompiledStep | undefined {
  const { action } = meanings.get(name) ?? interpretAction(name, toolbox)
  meanings.set(name, { ...(action && { action }) })
  if (!action) return undefined
  const { recovery: _, routing, policy, ...rest } = step
  const { timeout: __, ...terms } = policy
  const { routes: ___, condition: ____, ...way } = routing ?? {}
  return {
    ...rest,
    work: normalizeWork(action.work),
    policy: { ...terms, effect: action.effect, attempts: 1 },
    ...(Object.keys(way).length > 0 && { routing: way }),
  }
}

// a handler for all steps has the same meaning at each step
const meanings = new WeakMap<AuthoredName, HandlerMeaning>()

/** The work with the texts of its parameters in the form that is parsed. */
export const normalizeWork = (work: StepWork): StepWork =>
  'parameters' in work ? { ...work, parameters: normalizeTexts(work.parameters) } : work

/** Warns of a handler's action that was meant as one but does nothing: the failure would count as handled. */
export function warnInertHandler(
  name: AuthoredName,
  { toolbox, ids, step }: { readonly toolbox: Toolbox; readonly ids: KnownIds; readonly step?: string },
  report: ReportFinding,
): void {
  const about = step === undefined ? {} : { step }
  const { why, isWord } = interpretAction(name, toolbox, (code, { hint }, message) =>
    report(code, name.path, message, { ...about, hint }),
  )
  if (why === undefined && !isWord) return
  const hint = why === undefined ? () => wordHint(name, ids, toolbox) : WRITE_STEP_HINT
  const message = `${why ?? unknownActionText(name)}: the handler does nothing, and the failure counts as handled`
  report('handler_does_nothing', name.path, message, { ...about, hint })
}

const WRITE_STEP_HINT = 'Write a step for it and name that step under `handler_task_id:`.'
const NAME_STEP_HINT = 'Name a step under `handler_task_id:`.'
const NOTE_HINT = `A note for the log is a sentence of several words. ${NAME_STEP_HINT}`

const isOfHandler = ({ path }: AuthoredName) => path.at(-1) === 'handler_action'

function unknownActionText(name: AuthoredName): string {
  return `\`${name.text}\` is ${isOfHandler(name) ? 'not an action' : 'not a policy, a step or an action'}`
}

function wordHint(name: AuthoredName, ids: KnownIds, toolbox: Toolbox): string {
  const actions = [...actionNames(), ...toolbox.names()]
  if (!isOfHandler(name)) return didYouMean(name.text, [...ids.list(), ...FAILURE_POLICIES, ...actions]) ?? NOTE_HINT
  return ids.has(name.text) ? NAME_STEP_HINT : (didYouMean(name.text, actions) ?? NOTE_HINT)
}

/** Receives further findings about an action. */
type OnFinding = (code: FindingCode, more: { readonly hint?: Hint | undefined }, message: string) => void

function interpretAction({ text, path }: AuthoredName, toolbox: Toolbox, hear: OnFinding = () => {}): HandlerMeaning {
  const step = resolveToolName({ ...EMPTY_STEP, id: '', path, action: text, parametersPath: path }, toolbox)
  const faults: string[] = []
  const action = resolveAction(step, toolbox, (code, _, message, more = {}) => {
    if (severityOf(code) === 'error') faults.push(message)
    else hear(code, more, message)
  })
  const [fault] = faults
  if (action?.work.type === 'ask') return { why: `\`${text}\` waits for an answer, but a handler cannot wait` }
  if (action && fault === undefined) return { action }
  const isMeant = fault !== undefined && (step.tool !== undefined || isBuiltinAction(text))
  if (isMeant) return { why: fault }
  return /\s|\{[{%]/.test(text) ? {} : { isWord: true }
}
