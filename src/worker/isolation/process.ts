import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker } from '../worker.ts'
import type { IsolatedCall, IsolatedCallResult } from './call.ts'
import { awaitCall, harmlessEnvironment, type IsolationOptions, lostWorker } from './isolated-worker.ts'

/** Messages to the process. */
export type ProcessRequest = { readonly call: IsolatedCall } | { readonly off: number }
export type ProcessResponse = { readonly id: number; readonly answer: IsolatedCallResult }

type Started = { readonly child: ChildProcess; readonly waiting: Map<number, PromiseWithResolvers<IsolatedCallResult>> }

/**
 * A worker in its own process, for code that may crash or use much memory. Runs one task at a time
 * with `worker.call(name, input, signal)`. The process starts with the first call and is killed if
 * a cancelled call does not end.
 */
export function processWorker(options: IsolationOptions): Worker {
  const { id, offers = {}, priority, grace } = options
  let started: Started | undefined
  let calls = 0

  function start(): Started {
    const starting: Started = { child: startProcess(options), waiting: new Map() }
    const lose = (cause: unknown) => {
      if (started === starting) started = undefined
      for (const { reject } of starting.waiting.values()) reject(lostWorker('process', id, cause))
      starting.waiting.clear()
    }
    starting.child.on('message', ({ id: call, answer }: ProcessResponse) => settle(starting, call, answer))
    starting.child.on('error', lose)
    starting.child.on('exit', (code, signal) => lose(new Error(`it ended with ${signal ?? `code ${code}`}`)))
    return starting
  }

  return {
    id,
    kind: 'process',
    offers,
    slots: 1,
    ...(priority !== undefined && { priority }),
    async call(name, input, signal) {
      signal.throwIfAborted()
      started ??= start()
      const { child, waiting } = started
      const call = { id: ++calls, name, input }
      const answer = ask(started, call)
      const explain = (cause: unknown) => cause
      const callOff = () => void (waiting.has(call.id) && child.connected && tell(child, { off: call.id }))
      return awaitCall({ answer, explain, callOff, kill: () => child.kill('SIGKILL') }, signal, grace)
    },
    async retire() {
      const { child } = started ?? {}
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      // an idle child does not keep this process alive, even if the program waits for nothing else
      child.ref()
      child.kill('SIGKILL')
      await ended
    },
  }
}

function startProcess({ file, memory, environment }: IsolationOptions): ChildProcess {
  const entry = fileURLToPath(new URL(`./process-entry${extname(import.meta.url)}`, import.meta.url))
  return fork(entry, [file.href], {
    env: { ...(environment ?? harmlessEnvironment(process.env)) },
    execArgv: memory === undefined ? [] : [`--max-old-space-size=${memory}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

/** The child keeps this process alive only during a call. */
function ask(started: Started, call: IsolatedCall): Promise<IsolatedCallResult> {
  const { child, waiting } = started
  const answer = Promise.withResolvers<IsolatedCallResult>()
  waiting.set(call.id, answer)
  child.ref()
  child.channel?.ref()
  try {
    tell(child, { call })
  } catch (error) {
    answer.reject(error)
    leave(started, call.id)
  }
  return answer.promise
}

function settle(started: Started, id: number, answer: IsolatedCallResult): void {
  started.waiting.get(id)?.resolve(answer)
  leave(started, id)
}

function leave({ child, waiting }: Started, id: number): void {
  waiting.delete(id)
  if (waiting.size > 0) return
  child.unref()
  child.channel?.unref()
}

// for a child that ended before it read this, its end is the answer
function tell(child: ChildProcess, told: ProcessRequest): void {
  child.send(told, () => {})
}
