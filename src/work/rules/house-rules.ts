/**
 * The rules of the house: functions that stand around the calls of models and tools. A program, an agent, a workflow or
 * antiphon.yaml gives them. Work records the names of those that it began with. `ask-rules.ts` asks them.
 */

import { InvalidError } from '../../errors.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import type { CallFor, ModelReply, ModelRequest } from '../../model/request/request.ts'
import { codeMissing } from '../code-wait.ts'

/** The rules of a program, an agent, a workflow, or a module of a project. */
export type Around = {
  /** work remembers them by this name; absent: by their place, such as `program` or `agent billing` */
  readonly name?: string
  /** stands around each call of a model */
  readonly model?: AroundModel
  /** stands around each call of a tool */
  readonly tool?: AroundTool
}

/**
 * Gets a call before it is made. `next` makes it, with other arguments if they are given, and resolves with its result.
 * The rule returns the result, or another one. Without `next`, its answer stands in for the call, which must be `pure`.
 */
export type AroundTool = (
  call: RuledCall,
  next: (input?: JsonObject) => Promise<Json>,
) => Promise<Json | void> | Json | void

/** Gets a request to a model before it is sent. `next` sends it, or another one to the same model. */
export type AroundModel = (
  call: RuledRequest,
  next: (request?: RuledRequest['request']) => Promise<RuledReply>,
) => Promise<RuledReply | void> | RuledReply | void

type Refusing = {
  /** Refuses the call. The model, or the reader of the run, gets the reason. */
  refuse(reason: string): never
}

/** A call of a tool, as a rule gets it. */
export type RuledCall = Refusing & {
  readonly tool: string
  /** all names of the call: `mcp-server:execute_tool` is also the server's tool that it calls */
  readonly names: readonly string[]
  readonly effect: EffectClass
  /** a copy of the arguments. A secret is the `secret://` that names it. */
  readonly input: JsonObject
  readonly for: CallFor
  /** a person approved this call: it may only be made as it is, or refused */
  readonly approved?: true
}

/** A request to a model, as a rule gets it. `for`: absent if no run and no goal makes it. */
export type RuledRequest = Refusing & { readonly for?: CallFor } & (
    | { readonly kind: 'generate'; readonly request: ModelRequest }
    | {
        /** `relay` is a call in the words of the AI SDK */
        readonly kind: 'relay' | 'embed' | 'transcribe' | 'draw' | 'speak'
        /** its fields, by the kind of the call */
        readonly request: { readonly [field: string]: unknown }
      }
  )

/** The reply of a model: that of `generate`, or fields by the kind of the call. */
export type RuledReply = ModelReply | { readonly [field: string]: unknown }

/** Rules by their name. `model` and `tool` are those of `Around`, as they are called. */
export type Rule = {
  readonly name: string
  readonly tool?: AroundTool
  model?(call: object, next: (request?: never) => Promise<unknown>): unknown
}

/** The rules of this process. */
export type Rules = {
  /** the names of those that stand around all work here */
  readonly names: readonly string[]
  /** how long a rule may take before and after a call, in ms */
  readonly limit: number
  /**
   * The rules around work that began with the recorded ones, the outer ones first.
   * @throws TerminalError `code_missing` if this process lacks one: the work waits for it
   */
  of(recorded?: readonly string[]): readonly Rule[]
}

/** ms that a rule may take before a call, and again after it. */
const MAX_RULE_MS = 10_000

/** The rules of a process: those around all of its work, and those of its agents and workflows. */
export function createRules(everywhere: readonly Rule[], others: readonly Rule[] = [], limit = MAX_RULE_MS): Rules {
  const names = everywhere.map(({ name }) => name)
  const all = [...everywhere, ...others]
  const known = new Map(all.map((rule) => [rule.name, rule]))
  const twin = all.find((rule) => known.get(rule.name) !== rule)
  if (twin) throw wrongRule('name', `there are two rules with the name ${twin.name}`)
  return {
    names,
    limit,
    of(recorded = []) {
      const more = recorded.filter((name) => !names.includes(name))
      if (more.length === 0) return everywhere
      return [...everywhere, ...more.map((name) => known.get(name) ?? lacks(name))]
    },
  }
}

export const NO_RULES: Rules = createRules([])

function lacks(name: string): never {
  throw codeMissing(`This process does not have the rules of ${name}, which this work began with.`)
}

/** The names under which work records the rules of an agent or a workflow. */
export const namesOf = (around: Around | undefined, place: string): readonly string[] =>
  around ? [around.name ?? place] : []

/** The place of the rules of an agent, and of a workflow, whose runs keep their version. */
export const placeOfAgent = (name: string): string => `agent ${name}`
export const placeOfWorkflow = ({ name, version = 1 }: { readonly name: string; readonly version?: number }) =>
  version === 1 ? `workflow ${name}` : `workflow ${name} ${version}`

/** Reads rules that a program gives. `place` names them if they have no name of their own. */
export function ruleOf(around: unknown, place: string): Rule {
  if (typeof around !== 'object' || around === null) throw wrongRule('', 'expected an object such as { model, tool }')
  const { name = place, model, tool, ...rest } = around as { readonly [key: string]: unknown }
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw wrongRule(unknown, 'the key is unknown; there are `name`, `model` and `tool`')
  if (typeof name !== 'string' || name === '' || name.length > 200) throw wrongRule('name', 'expected a short text')
  if (model !== undefined && typeof model !== 'function') throw wrongRule('model', 'expected a function')
  if (tool !== undefined && typeof tool !== 'function') throw wrongRule('tool', 'expected a function')
  if (!model && !tool) throw wrongRule('', 'expected a function as `model` or as `tool`')
  return {
    name,
    ...(model && { model: model as NonNullable<Rule['model']> }),
    ...(tool && { tool: tool as AroundTool }),
  }
}

const wrongRule = (key: string, what: string) => {
  const path = key === '' ? 'around' : `around.${key}`
  return new InvalidError(`\`${path}\`: ${what}.`, { code: 'invalid_rule', place: { path } })
}
