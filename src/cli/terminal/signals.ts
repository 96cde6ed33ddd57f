const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The terminal and npm may both deliver one Ctrl-C, so signals within a second count as one. */
export function classifySignal(first: number | undefined, at: number): 'stop' | 'same' | 'end' {
  if (first === undefined) return 'stop'
  return at - first <= 1000 ? 'same' : 'end'
}

/** `asked` resolves with the signal by which this process is to stop. */
type Interruption = { readonly asked: Promise<NodeJS.Signals>; off(): void }

type Source = {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/**
 * Listens for signals until `off`: the first asks to stop, one that comes more than a second later calls `end`.
 * `claim` may take a Ctrl-C before the first signal: true when it did.
 */
export function listenForSignals(
  end: () => void,
  source: Source = process,
  now = () => performance.now(),
  claim: () => boolean = () => false,
): Interruption {
  const { promise: asked, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let first: number | undefined
  let claimed: number | undefined
  const take = (signal: NodeJS.Signals) => {
    const at = now()
    if (signal === 'SIGINT' && first === undefined) {
      if (classifySignal(claimed, at) === 'same') return
      if (claim()) {
        claimed = at
        return
      }
    }
    const verdict = classifySignal(first, at)
    first ??= at
    if (verdict === 'stop') resolve(signal)
    if (verdict === 'end') end()
  }
  for (const signal of SIGNALS) source.on(signal, take)
  return {
    asked,
    off: () => {
      for (const signal of SIGNALS) source.off(signal, take)
    },
  }
}
