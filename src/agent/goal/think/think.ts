import { TerminalError } from '../../../errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { Effects } from '../../../kernel/types.ts'
import { present } from '../../../lib/json/present.ts'
import { type FileRef, textOfNote } from '../../../lib/media/file-ref.ts'
import { checkOffers } from '../../../model/offer/tool-offers.ts'
import type { AssistantPart, ToolCall } from '../../../model/request/request.ts'
import { callId } from '../../../step/messages/call-names.ts'
import { findInputFaults } from '../../../tool/input.ts'
import { deniedName } from '../../../tool/mcp/names-of-call.ts'
import { environmentText } from '../../context/perceive.ts'
import { FILES_SHOW, FILES_SHOW_TOOL, FINAL_ANSWER, type OfferedTool, offeredTools } from '../../context/tool-offers.ts'
import { takeWhen } from '../../context/when.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { recallFor } from '../../memory/recall.ts'
import { conversationOf, type GoalStartPart, readStart } from '../../protocol/messages.ts'
import type { CallOutput, Readings, RoundCall } from '../../protocol/rounds.ts'
import type { GoalState, Thinking, Waiting } from '../../protocol/state.ts'
import { type HandOff, prepareHandOff } from '../hand-off.ts'
import type { AgentServices } from '../services.ts'
import { type AnsweredRound, answerCall, refused } from './answer-call.ts'
import { askModels, type RecordedReply } from './ask-models.ts'
import { WAITS_FOR_SETTINGS } from './await-model.ts'
import { connectServers } from './connect-servers.ts'
import { answeredCall, type FinalAnswer, readFinalAnswer } from './final-answer.ts'
import { readContext } from './read-context.ts'
import { earlierFiles, filesIn, mayShowFiles, readFiles, unseenFiles } from './read-files.ts'
import { requestMaker } from './request-of.ts'
import { withoutWrittenCalls } from './written-call.ts'

/** The answer of the model in one round, with the calls as the goal will make them. */
type Thought = Omit<RecordedReply, 'calls' | 'files' | 'usage'> & {
  /** the readings of files that were made for it */
  readonly readings?: Readings
  /** the files that the model made */
  readonly files?: readonly FileRef[]
  readonly calls: readonly RoundCall[]
  readonly handOff?: HandOff
  /** the answer of an agent with an `output` */
  readonly final?: FinalAnswer
  readonly tokens: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  /** the provider did not report the tokens */
  readonly estimated?: true
  /** what the agent remembered in its first round */
  readonly memory?: string
}

/** Asks the model for the next round, in one effect. Calls that need no run already have their result. */
export async function think(services: AgentServices, state: Thinking | Waiting, effects: Effects): Promise<Thought> {
  const start = await readStart(effects)
  const definition = await services.readDefinition(start.definition)
  if (services.isOffline(definition.model)) throw cannotThink(start, definition, state)
  await connectServers(services, definition, effects)
  const memory = await recallFor(services, state, start, effects)
  const environment = await perceive(services, definition, state, effects)
  const context = await readContext(services, start, state, memory, effects)
  const { rounds } = context
  const files = filesIn(context)
  const tools = offeredTools(definition, services.toolbox, mayShowFiles(context))
  // if no provider accepts the tools, ask nothing and spend nothing
  checkOffers(
    Array.from(tools.values(), ({ offer }) => offer),
    [FINAL_ANSWER],
  )
  const { texts, readings } = await readFiles(services, files, { state, start, definition, rounds, effects })
  const requestFor = requestMaker({ start, definition, context, tools, texts, environment })
  const reply = await askModels({ services, state, start, definition, texts, environment, requestFor }, effects)
  const { refused, usage, cost, model, window, room, reduced, given, again } = reply
  const { text, said, ...spokenOf } = withoutCallTexts(reply, definition, tools)
  const before = rounds.length - state.rounds
  const [own, earlier] = [rounds.slice(before), earlierFiles(context, before)]
  const made = rounds.flatMap(({ files: made = [] }) => made)
  const unseen = unseenFiles(reduced ?? [], { start, notes: state.told, own, earlier, made, texts })
  const lacks = [...(spokenOf.lacks ?? []), ...unseen]
  const denied = start.denied ?? []
  const planning = { services, state, start, definition, denied, tools, effects, rounds, files, reply }
  const handOff = await planHandOff(reply.calls, planning)
  const { output } = definition
  const checking = { definition, outputOf: services.outputOf }
  const final = output && !handOff ? await readFinalAnswer(reply, checking, cutText(usage.output), effects) : undefined
  const calls = handOff
    ? [handOff.call]
    : final
      ? reply.calls.map((call) => answeredCall(call, final))
      : await planCalls(reply.calls, planning)
  const spoken: readonly AssistantPart[] = said.length > 0 || text === '' ? said : [{ type: 'text', text }]
  return {
    text,
    said: spoken,
    ...(reply.files && { files: reply.files }),
    calls,
    ...(handOff && { handOff: handOff.to }),
    ...(final && { final }),
    tokens: usage.input + usage.output,
    ...present({ cacheRead: usage.cacheRead, cacheWrite: usage.cacheWrite }),
    cost,
    ...(model !== undefined && { model }),
    ...(usage.estimated && { estimated: true }),
    ...(refused !== undefined && { refused }),
    ...(lacks.length > 0 && { lacks }),
    ...present({ reduced, readings, given, again, memory, window, room }),
  }
}

/** The reply without calls that the model wrote as text: they are no answer, and no later request shows them. */
function withoutCallTexts(
  reply: Pick<RecordedReply, 'text' | 'lacks' | 'said' | 'calls'>,
  { output }: AgentDefinition,
  tools: ReadonlyMap<string, OfferedTool>,
): Pick<RecordedReply, 'text' | 'lacks' | 'said'> {
  const found = reply.calls.length === 0 && !output ? withoutWrittenCalls(reply.text, new Set(tools.keys())) : undefined
  if (!found) return reply
  const { text, lacks } = found
  return { text, lacks: [...(reply.lacks ?? []), lacks], said: [{ type: 'text', text }] }
}

/** The environment of the agent as text; undefined: it perceives none. */
async function perceive(
  services: AgentServices,
  { environment: name }: AgentDefinition,
  { owner }: GoalState,
  effects: Effects,
): Promise<string | undefined> {
  if (name === undefined) return undefined
  const read = async () => environmentText({ name, ...(await services.readEnvironment(name, owner)) })
  return effects.run('perceive', read, { effect: 'pure' })
}

/** The error of a goal that follows no playbook and has no model that could think. */
function cannotThink(
  start: GoalStartPart,
  { model }: AgentDefinition,
  { agent, told: notes, followed }: GoalState,
): TerminalError {
  const { playbooks = [], playbook, ofStep } = start
  const isUnset = conversationOf(start) !== undefined && model === undefined && playbooks.length === 0
  const unfit = playbooks.map(({ name, description }) => `${name} (${description})`).join(', ')
  const why = () => {
    // the goal knows why its playbook was not used
    if (followed !== undefined || notes.some((note) => textOfNote(note).startsWith('The playbook ')))
      return textOfNote(notes.at(-1)!)
    if (playbook === false) return 'The goal follows no playbook (--no-playbook). Configure another model.'
    if (unfit !== '') return `The goal fits no playbook: ${unfit}. Say it in these words, or configure another model.`
    if (ofStep) return `Configure another model, or name one in the step ${agent}: parameters: { model: … }`
    return `Configure another model, or give the agent a playbook. To see whether a playbook was left out: antiphon agent check ${agent}`
  }
  return new TerminalError('The offline model cannot choose tools.', {
    code: 'no_agent_model',
    data: { path: 'model', ...(isUnset && WAITS_FOR_SETTINGS) },
    hint: why().slice(0, MAX_HINT),
  })
}

/** Characters of a hint. */
const MAX_HINT = 1000

type Planning = AnsweredRound & {
  readonly denied: readonly string[]
  readonly tools: ReadonlyMap<string, OfferedTool>
  /** the files of the request */
  readonly files: readonly FileRef[]
  readonly reply: Pick<RecordedReply, 'text' | 'usage'>
}

/** The hand-off of a round, if that is its only call. */
async function planHandOff(
  [call, ...others]: readonly ToolCall[],
  planning: Planning,
): Promise<{ readonly call: RoundCall; readonly to: HandOff } | undefined> {
  const agent = call && planning.tools.get(call.name)?.handsOffTo
  if (agent === undefined || others.length > 0 || call!.cut) return undefined
  const parameters = isJsonObject(call!.input) ? call!.input : {}
  const note = typeof parameters.note === 'string' && parameters.note.trim() !== '' ? parameters.note : undefined
  const to = await prepareHandOff(agent, { note, text: planning.reply.text }, planning)
  const result: CallOutput =
    'agent' in to
      ? { outcome: 'succeeded', output: `the goal was handed to ${agent}` }
      : refused('problem' in to ? to.problem.message : to.refused)
  return { call: { id: call!.id, name: call!.name, tool: `hand_off:${agent}`, parameters, result }, to }
}

/** The calls of the model, each either with a step in the run of the round or with its result. */
async function planCalls(calls: readonly ToolCall[], planning: Planning): Promise<readonly RoundCall[]> {
  return Array.fromAsync(calls.entries(), ([index, call]) => planCall(call, index, planning))
}

async function planCall(asked: ToolCall, index: number, planning: Planning): Promise<RoundCall> {
  const { id, name, input, cut } = asked
  const { state, tools } = planning
  const offered = tools.get(name)
  const parameters = isJsonObject(input) ? input : {}
  const call = {
    id,
    name,
    tool: offered?.tool?.name ?? (offered && name === FILES_SHOW ? FILES_SHOW_TOOL : name),
    parameters,
  }
  if (cut) return { ...call, result: refused(cutText(planning.reply.usage.output)) }
  if (offered?.handsOffTo !== undefined)
    return { ...call, tool: `hand_off:${offered.handsOffTo}`, result: refused(NOT_ALONE) }
  if (name === FINAL_ANSWER && offered && !offered.tool) return { ...call, result: refused(ANSWER_NOT_ALONE) }
  if (index >= state.limits.calls)
    return {
      ...call,
      result: refused(`only ${state.limits.calls} calls are allowed in one round; this call was not made`),
    }
  if (!offered)
    return {
      ...call,
      result: refused(`there is no tool ${shownName(name)}; there are ${[...tools.keys()].join(', ')}`),
    }
  if (!isJsonObject(input))
    return { ...call, result: refused(`the parameters are not a JSON object: ${givenText(asked)}`) }
  if (!offered.tool) return { ...call, result: await answerCall(name, input, index, planning) }
  const taken = takeWhen(offered.tool, withFileIds(input, offered, planning), planning.definition.environment)
  if ('fault' in taken) return { ...call, result: refused(taken.fault) }
  const denied = deniedName(planning.denied, offered.tool.name, taken.parameters)
  if (denied !== undefined) return { ...call, result: refused(`this agent may not call ${denied}`) }
  const [fault] = findInputFaults(offered.tool, taken.parameters, () => true)
  if (fault) return { ...call, result: refused(`${['parameters', ...fault.path].join('.')}: ${fault.message}`) }
  return { ...call, ...taken, step: callId(index) }
}

/** The parameters of a call of another agent, with ids where the model names files of its request by their names. */
function withFileIds(input: JsonObject, { asksAgent }: OfferedTool, { files }: Planning): JsonObject {
  if (!asksAgent || !Array.isArray(input.files)) return input
  const idOf = (named: Json) => files.findLast(({ name }) => name === named)?.file ?? named
  return { ...input, files: input.files.map(idOf) }
}

const cutText = (tokens: number) =>
  `the reply was cut off at the limit of tokens (${tokens}), so this call was not made; make shorter calls, for example write a long text in several parts`

/** Characters of a name or of parameters that a refusal repeats. */
const MAX_REPEATED = 200

const shownName = (name: string) => (/^[\w-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, MAX_REPEATED)))

const givenText = ({ input = null, unread = JSON.stringify(input) }: ToolCall) => unread.slice(0, MAX_REPEATED)

const NOT_ALONE = 'a hand-off has to be the only call of its round; nothing was handed over'

const ANSWER_NOT_ALONE = `a call of ${FINAL_ANSWER} has to be the only call of its round; the answer does not count`
