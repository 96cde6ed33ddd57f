import type { EffectClass } from '../../../src/kernel/types.ts'
import type {
  CompiledPipeline,
  CompiledStep,
  LoopWork,
  Recovery,
  RepeatConditions,
  StepWork,
  TextAction,
} from '../../../src/pipeline/plan/compiled.ts'
import type { RouteOutcome } from '../../../src/pipeline/plan/routing.ts'
import { callbackTools } from '../../../src/pipeline/tools/callback-tools.ts'
import { isCallbackTool } from '../../../src/step/messages/callback.ts'
import type { LoopShape } from '../../../src/step/record/outcome.ts'

type Group = 'edges' | 'policy' | 'model' | 'recovery' | 'routing'
type AnyKey<T> = T extends T ? keyof T : never

/** All members of a union, or all fields of a type: one that the compiler gets later does not compile here. */
type All<Name extends PropertyKey> = { readonly [name in Name]: true }

// only a workflow has steps whose work is code
const WORKS: All<Exclude<StepWork['type'], 'code'>> = {
  tool: true,
  text: true,
  decide: true,
  chain: true,
  ask: true,
  loop: true,
  outputs: true,
  depends: true,
  inputs: true,
}
const TEXTS: All<TextAction> = { generate: true, structured: true, extract: true, analyze: true }
const LOOPS: All<LoopShape> = { for_each: true, foreach: true, while: true, action_loop: true, queue: true }
const EFFECTS: All<EffectClass> = { pure: true, idempotent: true, 'at-most-once': true }
const ROUTES: All<RouteOutcome | 'unreached'> = { success: true, failure: true, false: true, unreached: true }
const STEP_FIELDS: All<keyof CompiledStep> = {
  id: true,
  work: true,
  edges: true,
  policy: true,
  model: true,
  recovery: true,
  lookUp: true,
  routing: true,
  artifact: true,
}
/** The fields of the groups of a step. */
const GROUPS: { readonly [group in Group]: All<keyof NonNullable<CompiledStep[group]>> } = {
  edges: { needs: true, dependents: true, reads: true, maybe: true },
  policy: {
    effect: true,
    attempts: true,
    retryReported: true,
    backoff: true,
    timeout: true,
    priority: true,
    when: true,
    writesWithin: true,
  },
  model: {
    needs: true,
    autoTags: true,
    cache: true,
    cacheTags: true,
    patience: true,
    onTruncated: true,
    promptCache: true,
  },
  recovery: { recoveries: true, onFailure: true },
  routing: {
    condition: true,
    routes: true,
    dynamicRoutes: true,
    onDemand: true,
    failures: true,
    skippable: true,
    standby: true,
  },
}
const GROUP_NAMES = Object.keys(GROUPS) as Group[]
const LOOP_FIELDS: All<AnyKey<LoopWork>> = {
  type: true,
  kind: true,
  shape: true,
  list: true,
  turns: true,
  body: true,
  roots: true,
  maxParallel: true,
  variable: true,
  name: true,
  isolated: true,
  limit: true,
}
const TURN_FIELDS: All<keyof RepeatConditions> = { while: true, until: true, most: true, after: true }
const RESCUE_FIELDS: All<keyof Recovery> = {
  by: true,
  type: true,
  node: true,
  model: true,
  action: true,
  says: true,
  when: true,
  rounds: true,
  propagates: true,
  goesOn: true,
  value: true,
  context: true,
  level: true,
  timeout: true,
}

const named = (what: string, names: object) => Object.keys(names).map((name) => `${what} ${name}`)

/** Only tool calls have these, no step that an author writes. */
const OF_CALLS = ['policy when', 'policy writesWithin']

/** Every kind of step and loop, and every field that one can have, by name. */
export const KINDS: readonly string[] = [
  ...named('work', WORKS),
  ...named('text', TEXTS),
  ...named('loop', LOOPS),
  ...named('effect', EFFECTS),
  ...named('route', ROUTES),
  ...named('field', STEP_FIELDS),
  ...GROUP_NAMES.flatMap((group) => named(group, GROUPS[group])).filter((name) => !OF_CALLS.includes(name)),
  ...named('loop field', LOOP_FIELDS),
  ...named('turn field', TURN_FIELDS),
  ...named('rescue field', RESCUE_FIELDS),
  // an open tool asks agents, which these processes do not have
  ...callbackTools.filter((tool) => isCallbackTool(tool) && !('named' in tool)).map(({ name }) => `asks ${name}`),
]

/** Those that a pipeline has. */
export function kindsIn({ steps }: CompiledPipeline): readonly string[] {
  return Object.values(steps).flatMap((step) => [
    ...named('field', step),
    ...GROUP_NAMES.flatMap((group) => named(group, step[group] ?? {})),
    ...named('route', step.routing?.routes ?? {}),
    `effect ${step.policy.effect}`,
    ...(step.recovery?.recoveries ?? []).flatMap((rescue) => named('rescue field', rescue)),
    ...kindsOf(step.work),
  ])
}

function kindsOf(work: StepWork): readonly string[] {
  switch (work.type) {
    case 'text':
      return ['work text', `text ${work.action}`]
    case 'ask':
      return ['work ask', `asks ${work.tool}`]
    case 'loop':
      return [
        'work loop',
        `loop ${work.shape}`,
        ...named('loop field', work),
        ...named('turn field', work.kind === 'while' ? work.turns : {}),
      ]
    default:
      return [`work ${work.type}`]
  }
}
