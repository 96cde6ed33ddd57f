import type { Agent } from '../../agent/definition/agent-value.ts'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { InvalidError } from '../../errors.ts'
import type { Json, Schema } from '../../kernel/schema.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { StepItem } from '../../run/room/documents.ts'
import type { Tool } from '../../tool/tool.ts'
import type { TestModel } from '../test-model.ts'
import type { AgentTranscript } from './transcript.ts'

/** A call that a case expects. The call has at least the parameters in `input`. */
export type ExpectedCall = string | { readonly tool: string; readonly input?: Pattern }

/** A value: a map stands for any map with at least its fields, a regular expression for any text that it matches. */
export type Pattern = Json | RegExp | readonly Pattern[] | { readonly [key: string]: Pattern | undefined }

/** The opinion of a judge. `score` is any number, which the report shows. */
export type Judgement = boolean | { readonly pass: boolean; readonly reason?: string; readonly score?: number }

/** A question or an approval that a case answers. `tool` has the call that waits. */
export type AskedPerson = StepItem & { readonly tool: string }

/** A case: one message or several, and the expected calls, answer and cost. */
export type AgentCase = {
  readonly name: string
  /** the message */
  readonly input?: string
  /** several messages of one conversation, each sent when the one before it is answered */
  readonly messages?: readonly string[]
  /** files in the folder that the tools of this case work in, by their paths */
  readonly files?: { readonly [path: string]: string }
  /** tools that replace those of the same name in this case, made by `stubTool` */
  readonly tools?: readonly Tool[]
  /**
   * the answers of a person, by the tool that asks: true approves, false rejects, and any other value is the answer.
   * Absent, or undefined from a function: nobody answers
   */
  readonly answers?: { readonly [tool: string]: Json } | ((asked: AskedPerson) => Json | undefined)
  readonly calls?: readonly ExpectedCall[]
  /** `given` (the default): other calls may come between · `any`: in any order · `exact`: these calls and no others */
  readonly order?: 'given' | 'any' | 'exact'
  /** tools that must not be called */
  readonly notCalled?: readonly string[]
  /** the last answer: a text that it contains, a pattern, a schema, or a function that says whether it is right */
  readonly output?: Pattern | Schema<unknown> | ((output: Json) => boolean | Promise<boolean>)
  /** the output has exactly this value */
  readonly outputEquals?: Json
  /** limits of the case: dollars, and rounds of all goals */
  readonly budget?: { readonly dollars?: number; readonly rounds?: number }
  /** the status of the last message; absent: `completed` */
  readonly status?: 'completed' | 'failed' | 'cancelled' | 'waiting'
  readonly judge?: (transcript: AgentTranscript) => Judgement | Promise<Judgement>
}

/** How the cases of an agent are run. */
export type AgentTestOptions = {
  /** the model of all agents in the test: one of `scriptedModel` or `recordedModel`, or an id; absent: as configured */
  readonly model?: TestModel | string
  /** dollars per million tokens of that model; absent: as antiphon.yaml says, else nothing */
  readonly price?: { readonly input: number; readonly output: number }
  /** tools that replace those of the same name in all cases, made by `stubTool` */
  readonly tools?: readonly Tool[]
  /** `fail`: a call that may change something and has no stub fails; absent: it is made, and the report says so */
  readonly unstubbed?: 'fail'
  /** cases at a time; absent: 4 */
  readonly concurrency?: number
  /** seconds that a case may take; absent: 60 */
  readonly timeout?: number
  /** the folder in which the search for antiphon.yaml begins; absent: the current folder */
  readonly folder?: string
}

/** An agent with its cases: what the file of `antiphon agent test` exports. */
export type AgentTest = AgentTestOptions & {
  /** an agent of `defineAgent`, the path of a file, or a name */
  readonly agent: string | Agent | AgentDefinition
  readonly cases: readonly AgentCase[]
}

const TEST_KEYS = ['agent', 'cases', 'model', 'price', 'tools', 'unstubbed', 'concurrency', 'timeout', 'folder']
const CASE_KEYS = [
  ...['name', 'input', 'messages', 'files', 'tools', 'answers', 'calls', 'order', 'notCalled', 'output'],
  ...['outputEquals', 'budget', 'status', 'judge'],
]

export const messagesOf = ({ input, messages }: AgentCase): readonly string[] =>
  messages ?? (input === undefined ? [] : [input])

/** The same test, checked. InvalidError `invalid_agent_test` whose place is the wrong key. */
export function checkTest(given: unknown): AgentTest {
  const test = mapAt('', given, TEST_KEYS) as AgentTest
  const { agent, cases, concurrency = 1, timeout = 1 } = test
  const isAgent = typeof agent === 'object' ? agent !== null : typeof agent === 'string' && agent !== ''
  if (!isAgent) throw wrong('agent', 'expected an agent, or the path of its file')
  if (!Array.isArray(cases) || cases.length === 0) throw wrong('cases', 'expected a list of cases')
  if (!(Number.isInteger(concurrency) && concurrency > 0)) throw wrong('concurrency', 'expected a whole number from 1')
  if (!(timeout > 0)) throw wrong('timeout', 'expected seconds above 0')
  const names = new Set<string>()
  for (const [place, one] of cases.entries()) {
    const at = `cases.${place}`
    const checked = mapAt(at, one, CASE_KEYS) as AgentCase
    checkCase(at, checked)
    if (names.has(checked.name)) throw wrong(`${at}.name`, `there are two cases with the name ${checked.name}`)
    names.add(checked.name)
  }
  return test
}

function checkCase(at: string, one: AgentCase): void {
  const { name, calls = [], notCalled = [], order = 'given', status = 'completed', judge, budget } = one
  if (typeof name !== 'string' || name === '') throw wrong(`${at}.name`, 'expected a name')
  const messages = messagesOf(one)
  if (one.input !== undefined && one.messages !== undefined)
    throw wrong(`${at}.messages`, 'expected `input` or `messages`, got both')
  if (
    !Array.isArray(messages) ||
    messages.length === 0 ||
    messages.some((text) => typeof text !== 'string' || text === '')
  )
    throw wrong(`${at}.input`, 'expected a message, or a list of them as `messages`')
  const isCall = (call: unknown) =>
    typeof (typeof call === 'object' ? (call as ExpectedCall & object)?.tool : call) === 'string'
  if (!Array.isArray(calls) || !calls.every(isCall))
    throw wrong(`${at}.calls`, 'expected a list of names of tools, or of { tool, input }')
  if (!Array.isArray(notCalled)) throw wrong(`${at}.notCalled`, 'expected a list of names of tools')
  if (!['given', 'any', 'exact'].includes(order)) throw wrong(`${at}.order`, 'expected given, any or exact')
  if (!['completed', 'failed', 'cancelled', 'waiting'].includes(status))
    throw wrong(`${at}.status`, 'expected completed, failed, cancelled or waiting')
  if (judge !== undefined && typeof judge !== 'function') throw wrong(`${at}.judge`, 'expected a function')
  if (budget !== undefined) mapAt(`${at}.budget`, budget, ['dollars', 'rounds'])
}

function mapAt(at: string, given: unknown, keys: readonly string[]): object {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(at, `expected a map with the keys ${keys.slice(0, 3).join(', ')}`)
  const unknown = Object.keys(given).find((key) => !keys.includes(key))
  if (unknown === undefined) return given
  const near = nearestWord(unknown, keys)
  const hint = near === undefined ? `Known keys: ${keys.join(', ')}.` : `Did you mean ${near}?`
  throw wrong(at === '' ? unknown : `${at}.${unknown}`, 'the key is unknown', hint)
}

function wrong(path: string, what: string, hint?: string): InvalidError {
  const message = path === '' ? `The test of an agent: ${what}` : `The test of an agent, \`${path}\`: ${what}`
  return new InvalidError(message, { code: 'invalid_agent_test', place: { path }, hint })
}
