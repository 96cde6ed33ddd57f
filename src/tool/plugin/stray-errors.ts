import { AsyncLocalStorage } from 'node:async_hooks'
import { problemOf, TerminalError } from '../../errors.ts'

/** Code of a plugin: a call of a tool, or the loading of its file. */
type PluginCode = {
  /** its name in messages */
  readonly what: string
  /** ends it with an error that its code did not throw to its caller; false: it has ended before */
  fail(error: unknown): boolean
}

const running = new AsyncLocalStorage<PluginCode>()

/** Runs code of a plugin: errors that escape it, now or later, are known as its own, and it cannot end this process. */
export function runPluginCode<T>(code: PluginCode, work: () => T): T {
  watchStrayErrors(DEFAULT)
  return running.run(code, work)
}

/** The listeners of this process for errors that nobody caught. */
type StrayErrors = {
  /** Tells people about an error of a plugin whose call has ended. */
  say(text: string): void
  /** Takes an error that no plugin caused. */
  other(error: unknown): void
}

let isWatching = false

/** Listens for uncaught errors: a plugin's fails its call, or it is printed. The process and first listeners stay. */
export function watchStrayErrors({ say, other }: StrayErrors): void {
  if (isWatching) return
  isWatching = true
  process.on('uncaughtException', (error) => {
    if (isFaultOfFetch(error)) return
    const code = running.getStore()
    if (!code) return other(error)
    const words = wordsOf(error)
    if (!code.fail(words)) say(lateText(code, words))
  })
  for (const name of ['exit', 'abort'] as const) {
    const { [name]: end } = process
    process[name] = ((status?: number) => {
      const code = running.getStore()
      if (!code) return end.call(process, status)
      throw endOf(code, name, status)
    }) as typeof end
  }
}

/**
 * Node's fetch throws where nobody can catch it when a server closes a connection whose response is still to be read
 * (nodejs/undici#5360, in Node 24.21). The response itself arrives, or its reader gives up in its own time.
 */
const isFaultOfFetch = ({ stack = '' }: Error) => stack.includes('Parser.finish (node:internal/deps/undici')

function endOf(code: PluginCode, name: 'exit' | 'abort', status: unknown): TerminalError {
  const call = `process.${name}(${status ?? ''})`
  const error = new TerminalError(`${code.what} called ${call}`, {
    code: 'tool_failed',
    hint: 'Throw an error, or return a result: the process goes on with other work.',
  })
  // its code may catch what is thrown here
  code.fail(error)
  return error
}

function lateText({ what }: PluginCode, error: unknown): string {
  const { message, stack } = problemOf(error)
  const where = stack === undefined ? '' : `\n${stack.replace(/^/gm, '  ')}`
  const own = message.startsWith(what) ? message : `${what}: ${message}`
  return `An error came after its call had ended: ${own}${where}`
}

/** Node wraps a rejection that is not an error in an error of its own, with the reason at its end. */
function wordsOf(error: unknown): unknown {
  const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  if (code !== 'ERR_UNHANDLED_REJECTION') return error
  const [, reason] = /^[^"]*with the reason "(.*)"\.$/s.exec(message ?? '') ?? []
  return reason ?? error
}

/** In a program that has no listener, an error that no plugin caused ends the process as Node does. */
const DEFAULT: StrayErrors = {
  say: (text) => console.error(text),
  other(error) {
    if (process.listenerCount('uncaughtException') > 1) return
    process.removeAllListeners('uncaughtException')
    process.nextTick(() => {
      throw error
    })
  },
}
