import type { MessageReply } from '../../agent/room/conversation/port.ts'
import type { GoalDocument } from '../../agent/room/goals/port.ts'
import { NotFoundError, problemOf } from '../../errors.ts'
import { isStep, type StepItem } from '../../inbox/room/port.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { openCase, type PreparedTest } from './case-runtime.ts'
import { checkCase } from './check-case.ts'
import { playbookCalls } from './playbook-calls.ts'
import type { AgentCaseReport } from './report.ts'
import { type AgentCase, type AskedPerson, messagesOf } from './suite.ts'
import { type TranscriptMessage, transcriptOf } from './transcript.ts'

const CONVERSATION = 'test'
const TIMEOUT_SECONDS = 60
/** Questions that a case may answer: an agent that asks again and again ends the case. */
const MAX_ANSWERS = 100

/** Errors of the test, its agent or its tools: no case can begin. */
const WRONG: readonly unknown[] = ['invalid_agent', 'invalid_agent_test', 'agent_taken', 'tool_taken', 'unknown_tool']

/** Runs a case in a runtime of its own and compares it with what is expected. Throws if the test or agent is wrong. */
export async function runCase(prepared: PreparedTest, one: AgentCase, signal?: AbortSignal): Promise<AgentCaseReport> {
  const began = performance.now()
  const report = await runInside(prepared, one, signal).catch((error: unknown) => {
    const { code, message, hint } = problemOf(error)
    if (WRONG.includes(code) || error instanceof NotFoundError) throw error
    return {
      failures: [hint === undefined ? message : `${message}\n${hint}`],
      notes: [],
      transcript: transcriptOf([], []),
    }
  })
  return { name: one.name, passed: report.failures.length === 0, ...report, ms: Math.round(performance.now() - began) }
}

async function runInside(prepared: PreparedTest, one: AgentCase, signal?: AbortSignal) {
  const { test } = prepared
  const seconds = test.timeout ?? TIMEOUT_SECONDS
  const opened = await openCase(prepared, one)
  const limit = new AbortController()
  // it keeps the process alive: a model that never answers may be all that is left
  const timer = setTimeout(() => limit.abort(), seconds * 1000)
  const late = signal ? AbortSignal.any([limit.signal, signal]) : limit.signal
  try {
    const { runtime } = opened
    await runtime.engine.start()
    const messages: TranscriptMessage[] = []
    const asking = new Set<string>()
    for (const [place, text] of messagesOf(one).entries()) {
      const id = `m${place + 1}`
      // tools ask a person only if one can answer
      const interactive = one.answers !== undefined
      await runtime.conversations.post({ conversation: CONVERSATION, agent: test.agent, text, id, interactive })
      await untilAnswered(runtime, one, late, asking)
      const reply = await runtime.conversations.get(CONVERSATION, id)
      messages.push({ text, ...(await endOf(runtime, reply)) })
      if (reply.status !== 'completed') break
    }
    const goals = await goalsOf(runtime)
    const followed = (await playbookCalls(runtime, goals)).map(({ run: _, step: __, ...call }) => call)
    const { items } = await runtime.budgets.cost({ by: 'model' })
    const paid = items.flatMap(({ name }) => name ?? [])
    // calls that cost nothing are booked nowhere
    const models = paid.length === 0 && typeof test.model === 'string' ? [test.model] : paid
    const transcript = transcriptOf(messages, goals, followed, models)
    const { failures, score } = await checkCase(one, transcript, prepared.isPriced)
    const unstubbed = [...new Set(transcript.calls.flatMap(({ tool, made }) => (made ? tool : [])))].filter(
      (tool) => !asking.has(tool) && !isStubbed(prepared, one, tool),
    )
    return {
      failures: limit.signal.aborted ? [`it did not end within ${seconds} seconds`, ...failures] : failures,
      notes: unstubbed.length > 0 ? [`calls without a stub: ${unstubbed.join(', ')}`] : [],
      transcript,
      ...(score !== undefined && { score }),
    }
  } finally {
    clearTimeout(timer)
    await opened.close()
  }
}

function isStubbed({ test }: PreparedTest, one: AgentCase, tool: string): boolean {
  return tool.startsWith('agent:') || [...(one.tools ?? []), ...(test.tools ?? [])].some(({ name }) => name === tool)
}

/** Waits until no work runs, and sends the answers of the case. `asking` gets the tools that ask. */
async function untilAnswered(
  runtime: ServedRuntime,
  one: AgentCase,
  late: AbortSignal,
  asking: Set<string>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  late.addEventListener('abort', end, { once: true })
  try {
    for (let answers = 0; answers < MAX_ANSWERS && !late.aborted; answers++) {
      await Promise.race([runtime.idle(), promise])
      const asked = late.aborted ? undefined : await answerOne(runtime, one)
      if (!asked) return
      if (asked.expects.type !== 'approval') asking.add(asked.tool)
    }
  } finally {
    late.removeEventListener('abort', end)
  }
}

/** Answers the first question that the case has an answer to, and resolves with it; undefined: there is none. */
async function answerOne(runtime: ServedRuntime, { answers }: AgentCase): Promise<AskedPerson | undefined> {
  if (!answers) return undefined
  const items = await runtime.inbox.list({ content: 'whole' })
  for (const item of items.filter(isStep)) {
    const asked = { ...item, tool: await toolOf(runtime, item) }
    const value = typeof answers === 'function' ? answers(asked) : answers[asked.tool]
    if (value === undefined) continue
    await runtime.runs.signal(item.run, item.signal, answerTo(asked, value))
    return asked
  }
  return undefined
}

function answerTo({ expects, digest }: AskedPerson, value: Json): Json {
  if (expects.type !== 'approval') return value
  const action = typeof value === 'boolean' ? { action: value ? 'approve' : 'reject' } : value
  return digest !== undefined && isJsonObject(action) ? { ...action, digest } : action
}

/** The tool of the call that asks, or whose approval is asked for. */
async function toolOf(runtime: ServedRuntime, { run, step }: StepItem): Promise<string> {
  const goals = await goalsOf(runtime)
  for (const { rounds } of goals)
    for (const { run: own, calls } of rounds)
      for (const { step: made, tool } of calls) if (own === run && made === step) return tool
  const followed = await playbookCalls(runtime, goals)
  return followed.find((call) => call.run === run && call.step === step)?.tool ?? step
}

async function goalsOf({ goals }: ServedRuntime): Promise<readonly GoalDocument[]> {
  const summaries = await goals.list({ limit: 1000 })
  return Promise.all(summaries.toReversed().map(({ id }) => goals.get(id)))
}

/** How a message ended, with the reason if it failed or waits. */
async function endOf(runtime: ServedRuntime, reply: MessageReply): Promise<Omit<TranscriptMessage, 'text'>> {
  if (reply.status === 'completed') {
    const { status, answer, output } = reply
    return { status, answer, ...(output !== undefined && { output }) }
  }
  if (reply.status !== 'waiting') return { status: reply.status, why: textOf(reply.problem) }
  const why = await whyWaiting(runtime)
  return { status: 'waiting', ...(why !== undefined && { why }) }
}

async function whyWaiting(runtime: ServedRuntime): Promise<string | undefined> {
  const waits = (await goalsOf(runtime)).flatMap(({ wait }) => wait ?? [])
  const [wait] = waits
  if (wait) return textOf({ message: wait.reason ?? wait.title, ...(wait.hint !== undefined && { hint: wait.hint }) })
  const [item] = await runtime.inbox.list()
  return item && 'title' in item ? item.title : undefined
}

const textOf = ({ message, hint }: { readonly message: string; readonly hint?: string | undefined }) =>
  hint === undefined ? message : `${message}\n${hint}`
