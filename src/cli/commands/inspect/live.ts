import { setTimeout as sleep } from 'node:timers/promises'
import { flat, harmless } from '../../terminal/escape.ts'

/** Shows what is seen on the terminal again and again, in the place of what was seen before, until the signal; the exit code. */
export async function redraw<Seen>(
  look: () => Promise<Seen>,
  signal: AbortSignal,
  interval: number,
  draw: (seen: Seen) => readonly string[],
): Promise<number> {
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(process.stderr)
  try {
    return await repeat(look, signal, interval, (seen) => screen(harmless(draw(seen).map(flat).join('\n'))))
  } finally {
    screen.done()
  }
}

/** Looks every `interval` ms until the signal; the exit code. */
export async function repeat<Seen>(
  look: () => Promise<Seen>,
  signal: AbortSignal,
  interval: number,
  show: (seen: Seen) => void,
): Promise<number> {
  while (!signal.aborted) {
    show(await look())
    await sleep(interval, undefined, { signal }).catch(() => {})
  }
  return 0
}
