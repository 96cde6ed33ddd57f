// of the whole process: a program may import another copy of this package
const COLLECTOR = Symbol.for('antiphon.collect')

type Collecting = { [COLLECTOR]?: (options: object) => void }

/** Takes the options of `start`, if a command loads the program for them: then `start` never resolves. */
export function collected(options: object): Promise<never> | undefined {
  const collect = (globalThis as Collecting)[COLLECTOR]
  if (!collect) return undefined
  collect(options)
  return new Promise(() => {})
}

/**
 * Loads a module up to its first call of `start`. Resolves with the options of that call, and with undefined if the
 * module ends without one. Rejects as the module does, and with `late` after the time.
 */
export async function collectOptions(
  load: () => Promise<unknown>,
  limit: { readonly ms: number; late(): Error },
): Promise<object | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<object | undefined>()
  const timer = setTimeout(() => reject(limit.late()), limit.ms)
  const shared = globalThis as Collecting
  shared[COLLECTOR] = resolve
  try {
    load().then(() => resolve(undefined), reject)
    return await promise
  } finally {
    clearTimeout(timer)
    delete shared[COLLECTOR]
  }
}
