import { isDeepStrictEqual } from 'node:util'
import { type ApprovalPolicy, type ApprovalRule, toolOfRule, unconditional } from '../../tool/tool-request.ts'
import { type Toolbox, toolsNamed } from '../../tool/toolbox.ts'
import { mayEverDoHarm, startsRun } from '../../work/approval/harm.ts'
import { closedToTexts, isClosedToTexts, openingHint } from '../../work/tools/program-tools.ts'
import { sharedSpaces } from '../definition/agent-name.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { ReportAgentFinding } from '../definition/finding.ts'
import { DEFAULT_BUDGET, DEFAULT_LIMITS } from '../protocol/state.ts'

/** The highest limits of agents from the network: dollars, seconds and rounds of a goal, and tokens of a reply. */
export type ForeignLimits = Pick<AgentDefinition, 'budget' | 'deadline' | 'maxTurns' | 'maxTokens'>

/** The rules of this process for agents from the network. */
type ForeignRules = {
  readonly toolbox: Toolbox
  /** tools of the program, and tools that reach all of the machine, that are open to callers from the network */
  readonly openTools: readonly string[]
  /** which calls wait for a person, as antiphon.yaml says */
  readonly approve: ApprovalPolicy
  readonly limits: ForeignLimits
}

/**
 * Narrows an agent from the network to what this process allows: tools that its goals may call, calls that wait for a
 * person at least where antiphon.yaml says so, and limits that are no higher. Reports what exceeds that. Pure.
 */
export function confineForeign(
  definition: AgentDefinition,
  rules: ForeignRules,
  report: ReportAgentFinding,
): AgentDefinition {
  checkTools(definition, rules, report)
  if (sharedSpaces(definition.memory).length > 0)
    report(
      'error',
      ['memory', 'read'],
      '`memory.read`: an agent from the network may not read the memory of the operator',
      {
        hint: 'Name only `owner`, or define the agent in the program or in a file.',
      },
    )
  const fault = approvalFault(definition, rules)
  if (fault) report('error', ['approve'], `\`approve\`: ${fault.message}`, { hint: fault.hint })
  const { project: _, ...own } = definition
  return { ...own, ...limited(definition, rules.limits, report), untrusted: true }
}

function checkTools(
  { tools }: AgentDefinition,
  { toolbox, openTools }: ForeignRules,
  report: ReportAgentFinding,
): void {
  for (const [place, named] of tools.entries())
    for (const tool of toolsNamed(named, toolbox)) {
      const { name, reach, confined } = tool
      const [base = name] = name.split(':')
      if (isClosedToTexts(tool, openTools))
        report('error', ['tools', place], closedToTexts(tool).message, { hint: openingHint(tool) })
      else if (reach === 'machine' && !confined && !openTools.includes(base))
        report(
          'error',
          ['tools', place],
          `\`${name}\` can access the whole machine: an agent from the network may not call it`,
          { hint: openingHint(tool) },
        )
    }
}

type ApprovalFault = { readonly message: string; readonly hint: string }

/** Why `approve` is less strict than antiphon.yaml; undefined: it is not. */
function approvalFault({ tools, approve }: AgentDefinition, rules: ForeignRules): ApprovalFault | undefined {
  const { toolbox, approve: base } = rules
  if (approve === undefined || approve === base || base === 'none') return undefined
  if (approve === 'none')
    return { message: '`none` removes the approvals that antiphon.yaml requires', hint: 'Remove `approve`.' }
  if (base === 'default') return listFault(tools, unconditional(approve as readonly ApprovalRule[]), toolbox)
  const lacks = approve === 'default' ? base : base.filter((rule) => !isKept(rule, approve))
  if (lacks.length === 0) return undefined
  const needed = lacks.map((rule) => (typeof rule === 'string' ? rule : JSON.stringify(rule))).join(', ')
  return { message: `expected at least ${needed}, as antiphon.yaml says`, hint: 'Add them to the list.' }
}

/** Why a list lacks tools that may do harm; undefined: it has all of them. */
function listFault(tools: readonly string[], list: readonly string[], toolbox: Toolbox): ApprovalFault | undefined {
  const lacks = tools.flatMap((named) => {
    const found = toolsNamed(named, toolbox)
    // nobody has connected to its server yet
    if (found.length === 0) return isCovered(named, list) ? [] : [named]
    // a tool with an approval of its own decides by itself, under every list
    const harmful = found.filter((tool) => mayEverDoHarm(tool) && tool.approve === undefined)
    // the steps of a run may call tools that no list can foresee
    return harmful.filter((tool) => startsRun(tool) || !isCovered(tool.name, list)).map(({ name }) => name)
  })
  if (lacks.length === 0) return undefined
  const few = `${lacks.slice(0, 5).join(', ')}${lacks.length > 5 ? ' and others' : ''}`
  const hint = tools.some((name) => startsRun({ name }))
    ? 'Remove `approve`: the runs that pipeline-executor starts may call other tools.'
    : 'Add them to the list, or remove `approve`.'
  return { message: `the list lacks ${few}, whose calls wait for a person here`, hint }
}

/** Whether a list asks wherever the rule does. */
const isKept = (rule: ApprovalRule, list: readonly ApprovalRule[]) =>
  isCovered(toolOfRule(rule), unconditional(list)) || list.some((one) => isDeepStrictEqual(one, rule))

const isCovered = (name: string, list: readonly string[]) => list.includes(name) || list.includes(name.split(':')[0]!)

/** Tokens of a reply where antiphon.yaml says nothing. */
const MAX_FOREIGN_REPLY = 32_768

/** The limits of a definition: those that it sets, otherwise the defaults, and never higher than allowed. */
function limited(
  { budget, deadline, maxTurns, maxTokens, reasoning }: AgentDefinition,
  limits: ForeignLimits,
  report: ReportAgentFinding,
): ForeignLimits {
  const allowed = {
    budget: limits.budget ?? DEFAULT_BUDGET,
    deadline: limits.deadline ?? DEFAULT_LIMITS.time / 1000,
    maxTurns: limits.maxTurns ?? DEFAULT_LIMITS.rounds,
    maxTokens: limits.maxTokens ?? MAX_FOREIGN_REPLY,
  }
  const thoughts = reasoning && 'tokens' in reasoning ? reasoning.tokens : 0
  for (const [key, value] of Object.entries({ budget, deadline, maxTurns, maxTokens, 'reasoning.tokens': thoughts })) {
    const limit = key === 'reasoning.tokens' ? 'maxTokens' : (key as keyof ForeignLimits)
    const most = allowed[limit]
    if (value !== undefined && value > most)
      report('error', key.split('.'), `\`${key}\`: expected at most ${most}, got ${value}`, {
        hint: `To allow more, set it in antiphon.yaml: agents: { ${limit}: ${value} }`,
      })
  }
  return {
    budget: budget ?? Math.min(DEFAULT_BUDGET, allowed.budget),
    deadline: deadline ?? Math.min(DEFAULT_LIMITS.time / 1000, allowed.deadline),
    maxTurns: maxTurns ?? Math.min(DEFAULT_LIMITS.rounds, allowed.maxTurns),
  }
}
