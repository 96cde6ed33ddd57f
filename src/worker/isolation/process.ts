import { type ChildProcess, fork, type SpawnOptions } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EmitFromCall, Worker } from '../worker.ts'
import { type MemoryBounds, startBounded } from './bounded.ts'
import type { IsolatedCall, IsolatedCallResult } from './call.ts'
import { type Command, callCommand, checkCommand } from './command.ts'
import { awaitCall, harmlessEnvironment, type IsolationOptions, lostWorker } from './isolated-worker.ts'

export type ProcessRequest =
  | { readonly call: IsolatedCall }
  | { readonly off: number }
  | { readonly to: number; readonly message: unknown }
export type ProcessResponse = { readonly id: number } & (
  | { readonly answer: IsolatedCallResult }
  | { readonly delta: unknown }
)

/** A process, its calls in flight, and the listeners of ended calls: later messages of these still reach them. */
type Started = {
  readonly child: ChildProcess
  readonly waiting: Map<number, PromiseWithResolvers<IsolatedCallResult> & { readonly emit?: Emit | undefined }>
  readonly ended: Map<number, Emit>
}
/**
 * `prints`: the file descriptor that gets its stdout; absent: nothing is printed. `bounds`: it is killed when it holds
 * more memory than that, and outlives a signal to stop, which its parent gets as well.
 */
type ProcessOptions = IsolationOptions & { readonly prints?: number; readonly bounds?: MemoryBounds }

/** A worker whose calls a program makes; `emit` gets its lines of progress and log. */
type CommandOptions = Pick<IsolationOptions, 'id' | 'offers' | 'priority'> & Command

function commandWorker({ id, offers = {}, priority, ...command }: CommandOptions): Worker {
  return {
    id,
    kind: 'process',
    offers,
    slots: 1,
    ...(priority !== undefined && { priority }),
    call: (name, input, signal, emit) =>
      callCommand(command, { name, input }, signal, (word) => emit?.(word, () => {})),
  }
}

type Emit = EmitFromCall

/**
 * A worker in its own process, for code that may crash or use much memory. Runs one task at a time
 * with `worker.call(name, input, signal)`. The process starts with the first call and is killed if
 * a cancelled call does not end. With `command`, a program in any language starts for each call.
 */
export function processWorker(options: ProcessOptions | CommandOptions): Worker {
  return 'command' in options ? commandWorker(checkCommand(options)) : fileWorker(options)
}

function fileWorker(options: ProcessOptions): Worker {
  const { id, offers = {}, priority, grace } = options
  let started: Started | undefined
  let calls = 0

  function start(): Started {
    const starting: Started = { child: startProcess(options), waiting: new Map(), ended: new Map() }
    endWithThisProcess(starting.child)
    const lose = (cause: unknown) => {
      if (started === starting) started = undefined
      for (const { reject } of starting.waiting.values()) reject(lostWorker('process', id, cause))
      starting.waiting.clear()
    }
    starting.child.on('message', (message: ProcessResponse) => hear(starting, message))
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
    async call(name, input, signal, emit) {
      signal.throwIfAborted()
      started ??= start()
      const { child, waiting } = started
      const call = { id: ++calls, name, input }
      const answer = ask(started, call, emit)
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

const children = new Set<ChildProcess>()

/** A child that computes does not notice that its parent has ended. */
function endWithThisProcess(child: ChildProcess): void {
  if (children.size === 0) process.on('exit', killAll)
  children.add(child)
  child.once('exit', () => {
    children.delete(child)
    if (children.size === 0) process.off('exit', killAll)
  })
}

function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

function startProcess({ file, memory, environment, prints, bounds }: ProcessOptions): ChildProcess {
  const entry = fileURLToPath(new URL(`./process-entry${extname(import.meta.url)}`, import.meta.url))
  const flags = memory === undefined ? [] : [`--max-old-space-size=${memory}`]
  const options = {
    env: { ...(environment ?? harmlessEnvironment(process.env)) },
    serialization: 'advanced',
    // its stderr would have the stack traces of a crashed V8 as well
    stdio: ['ignore', prints ?? 'ignore', 'ignore', 'ipc'],
  } satisfies SpawnOptions
  return bounds
    ? startBounded([...flags, entry, file.href], bounds, options)
    : fork(entry, [file.href], { ...options, execArgv: flags })
}

/** Ended calls of a process whose listeners are kept. */
const MAX_ENDED = 16

/** The child keeps this process alive only during a call. */
function ask(started: Started, call: IsolatedCall, emit: Emit | undefined): Promise<IsolatedCallResult> {
  const { child, waiting } = started
  const answer = Promise.withResolvers<IsolatedCallResult>()
  waiting.set(call.id, { ...answer, emit })
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

function hear(started: Started, message: ProcessResponse): void {
  const { id } = message
  const waiting = started.waiting.get(id)
  if ('delta' in message) {
    const emit = waiting ? waiting.emit : started.ended.get(id)
    emit?.(message.delta, (reply) => tell(started.child, { to: id, message: reply }))
    return
  }
  waiting?.resolve(message.answer)
  leave(started, id)
}

function leave({ child, waiting, ended }: Started, id: number): void {
  const emit = waiting.get(id)?.emit
  waiting.delete(id)
  if (emit) ended.set(id, emit)
  if (ended.size > MAX_ENDED) ended.delete(ended.keys().next().value!)
  if (waiting.size > 0) return
  child.unref()
  child.channel?.unref()
}

// for a child that ended before it read this, its end is the answer
function tell(child: ChildProcess, message: ProcessRequest): void {
  child.send(message, () => {})
}
