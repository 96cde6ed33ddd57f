import type { ActorEventRecord } from '../semantic-conventions.ts'

/** An ended run or ask; times in ms since the epoch. */
export type EndedWork = {
  readonly name: string
  readonly work: string
  /** its own place */
  readonly trace?: string
  readonly startTime: number
  readonly endTime: number
  readonly failed: boolean
  readonly attributes: { readonly [name: string]: string }
}

/** Maximum number of works whose start is remembered. */
const MAX_OPEN_WORKS = 10_000

/** Reports each run and ask when it ends, including those started by an earlier process. */
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
    ...{ name: `run ${name}`, work, failed: status !== 'completed' },
    ...(trace !== undefined && { trace }),
    ...{ startTime: Number(startedAt), endTime: Number(finishedAt) },
    attributes: { 'antiphon.work': work, 'antiphon.pipeline': String(name), 'antiphon.status': status },
  }
}

function askOver({ of, work, trace, body }: ActorEventRecord, startTime = Date.now()): EndedWork {
  const status = statusIn(body)
  return {
    ...{ name: 'ask', work, failed: status !== 'completed', startTime, endTime: Date.now() },
    ...(trace !== undefined && { trace }),
    attributes: { 'antiphon.work': work, 'antiphon.actor': of, 'antiphon.status': status },
  }
}

const statusIn = (body: unknown) => String((body as { readonly status?: unknown }).status)
