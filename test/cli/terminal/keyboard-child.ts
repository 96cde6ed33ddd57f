import { readMessage } from '../../../src/cli/terminal/keyboard.ts'

/** Reads messages until `end`, and prints them as JSON. `wait` interrupts the next reading once. */
const messages: unknown[] = []
for (let isInterrupted = false; ; ) {
  const signal = isInterrupted ? AbortSignal.timeout(500) : new AbortController().signal
  const message = await readMessage(isInterrupted ? 'interrupted> ' : 'say> ', signal)
  isInterrupted = message === 'wait'
  if (message === 'end') break
  messages.push(message ?? 'interrupted')
}
process.stdout.write(`\nRESULT ${JSON.stringify(messages)}\n`)
