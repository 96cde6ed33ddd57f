import { delayFor, type RetryPolicy } from './retry.ts'

/** A job waits until a worker takes it. */
export interface Job {
  readonly id: string
  readonly priority: number
  attempts: number
}

export class QueueFullError extends Error {
  readonly limit: number

  constructor(limit: number) {
    super(`the queue holds ${limit} jobs already`)
    this.limit = limit
    this.name = 'QueueFullError'
  }
}

export const DEFAULT_LIMIT = 512

const compareJobs = (a: Job, b: Job): number => b.priority - a.priority

/** A queue in memory that hands out the most urgent job first. */
export class JobQueue {
  private readonly waiting: Job[] = []
  private readonly limit: number
  private closed = false

  constructor(limit = DEFAULT_LIMIT) {
    this.limit = limit
  }

  push(job: Job): void {
    if (this.closed) throw new Error('the queue is closed')
    if (this.waiting.length >= this.limit) throw new QueueFullError(this.limit)
    this.waiting.push(job)
    this.waiting.sort(compareJobs)
  }

  /** Takes the next job, or undefined when nothing waits. */
  take(): Job | undefined {
    return this.waiting.shift()
  }

  close(): number {
    this.closed = true
    return this.waiting.length
  }
}

export async function drain(queue: JobQueue, run: (job: Job) => Promise<void>, policy: RetryPolicy): Promise<void> {
  for (let job = queue.take(); job; job = queue.take()) {
    try {
      await run(job)
    } catch {
      job.attempts += 1
      await pause(delayFor(policy, job.attempts))
      queue.push(job)
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
