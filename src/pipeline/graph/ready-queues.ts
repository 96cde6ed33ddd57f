import type { Priority } from '../../lib/priority.ts'
import type { ReadyQueue, RunState } from '../plan/run-state.ts'

/** The queue of a priority; '' is the queue of a pipeline whose steps have no priorities of their own. */
export type QueueName = Priority | ''

const RANKED: readonly QueueName[] = ['critical', 'high', 'normal', 'low']
const PLAIN: readonly QueueName[] = ['']
const EMPTY: ReadyQueue = { head: 0, offset: 0, tail: 0 }

/** The queues that a run may have, in the order in which their steps start. */
export const queueNames = ({ queues }: RunState): readonly QueueName[] => (queues ? RANKED : PLAIN)

/** A queue of ready steps outside the window. */
export const queueIn = ({ queue, queues }: RunState, name: QueueName): ReadyQueue =>
  name === '' ? queue : (queues?.[name] ?? EMPTY)

export const queuePartName = (name: QueueName, n: number): string => (name === '' ? `queue/${n}` : `queue/${name}/${n}`)

/** The queue whose first step starts next; undefined when no step waits. */
export const nextQueue = (run: RunState): QueueName | undefined =>
  queueNames(run).find((name) => {
    const { head, tail } = queueIn(run, name)
    return head !== tail
  })
