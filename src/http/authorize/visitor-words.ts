import { isLateText } from '../../agent/context/late-result.ts'
import { NOT_MADE } from '../../agent/goal/think/written-call.ts'
import type { ReplyPorts } from '../../agent/room/conversation/reply.ts'
import { verdictOf } from '../../contract/error-codes.ts'
import { errorOf, type Problem, problemOf } from '../../errors.ts'
import { allows } from '../../house/scope.ts'
import { present } from '../../lib/json/present.ts'
import type { Hold, Why } from '../../runtime/ports/inspector.ts'
import type { Caller } from './caller.ts'

/**
 * The words in which a visitor reads of a failure. Texts of providers, parts of keys and hints for the operator are in
 * errors, in the reasons of waits and in the results of calls that failed. The operator reads them unchanged.
 */
const UNAVAILABLE = 'The service is not available now'
const BUSY = 'The service is busy; the answer comes later'
const LATE = 'The result of an earlier call has come.'
const DECLINED = 'The agent declines to answer this'
const UNREAD = 'The file could not be read here.'
const MISSING = 'A part of the answer is missing.'

/** Whether a caller is a visitor of the operator's agents: through a handler, or with a key that may only talk. */
export function isVisitor({ visitor, staff, local, scopes }: Caller): boolean {
  return visitor ? !staff : !local && !allows(scopes, 'read') && scopes.every((scope) => scope === 'talk')
}

/** Methods whose results, events and errors are in the words for visitors. */
export function inVisitorWords<Port extends object>(port: Port): Port {
  const methods = Object.entries(port).map(([name, method]) => [
    name,
    typeof method === 'function' ? (...given: readonly unknown[]) => said(() => method(...given)) : method,
  ])
  return Object.fromEntries(methods) as Port
}

/** The ports of a reply for a visitor. The reply ends with an error while it waits for the operator. */
export function forVisitor({ conversations, threads, goals }: ReplyPorts): ReplyPorts {
  const get = (goal: string) => goals.get(goal)
  return {
    conversations: inVisitorWords({
      events: (...given: Parameters<typeof conversations.events>) => conversations.events(...given),
    }),
    threads: inVisitorWords({
      get: (thread: string) => threads.get(thread),
      askEvents: (...given: Parameters<typeof threads.askEvents>) => threads.askEvents(...given),
    }),
    goals: inVisitorWords({ get }),
    whyUnavailable: (goal) => whyUnavailable({ get }, goal),
  }
}

function said(call: () => unknown): unknown {
  const result = call()
  if (result instanceof Promise) return result.then(shown, failForVisitor)
  return isStream(result) ? saidInTurn(result) : shown(result)
}

async function* saidInTurn(stream: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    for await (const item of stream) yield shown(item)
  } catch (error) {
    failForVisitor(error)
  }
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** Statuses of errors that the request of the visitor caused. */
const OF_REQUESTS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 416, 422, 429])

/** Errors of the operator's settings with such a status. */
const OF_OPERATOR: ReadonlySet<string> = new Set([
  ...['no_eligible_model', 'no_agent_model', 'invalid_agent', 'invalid_tool', 'tool_taken'],
  ...['other_code', 'other_version'],
])

/** Commands, packages and files of the operator. */
const OF_HOUSE = /antiphon|\bnpm\b/

/** Throws an error in the words for visitors. Hints for the operator are left out. */
export function failForVisitor(error: unknown): never {
  const problem = problemOf(error)
  const { hint = '', ...withoutHint } = problem
  const isOwn = OF_REQUESTS.has(verdictOf(problem).status) && !OF_OPERATOR.has(problem.code)
  if (!isOwn || OF_HOUSE.test(problem.message) || hint.includes('antiphon.yaml')) throw errorOf(shownProblem(problem))
  throw OF_HOUSE.test(hint) ? errorOf(withoutHint) : error
}

/** Why work waits, for a visitor: without names of pools, budgets, keys, code and work of others. */
export function whyForVisitor({ of, status, holds, waitsFor, more }: Why): Why {
  return { of, status, more, letters: [], holds: holds.map(holdForVisitor), waitsFor: waitsFor.map(whyForVisitor) }
}

function holdForVisitor(hold: Hold): Hold {
  const { type } = hold
  const reason = type === 'goal' ? hold.reason : 'unknown'
  const since = 'since' in hold && hold.since !== undefined && { since: hold.since }
  switch (type) {
    case 'effect': {
      const { name, attempt, until, since } = hold.effect
      return { type, work: hold.work, effect: { name, attempt, ...present({ since, until }) } }
    }
    case 'left':
      return { type, work: hold.work, since: hold.since }
    case 'queue':
      return { type, key: '', behind: [], ...present({ place: hold.place, until: hold.until }) }
    case 'over':
      return { type, ...present({ at: hold.at, problem: hold.problem && shownProblem(hold.problem) }) }
    case 'signal':
    case 'decision':
    case 'start':
    case 'timer':
    case 'turn':
    case 'mail':
    case 'others':
    case 'gone':
      return hold
    default:
      return { type: 'goal', reason, title: reason === 'health' ? BUSY : UNAVAILABLE, ...since }
  }
}

/** Fields with words for the operator and for models. */
const HIDDEN: ReadonlySet<string> = new Set([
  ...['said', 'told', 'again', 'system', 'recalled', 'toolNotes', 'changed', 'undoError'],
  ...['undo_error', 'error_hint', 'error_at', 'error_stack', 'error_details', 'failed_handlers', 'to_go_on'],
])

/** Fields with data of tools and programs, in which nothing is changed: a person approves what `content` shows. */
const DATA: ReadonlySet<string> = new Set([
  ...['parameters', 'asked', 'result', 'output', 'context', 'content', 'inputs', 'outputs', 'changed_parameters'],
])

type Fields = { readonly [field: string]: unknown }

function shown<Value>(value: Value): Value {
  if (typeof value === 'string') return shownText(value) as Value
  if (Array.isArray(value)) return value.map(shown) as Value
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const fields = value as Fields
  const inner = Object.entries(fields)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, one]) => [name, DATA.has(name) ? one : shownField(name, one)])
  return { ...Object.fromEntries(inner), ...withoutModel(fields), ...replaced(fields) } as Value
}

/** The id of a model, with its provider. A field of a program may have this name, too. */
const MODEL_ID = /^[^\s/]+\/\S+$/

/** The fields that name a model, which documents require. */
function withoutModel(fields: Fields): Fields {
  const names = ['model', 'model_used'].filter(
    (name) => typeof fields[name] === 'string' && MODEL_ID.test(fields[name]),
  )
  const provider = names.length > 0 && typeof fields.provider === 'string' ? ['provider'] : []
  return Object.fromEntries([...names, ...provider].map((name) => [name, '']))
}

/** A late text repeats calls with their parameters and results, for the model. */
const shownText = (text: string) => (isLateText(text) ? LATE : text === NOT_MADE ? MISSING : text)

function shownField(name: string, value: unknown): unknown {
  if (name === 'problem' && value) return shownProblem(value as Problem)
  if (name === 'error' && typeof value === 'string') return UNAVAILABLE
  if (name === 'models' && Array.isArray(value)) return []
  if (name === 'stands' && value) return { ...pick(value as Fields, ['since', 'person', 'works']), says: UNAVAILABLE }
  if (!Array.isArray(value)) return shown(value)
  if (name === 'lacks' || name === 'warnings')
    return [...new Set(value.map((one) => (/\bfile\b/.test(one) ? UNREAD : MISSING)))]
  if (name === 'reduced') return value.map((one) => ({ ...one, why: UNREAD }))
  return name === 'changes' || name === 'attempts' ? [] : shown(value)
}

/** Events and documents whose words a provider or the settings may have given. */
function replaced({ type, kind, status, title, goal, outcome, result, wait, reason, phase }: Fields): Fields {
  if (type === 'text-restart' || (phase !== undefined && reason !== undefined)) return { reason: MISSING }
  if (wait) {
    const about = pick(wait as Fields, ['type', 'since', 'until'])
    return { wait: { ...about, title: about.type === 'health' ? BUSY : UNAVAILABLE } }
  }
  if (type === 'goal-wait' && reason === 'health') return { title: BUSY }
  if (outcome === 'failed' || outcome === 'unknown')
    return result === undefined ? {} : { result: null, tail: undefined }
  if (type === 'playbook-end') return { text: '' }
  const isOfGoal = kind === 'goal' || kind === 'provider' || kind === 'money' || kind === 'code'
  const isWait = type === 'goal-wait' || type === 'provider-wait' || (type === 'goal-needs' && goal !== undefined)
  return title !== undefined && status === undefined && (isOfGoal || isWait) ? { title: UNAVAILABLE } : {}
}

const pick = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)))

function shownProblem({ code, name, message, terminal, delay }: Problem): Problem {
  const words = code === 'cancelled' ? message : /refused$/.test(code) ? DECLINED : UNAVAILABLE
  return { code, name, message: words, ...present({ terminal, delay }) }
}

/** The problem of a visitor whose message waits for the operator; undefined: it goes on, or a call needs an answer. */
export async function whyUnavailable({ get }: ReplyPorts['goals'], goal: string): Promise<Problem | undefined> {
  const { status, wait, handedTo } = await get(goal)
  if (status === 'handed_off' && handedTo) return whyUnavailable({ get }, handedTo.goal)
  // a process that is busy is well again soon
  const isBrief = wait?.type === 'health' || (wait?.type === 'provider' && !wait.long)
  const isHeld = status === 'paused' || (status === 'waiting' && wait !== undefined && !isBrief)
  return isHeld ? { code: 'unavailable', name: 'RetryableError', message: UNAVAILABLE } : undefined
}
