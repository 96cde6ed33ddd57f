import type { ActorEventRecord } from '../semantic-conventions.ts'
import { agentAttributes } from './span-attributes.ts'

/** An ended run, goal or ask; times in ms since the epoch. */
export type EndedWork = {
  readonly name: string
  readonly work: string
  /** its own place */
  readonly trace?: string
  readonly startTime: number
  readonly endTime: number
  readonly failed: boolean
  readonly attributes: { readonly [name: string]: string | number }
}

/** Maximum number of works whose start is remembered. */
const MAX_OPEN_WORKS = 10_000

/** Reports each run, goal and ask when it ends, including those started by an earlier process. */
export function createWorkSpans(): { over(fact: ActorEventRecord): EndedWork | undefined } {
  const began = new Map<string, number>()
  const remember = (work: string) => {
    if (began.size >= MAX_OPEN_WORKS) began.delete(began.keys().next().value!)
    began.set(work, Date.now())
  }
  return {
    over(fact) {
      const { of, work, body } = fact
      const { type } = body as { readonly type?: unknown }
      if (of.startsWith('agent/')) return type === 'goal-end' ? goalOver(fact) : undefined
      const isAsk = of.startsWith('chain/')
      if (isAsk && type === 'ask-start') remember(work)
      if (type !== (isAsk ? 'ask-end' : 'run-end') || !(isAsk || of.startsWith('run/'))) return undefined
      const startTime = began.get(work)
      began.delete(work)
      return isAsk ? askOver(fact, startTime) : runOver(fact)
    },
  }
}

function runOver({ work, trace, body, index }: ActorEventRecord): EndedWork {
  const { name = '', startedAt = 0, finishedAt = startedAt } = index ?? {}
  const status = statusIn(body)
  return {
    name: `run ${name}`,
    work,
    failed: status !== 'completed',
    ...(trace !== undefined && { trace }),
    startTime: Number(startedAt),
    endTime: Number(finishedAt),
    attributes: { 'antiphon.work': work, 'antiphon.pipeline': String(name), 'antiphon.status': status },
  }
}

/** A goal that began without telemetry has no place in a trace. */
function goalOver({ of, work, trace, body, index }: ActorEventRecord): EndedWork | undefined {
  if (trace === undefined || !index) return undefined
  const { agent, startedAt = 0, finishedAt = startedAt, rounds = 0, cost = 0, thread } = index
  const status = statusIn(body)
  const code = (body as { readonly problem?: { readonly code?: unknown } }).problem?.code
  return {
    name: `invoke_agent ${agent}`,
    work,
    trace,
    failed: status !== 'completed',
    startTime: Number(startedAt),
    endTime: Number(finishedAt),
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      ...agentAttributes({ agent: String(agent), ...(thread !== undefined && { conversation: String(thread) }) }),
      'antiphon.actor': of,
      'antiphon.status': status,
      'antiphon.rounds': Number(rounds),
      'antiphon.cost': Number(cost),
      ...(typeof code === 'string' && { 'error.type': code }),
    },
  }
}

function askOver({ of, work, trace, body }: ActorEventRecord, startTime = Date.now()): EndedWork {
  const status = statusIn(body)
  return {
    name: 'ask',
    work,
    failed: status !== 'completed',
    startTime,
    endTime: Date.now(),
    ...(trace !== undefined && { trace }),
    attributes: { 'antiphon.work': work, 'antiphon.actor': of, 'antiphon.status': status },
  }
}

const statusIn = (body: unknown) => String((body as { readonly status?: unknown }).status)
