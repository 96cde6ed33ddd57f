import type { CompiledStep, RecoveryPlan } from '../../plan/compiled.ts'
import type { StepRouting } from '../../plan/routing.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import type { LinkRules } from './reads.ts'
import { linkRecoveries, resolveOnError, standbyIds } from './recovery.ts'
import { type DependencyGraph, dependentsOf, findCycle } from './routes/dependency-graph.ts'
import { linkRoutes, type ScopedStep } from './routes/link-routes.ts'

type ScopeMember = ScopedStep & { readonly waits: readonly string[]; readonly reads: readonly string[] }

/** The dependencies of a scope, and a function that adds routes and recovery to each compiled step. */
export type ControlFlow = { readonly needs: DependencyGraph; complete(step: CompiledStep, node: string): CompiledStep }

/** Links the steps of one scope: their dependencies, routes, and the steps on standby for failures. */
export function linkControlFlow(members: readonly ScopeMember[], rules: LinkRules): ControlFlow {
  const ids = new Set(members.map(({ spec }) => spec.id))
  const steps = members.map((member, place) => ({ ...member, spec: resolveOnError(member.spec, ids), place }))
  const standby = standbyNodes(steps, rules)
  const flow = steps.filter(({ node }) => !standby.has(node))
  const waits = needsOfFlow(flow, standby, rules)
  const { needs, of } = linkRoutes(flow, waits, rules.report)
  const ordered = rules.strategy === 'sequential' ? inSequence(needs) : needs
  checkStandby(steps, standby, waits, rules)
  for (const step of steps) checkGlobalHandlerStep(step, rules)
  const nodes = new Map(steps.map(({ spec, node }) => [spec.id, node]))
  const bySpec = new Map(steps.map((step) => [step.node, step]))
  return {
    needs: { ...ordered, ...Object.fromEntries([...standby.keys()].map((node) => [node, []])) },
    complete(step, node) {
      if (standby.has(node)) return withRouting(checkStandbyWork(step, bySpec.get(node)!, rules), { standby: true })
      const { spec } = bySpec.get(node)!
      const course = of(node)
      const onFailure = failurePolicy(spec)
      const routed = {
        ...withRouting(withReads(step, course.failures ?? []), course),
        ...(onFailure && { recovery: { onFailure } }),
      }
      return withRecoveries(routed, bySpec.get(node)!, nodes, bySpec, rules)
    },
  }
}

export function withRouting(step: CompiledStep, fields: StepRouting): CompiledStep {
  return Object.keys(fields).length === 0 ? step : { ...step, routing: { ...step.routing, ...fields } }
}

export function withReads(step: CompiledStep, others: readonly string[]): CompiledStep {
  const { edges } = step
  return { ...step, edges: { ...edges, reads: [...new Set([...edges.reads, ...others])] } }
}

/** A failure that has a route, or that skips dependents, does not end the run. */
function failurePolicy({ onFailure }: StepSpec): RecoveryPlan['onFailure'] {
  if (onFailure === 'fail') return undefined
  return onFailure === 'undo' ? 'undo' : 'continue'
}

// steps on standby

/** The steps on standby, each with the steps for which it stands by. */
function standbyNodes(
  steps: readonly ScopeMember[],
  { handlers, report }: LinkRules,
): ReadonlyMap<string, readonly string[]> {
  const named = standbyIds(
    steps.map(({ spec }) => spec),
    handlers,
  )
  const found = steps.filter(({ spec }) => named.has(spec.id))
  for (const { spec } of found) checkStandbyStep(spec, report)
  const owners = Map.groupBy(
    steps.flatMap(({ spec, node }) => recoveryStepIds(spec).map((id) => ({ id, node }))),
    ({ id }) => id,
  )
  return new Map(found.map(({ spec, node }) => [node, (owners.get(spec.id) ?? []).map((owner) => owner.node)]))
}

/** The ids of steps that may recover from its failure, each once. */
function recoveryStepIds({ fallback, handlers }: StepSpec): readonly string[] {
  return [...new Set([...fallback, ...handlers.flatMap(({ task }) => task ?? [])].map(({ text }) => text))]
}

function checkStandbyStep({ id, path, loop, routes, fallback, handlers }: StepSpec, report: ReportFinding): void {
  const refuse = (why: string) =>
    report('error_handler_invalid', path, `\`${id}\` is an error handler: ${why}`, { step: id, hint: ROUTE_HINT })
  if (loop) refuse('a handler cannot be a loop')
  if (routes.length > 0) refuse('a handler has no routes')
  if (fallback.length + handlers.length > 0) refuse('a handler has no handlers')
}

const ROUTE_HINT = 'Use `on_failure:` to continue the run with this step.'

/** Checks that a standby step does not wait for an answer, since recovery is immediate. */
function checkStandbyWork(step: CompiledStep, { spec }: ScopeMember, { report }: LinkRules): CompiledStep {
  if (STANDBY_WORK_TYPES.includes(step.work.type) || spec.loop) return step
  const message = `\`${spec.id}\` is an error handler: it cannot wait for an answer`
  report('error_handler_invalid', spec.path, message, { step: spec.id, hint: ROUTE_HINT })
  return step
}

const STANDBY_WORK_TYPES: readonly string[] = ['tool', 'text', 'decide']

/** A step that depends on a standby step waits for the steps for which that one stands by. */
function needsOfFlow(
  flow: readonly ScopeMember[],
  standby: ReadonlyMap<string, readonly string[]>,
  { spend }: LinkRules,
): DependencyGraph {
  const nodes = new Set(flow.map(({ node }) => node))
  return Object.fromEntries(
    flow.map(({ node, waits }) => {
      const real = waits.flatMap((other) => standby.get(other) ?? other)
      spend(real.length)
      return [node, [...new Set(real.filter((other) => nodes.has(other) && other !== node))]]
    }),
  )
}

/** Checks that a standby step reads only steps that its failed step has waited for. */
function checkStandby(
  steps: readonly ScopeMember[],
  standby: ReadonlyMap<string, readonly string[]>,
  waits: DependencyGraph,
  { report, spend }: LinkRules,
): void {
  const idOf = new Map(steps.map(({ spec, node }) => [node, spec.id]))
  for (const { node, spec, waits: own } of steps.filter(({ node }) => standby.has(node))) {
    for (const owner of standby.get(node)!) {
      const known = ancestorsOf(owner, waits)
      spend(known.size)
      const missing = own.find((other) => other !== owner && idOf.has(other) && !known.has(other))
      if (missing === undefined) continue
      const [step, failed, other] = [node, owner, missing].map((each) => idOf.get(each)!)
      const message = `\`${step}\` handles the failure of \`${failed}\` and waits for \`${other}\`, but \`${failed}\` does not wait for \`${other}\``
      report('error_handler_invalid', spec.path, message, {
        step: spec.id,
        hint: `Add \`${other}\` to the dependencies of \`${failed}\`.`,
      })
    }
  }
}

/** A step that handles the failure of any step must not wait for a step: it would have to wait for all. */
function checkGlobalHandlerStep({ spec, node, waits }: ScopeMember, { handlers, top, report }: LinkRules): void {
  if (waits.length === 0 || !handlers.some(({ task }) => task && top.get(task.text) === node)) return
  const message = `\`${spec.id}\` handles the failure of any step, so it cannot wait for a step`
  report('error_handler_invalid', spec.path, message, { step: spec.id, hint: 'Read the failure from `error`.' })
}

function ancestorsOf(node: string, needs: DependencyGraph): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [...(needs[node] ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue
    found.add(next)
    open.push(...(needs[next] ?? []))
  }
  return found
}

function withRecoveries(
  step: CompiledStep,
  { spec, node: own }: ScopeMember,
  nodes: ReadonlyMap<string, string>,
  members: ReadonlyMap<string, ScopeMember & { readonly place: number }>,
  { report, handlers, top, toolbox, spend }: LinkRules,
): CompiledStep {
  if (step.work.type === 'outputs') return step
  // handlers for all steps were added to the steps of the loop's body
  const global = step.work.type === 'loop' ? [] : handlers
  const recoveries = linkRecoveries(spec, step, { nodes, top, global, toolbox }, report)
  if (recoveries.length === 0) return step
  spend(recoveries.length * NAMES_PER_RECOVERY)
  const called = [...new Set(recoveries.flatMap(({ node }) => node ?? []))].flatMap((node) => members.get(node) ?? [])
  const reads = called.sort((a, b) => a.place - b.place).flatMap((other) => other.reads)
  spend(reads.length)
  const others = reads.filter((node) => own !== node)
  return { ...withReads(step, others), recovery: { recoveries, ...step.recovery } }
}

/** One recovery counts as this many names. */
const NAMES_PER_RECOVERY = 5

// sequential order

/** Orders all steps in sequence: by level, then as the author wrote them. */
function inSequence(needs: DependencyGraph): DependencyGraph {
  if (findCycle(needs)) return needs
  const row = topologicalLevels(needs).flat()
  return Object.fromEntries(
    row.map((node, index) => [node, [...new Set([...needs[node]!, ...(index > 0 ? [row[index - 1]!] : [])])]]),
  )
}

/** The steps by level, in the author's order. They wait only for earlier levels. The graph must have no cycles. */
export function topologicalLevels(needs: DependencyGraph): readonly (readonly string[])[] {
  const order = new Map(Object.keys(needs).map((node, index) => [node, index]))
  const dependents = dependentsOf(needs)
  const missing = new Map(Object.entries(needs).map(([node, waited]) => [node, waited.length]))
  const levels: string[][] = []
  for (let level = [...missing].filter(([, count]) => count === 0).map(([node]) => node); level.length > 0; ) {
    levels.push(level)
    const next: string[] = []
    for (const dependent of level.flatMap((node) => dependents[node]!)) {
      missing.set(dependent, missing.get(dependent)! - 1)
      if (missing.get(dependent) === 0) next.push(dependent)
    }
    level = next.sort((a, b) => order.get(a)! - order.get(b)!)
  }
  return levels
}
