import { sampleWords } from '../../../lib/suggest.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { CompiledStep, Recovery } from '../../plan/compiled.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { AuthoredName, HandlerSpec, PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { handlerActionStep, warnInertHandler } from './handler-actions.ts'
import { mentionsIn, normalizeTexts, type TemplateContext } from './names/mentions.ts'
import type { ReferenceContext } from './names/name-finding.ts'
import { resolveMention } from './names/resolve.ts'
import { allLoops, graphScope } from './names/scopes.ts'
import { type AuthoredText, type LinkContext, nodeInScope, referenceContext, type StepScopes } from './reads.ts'
import type { KnownIds } from './routes/dependency-graph.ts'

/** A word in `on_error:` is a route if it is the id of a step in the scope; else it is a note, and the run goes on. */
export function resolveOnError(spec: StepSpec, ids: ReadonlySet<string>): StepSpec {
  const { onError, routes, handlers } = spec
  if (!onError) return spec
  const { text: to, path } = onError
  if (ids.has(to)) return { ...spec, onFailure: 'continue', routes: [...routes, { on: 'failure', to, path }] }
  return { ...spec, handlers: [...handlers, noteHandler(onError)] }
}

function noteHandler(action: AuthoredName): HandlerSpec {
  const when = { types: [], patterns: [], codes: [], enabled: true }
  const { path } = action
  return { path, action, when, priority: 100, rounds: 0, propagates: false, goesOn: false, context: false }
}

/** The ids of the steps that run only as a substitute or handler of others, with the place that names them. */
export function standbyIds(
  steps: readonly StepSpec[],
  handlers: readonly HandlerSpec[],
): ReadonlyMap<string, DocumentPath> {
  const ids = new Set(steps.map(({ id }) => id))
  const named = steps.flatMap((step) =>
    [...step.fallback, ...step.handlers.flatMap(({ task }) => task ?? [])].filter(({ text }) => text !== step.id),
  )
  const all = [...named, ...handlers.flatMap(({ task }) => task ?? [])]
  return new Map(all.filter(({ text }) => ids.has(text)).map(({ text, path }) => [text, path]))
}

export function errorReaders({ steps, handlers }: PipelineSpec): ReadonlySet<string> {
  const all = [steps, ...allLoops(steps).map(({ loop }) => loop.body)].flat()
  const led = all.flatMap(({ routes, onError, fallback, handlers: own }) => [
    ...routes.filter(({ on }) => on === 'failure').map(({ to }) => to),
    ...[...fallback, ...(onError ? [onError] : []), ...own.flatMap(({ task }) => task ?? [])].map(({ text }) => text),
  ])
  return new Set([...led, ...handlers.flatMap(({ task }) => task?.text ?? [])])
}

function handlerTexts({ handlers, onError }: StepSpec): readonly AuthoredText[] {
  const notes = onError ? [[onError.text, onError.path] as const] : []
  return [...notes, ...handlers.flatMap(textsOfHandlerSpec)]
}

/** The texts in one handler that are templates. */
function textsOfHandlerSpec({ path, value, action, when }: HandlerSpec): readonly AuthoredText[] {
  return [
    ...(value === undefined ? [] : [[value, [...path, 'fallback_value']] as const]),
    ...(action ? [[action.text, action.path] as const] : []),
    ...(typeof when.enabled === 'string' ? [[when.enabled, [...path, 'enabled']] as const] : []),
  ]
}

/** The handlers for all steps. A handler that names no top-level step, or does nothing, is reported. */
export function checkGlobalHandlers(
  { steps, handlers }: PipelineSpec,
  toolbox: Toolbox,
  report: ReportFinding,
): readonly HandlerSpec[] {
  const ids = knownIdsOf(new Map(steps.map((step) => [step.id, step])))
  for (const { action } of handlers) if (action) warnInertHandler(action, { toolbox, ids }, report)
  return handlers.filter(({ task }) => {
    if (!task || ids.has(task.text)) return true
    const message = `there is no step \`${task.text}\` to handle failures`
    report('error_handler_invalid', task.path, message, { hint: didYouMean(task.text, ids.list()) })
    return false
  })
}

function knownIdsOf(steps: ReadonlyMap<string, unknown>): KnownIds {
  return { has: (id) => steps.has(id), list: () => sampleWords(steps.keys()) }
}

/** The steps that recovery may use: by id those of its scope, and the top-level ones for global handlers. */
type StandbyContext = {
  readonly nodes: ReadonlyMap<string, string>
  readonly top: ReadonlyMap<string, string>
  readonly global: readonly HandlerSpec[]
  readonly toolbox: Toolbox
}

/** Links the fallbacks and handlers of a step, in the order they are tried; invalid ones are reported. */
export function linkRecoveries(
  spec: StepSpec,
  step: CompiledStep,
  { nodes, top, global, toolbox }: StandbyContext,
  report: ReportFinding,
): readonly Recovery[] {
  const ids = knownIdsOf(nodes)
  for (const { action } of spec.handlers) if (action) warnInertHandler(action, { toolbox, ids, step: spec.id }, report)
  const fallbacks = spec.fallback.flatMap((name) => linkFallback(name, spec, step, nodes, report) ?? [])
  const own = spec.handlers.flatMap((handler) => linkHandler(handler, spec, step, { nodes, toolbox }, report) ?? [])
  const others = global.flatMap((handler) => linkHandler(handler, spec, step, { nodes: top, toolbox }, report) ?? [])
  return [...fallbacks, ...own, ...others]
}

const ANY_FAILURE: Recovery['when'] = { types: [], patterns: [], codes: [], enabled: true }

function linkFallback(
  { text, path }: AuthoredName,
  spec: StepSpec,
  { work }: CompiledStep,
  nodes: StandbyContext['nodes'],
  report: ReportFinding,
): Recovery | undefined {
  const node = nodes.get(text)
  if (text === spec.id) return refuse('routing_self', path, `step \`${text}\` falls back to itself`, spec, report)
  if (node !== undefined) return { by: text, type: 'fallback', node, when: ANY_FAILURE, rounds: 0 }
  if (work.type === 'text') return { by: text, type: 'fallback', model: text, when: ANY_FAILURE, rounds: 0 }
  const message = `there is no step \`${text}\` to fall back to`
  return refuse('routing_unknown', path, message, spec, report, didYouMean(text, sampleWords(nodes.keys())))
}

function linkHandler(
  handler: HandlerSpec,
  spec: StepSpec,
  step: CompiledStep,
  { nodes, toolbox }: Pick<StandbyContext, 'nodes' | 'toolbox'>,
  report: ReportFinding,
): Recovery | undefined {
  const { task, action, when, rounds, value, level, timeout } = handler
  const node = task && nodes.get(task.text)
  if (task && (node === undefined || task.text === spec.id)) return refuseTask(task, spec, nodes, report)
  const acts = action && handlerActionStep(action, step, toolbox)
  const isActive = node !== undefined || acts !== undefined
  const isLoop = step.work.type === 'loop'
  if (isLoop && handler.retries) return refuseRetry(handler, spec, report)
  const retries = isActive && (handler.retries ?? (step.policy.effect !== 'at-most-once' && !isLoop))
  return {
    by: task?.text ?? action?.text ?? 'fallback_value',
    type: 'handler',
    ...(node !== undefined && { node }),
    ...(acts && { action: acts }),
    ...(action && { says: normalizeTexts(action.text) }),
    when: typeof when.enabled === 'string' ? { ...when, enabled: normalizeTexts(when.enabled) } : when,
    rounds: retries || handler.retries === true ? rounds : 0,
    ...(handler.propagates && { propagates: true }),
    ...(handler.goesOn && { goesOn: true }),
    ...(value !== undefined && { value: { authored: normalizeTexts(value) } }),
    ...(handler.context && { context: true }),
    ...(level !== undefined && { level }),
    ...(timeout !== undefined && { timeout }),
  }
}

/** Reports a retry of a loop, which cannot be retried. */
function refuseRetry({ path }: HandlerSpec, spec: StepSpec, report: ReportFinding): undefined {
  const message = `\`${spec.id}\` is a loop, and a loop is not retried`
  const hint = 'Move the handler to the steps of its body.'
  return refuse('error_handler_invalid', [...path, 'retry_with_handler'], message, spec, report, hint)
}

function refuseTask(
  { text, path }: AuthoredName,
  spec: StepSpec,
  nodes: StandbyContext['nodes'],
  report: ReportFinding,
): undefined {
  if (text === spec.id) return refuse('error_handler_invalid', path, `step \`${text}\` handles itself`, spec, report)
  const message = `there is no step \`${text}\` here to handle the failure of \`${spec.id}\``
  return refuse('error_handler_invalid', path, message, spec, report, didYouMean(text, sampleWords(nodes.keys())))
}

function refuse(
  code: 'error_handler_invalid' | 'routing_self' | 'routing_unknown',
  path: DocumentPath,
  message: string,
  { id }: StepSpec,
  report: ReportFinding,
  hint?: string,
): undefined {
  report(code, path, message, { step: id, hint })
}

/** The nodes that a step reads to handle its failure, except the step itself, whose result is available anyway. */
export function readsOfHandlers(spec: StepSpec, context: LinkContext, levels: StepScopes): readonly string[] {
  const around = { ...referenceContext(spec, context, levels), ended: true, handles: true } as const
  const own = nodeInScope(spec, levels)
  return readsIn(handlerTexts(spec), context, around).filter((node) => node !== own)
}

/** Checks the names in global handlers. They may read no step, because a failing step need not have waited for it. */
export function checkGlobalHandlerReads(handlers: readonly HandlerSpec[], context: LinkContext): void {
  const around = {
    ...referenceContext(GLOBAL_HANDLERS, context, [graphScope([])]),
    handles: true,
    ofAll: true,
  } as const
  readsIn(handlers.flatMap(textsOfHandlerSpec), context, around)
}

const GLOBAL_HANDLERS: Pick<StepSpec, 'id'> = { id: 'global_error_handlers' }

function readsIn(
  texts: readonly AuthoredText[],
  { report, names }: LinkContext,
  around: ReferenceContext,
): readonly string[] {
  const about: TemplateContext = { report, names, ...(around.step !== undefined && { step: around.step }) }
  const mentions = texts.flatMap(([value, path]) => mentionsIn(value, path, about))
  return mentions.flatMap((mention) => resolveMention(mention, around) ?? [])
}
