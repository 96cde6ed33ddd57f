import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process of ours that answers one question at a time. It ends when this one does, however that ends. */
export interface Child {
  /** Rejects with the child's error, or when it takes longer than `limit` ms: then it is killed. */
  ask<Answer>(question: object, limit: number): Promise<Answer>
  /** Lets it clean up and end; resolves when it has. */
  end(): Promise<void>
}

type Reply<Answer> = { readonly answer: Answer } | { readonly error: string }

/**
 * Starts a script that calls `answer`; with a garbage collector to call.
 * `under`: a command that runs it, such as a tracer.
 */
export function startChild(script: string, environment: NodeJS.ProcessEnv = {}, under: readonly string[] = []): Child {
  const [command, ...given] = [...under, globalThis.process.execPath, '--expose-gc']
  const process = fork(script, {
    execPath: command!,
    env: { ...globalThis.process.env, ...environment },
    execArgv: given,
    // NaN is a figure, too
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  process.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  const ended = once(process, 'exit')
  return {
    async ask<Answer>(question: object, limit: number) {
      const patience = new AbortController()
      const reply = once(process, 'message').then(([message]) => message as Reply<Answer>)
      const death = ended.then((): Reply<Answer> => ({ error: causeOfDeath(process, said) }))
      const overdue = sleep(limit, undefined, { signal: patience.signal }).then((): Reply<Answer> => {
        process.kill('SIGKILL')
        return { error: `it took longer than ${limit / 1000} s` }
      })
      overdue.catch(() => {})
      process.send(question)
      const got = await Promise.race([reply, death, overdue]).finally(() => patience.abort())
      if ('error' in got) throw new Error(got.error)
      return got.answer
    },
    async end() {
      if (process.connected) process.disconnect()
      await ended
    },
  }
}

function causeOfDeath({ exitCode, signalCode }: ChildProcess, said: string): string {
  const error = said.split('\n').find((line) => /^\w*Error\b/.test(line))
  return error ?? `its process ended with ${signalCode ?? `code ${exitCode}`}`
}

/** In a child: answers what is asked until nobody is there to ask; then `leave` cleans up. */
export function answer<Question>(
  reply: (question: Question) => Promise<unknown>,
  leave: () => Promise<void> = async () => {},
): void {
  process.on('message', async (question: Question) => {
    try {
      process.send?.({ answer: await reply(question) })
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.message : String(error) })
    }
  })
  // an interrupt from the keyboard reaches children, too: it is the parent that ends them
  process.on('SIGINT', () => {})
  process.on('disconnect', () => void leave().finally(() => process.exit()))
}
