import { isDeepStrictEqual } from 'node:util'
import { TerminalError } from '../../errors.ts'
import { findNonJson, type Json } from '../../kernel/json.ts'
import { BAD_RESULT } from '../../tool/bad-result.ts'
import { namesOfCall } from '../../tool/mcp/names-of-call.ts'
import { effectClassOf, type Tool, ToolFailure } from '../../tool/tool.ts'
import { askRules, type RulesAnswer, refuserOf } from '../../work/rules/ask-rules.ts'
import { NO_RULES } from '../../work/rules/house-rules.ts'
import type { StepContext, StepResult, StepServices } from '../call/context.ts'
import { checkDenied, toolInput } from '../call/permissions.ts'
import { type AuthoredParameters, type CallOfTool, resultOfCall, runTool } from '../call/tool-call.ts'
import type { CallDecision } from '../messages/call-decision.ts'
import type { StepParameters } from '../record/outcome.ts'
import { readRef } from '../values.ts'
import { authoredIn, needOfCall, notApproved, type UnmadeCall } from './call-parameters.ts'
import { mayWait } from './may-ask.ts'

/**
 * The parameters with which a step makes its call: those that a person approved, otherwise the ones that it was given.
 * @throws TerminalError `not_approved` for a call that a person must approve first
 */
export function parametersOfCall(
  tool: Tool,
  written: StepParameters,
  given: () => AuthoredParameters,
  call: UnmadeCall,
): AuthoredParameters | Promise<AuthoredParameters> {
  const { start, callName, services } = call
  const decision = start.decisions?.[callName]
  if (decision) return decidedParameters(tool, decision, written, services)
  const own = given()
  checkDenied(tool, own.parameters, start.run)
  return call.need || mayWait(tool, start.run) ? unlessNeeded(tool, own, call) : own
}

async function unlessNeeded(tool: Tool, given: AuthoredParameters, call: UnmadeCall): Promise<AuthoredParameters> {
  if (!(await needOfCall(tool, given, call))) return given
  // the refusal of a rule says more
  await ruledParameters(tool, given, call, true)
  throw notApproved(tool)
}

async function decidedParameters(
  tool: Tool,
  decision: CallDecision,
  written: StepParameters,
  { values }: StepServices,
): Promise<AuthoredParameters> {
  if (!decision.approved) throw notApproved(tool)
  const parameters = (await readRef(values, decision.parameters)) as StepParameters
  return { written: authoredIn(written, parameters) as StepParameters, parameters }
}

/** Makes a call of a tool as the rules of the house leave it: the only way from a step to a tool. */
export function makeCall(made: CallOfTool, context: StepContext): Promise<StepResult> {
  const rules = rulesAround(context)
  return rules.length === 0 ? runTool(made, context) : makeRuledCall(made, context)
}

async function makeRuledCall(made: CallOfTool, context: StepContext): Promise<StepResult> {
  const { tool } = made
  const asked = await askAboutCall(made, context)
  if (asked.type === 'answered') return resultOfCall(tool, asked.answer, made.parameters, context)
  const call = { tool, ...asked.given }
  return runTool(call, context, asked.end).catch((error: unknown) => {
    // a call that fails before it reaches its tool ends for the rules, too
    asked.end(Promise.reject(error)).catch(() => {})
    throw error
  })
}

/**
 * The parameters that the rules leave of a call that somebody else completes, or that a person is asked about first.
 * Rules do not see its result here.
 */
export async function ruledParameters(
  tool: Tool,
  given: AuthoredParameters,
  context: UnmadeCall,
  isQuestion = false,
): Promise<AuthoredParameters> {
  if (rulesAround(context).length === 0) return given
  const asked = await askAboutCall({ tool, ...given }, context, isQuestion)
  // an answer in its place is given when the call is due
  if (asked.type === 'answered') return given
  asked.end(Promise.reject(new TerminalError(LATER, { code: 'not_approved' }))).catch(() => {})
  return asked.given
}

const LATER = 'The call is not made now: its result comes later, or a person is asked first.'

const rulesAround = ({ services: { rules = NO_RULES }, start }: UnmadeCall) =>
  rules.of(start.run.workFor?.rules).filter(({ tool }) => tool)

async function askAboutCall(
  { tool, ...given }: CallOfTool,
  context: UnmadeCall,
  isQuestion = false,
): Promise<RulesAnswer<AuthoredParameters, Json>> {
  const { services, start, callName, callFor } = context
  const { limit } = services.rules ?? NO_RULES
  // nothing is asked about a call that would fail by itself
  await toolInput(tool, given, services, start.run)
  const names = namesOfCall(tool.name, given.parameters)
  const effect = effectClassOf(tool, given.parameters)
  const isApproved = start.decisions?.[callName] !== undefined
  return askRules<AuthoredParameters, Json>({
    rules: rulesAround(context),
    given,
    limit,
    ask: (rule, { written, parameters }, next) =>
      rule.tool!(
        {
          tool: tool.name,
          names,
          effect,
          input: structuredClone(parameters),
          for: callFor,
          ...(isApproved && { approved: true }),
          refuse: refuserOf(rule),
        },
        (input) =>
          next(input && { parameters: readInput(input), written: authoredIn(written, input) as typeof written }),
      ),
    async accept(left) {
      if (isDeepStrictEqual(left.parameters, given.parameters)) return given
      if (isApproved) throw refused(tool, 'a person approved the call, and a rule changed it after that')
      await toolInput(tool, left, services, start.run)
      if (effectClassOf(tool, left.parameters) !== effect) throw refused(tool, 'a rule changed its effect class')
      if (!isQuestion && (await needOfCall(tool, left, context))) throw notApproved(tool)
      return left
    },
    read(answer, called) {
      if (called === undefined && (answer === undefined || effect !== 'pure'))
        throw refused(tool, answer === undefined ? 'a rule neither made nor refused it' : IN_PLACE)
      return readResult(answer)
    },
    made: ({ message }) => new ToolFailure(message, { code: BAD_RESULT, result: null }),
  })
}

const IN_PLACE = 'a rule answered in its place, which is allowed for a `pure` tool only'

const refused = ({ name }: Tool, why: string) =>
  new TerminalError(`The call of ${name} was not made: ${why}.`, { code: 'rule_failed' })

function readInput(input: AuthoredParameters['parameters']) {
  const strange = findNonJson(input)
  if (!strange && !Array.isArray(input) && typeof input === 'object') return structuredClone(input)
  throw new TerminalError('Expected a JSON map as the arguments of a rule.', { code: 'rule_failed' })
}

function readResult(answer: unknown): Json {
  if (!findNonJson(answer)) return answer as Json
  throw new TerminalError('A rule gave a result that JSON cannot hold.', { code: 'rule_failed' })
}
