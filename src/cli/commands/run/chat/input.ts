import type { LiveView } from '../../../render/live-view.ts'
import type { Terminal } from '../../../terminal/terminal.ts'

/** Reads messages from the keyboard. Only one question is open at a time: a message, or one of an agent. */
interface ChatInput {
  /** The next message; undefined when the person has ended the input. A line that ends with `\` goes on. */
  next(): Promise<string | undefined>
  /** Stops the reading of messages while another question is asked. */
  readonly pauses: Pick<LiveView, 'hold' | 'release'>
  /** Reads the answer to another question. */
  readonly read: NonNullable<Terminal['read']>
}

/** Reads from a terminal with a keyboard until the signal. */
export function createChatInput(
  { read, readMessage = read }: Pick<Terminal, 'read' | 'readMessage'>,
  signal: AbortSignal,
): ChatInput {
  let pause: PromiseWithResolvers<void> | undefined
  let turn = new AbortController()
  let reading: Promise<unknown> = Promise.resolve()

  async function readLine(prompt: string): Promise<string | undefined> {
    for (;;) {
      await pause?.promise
      if (signal.aborted) return undefined
      const mine = new AbortController()
      turn = mine
      const line = readMessage!(prompt, AbortSignal.any([signal, mine.signal]))
      reading = line.catch(() => {})
      const text = await line
      if (text !== undefined || !mine.signal.aborted) return text
    }
  }

  return {
    async next() {
      const lines: string[] = []
      for (;;) {
        const line = await readLine(lines.length === 0 ? '> ' : '… ')
        if (line === undefined) return undefined
        if (!line.endsWith('\\')) return [...lines, line].join('\n')
        lines.push(line.slice(0, -1))
      }
    },
    pauses: {
      hold() {
        pause ??= Promise.withResolvers()
        turn.abort()
      },
      release() {
        pause?.resolve()
        pause = undefined
      },
    },
    async read(prompt, until) {
      // two readers of one keyboard would take each other's keys
      await reading
      return read!(prompt, until)
    },
  }
}
