import { NotFoundError, type Problem, problemOf } from '../../errors.ts'

/** A call of a function in a worker's own file, and its result. */
export type IsolatedCall = { readonly id: number; readonly name: string; readonly input: unknown }
export type IsolatedCallResult = { readonly value: unknown } | { readonly problem: Problem }

/** A function of a worker. Input and result are copied. */
type Callable = (input: unknown, context: Context) => unknown
type Context = { readonly signal: AbortSignal } & Partial<CallLine>
type Emit = (message: unknown) => void
/** Sends and receives messages during a call; only processes have this. */
type CallLine = { readonly emit: Emit; hear(listener: Emit): void }

const found = new Map<string, Callable>()

/** Executes a call in a thread or process with one module. Always resolves. `signalOf` creates the signal on demand. */
export async function answerCall(
  file: string,
  { name, input }: IsolatedCall,
  signalOf: () => AbortSignal,
  line?: CallLine,
): Promise<IsolatedCallResult> {
  try {
    const call = found.get(name) ?? (await find(file, name))
    // not called by name: V8 would inline it here, in code that is optimised less than the function itself
    return { value: await Reflect.apply(call, undefined, [input, contextOf(signalOf, line)]) }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function contextOf(signalOf: () => AbortSignal, line: CallLine | undefined): Context {
  return {
    ...line,
    get signal() {
      return signalOf()
    },
  }
}

async function find(file: string, name: string): Promise<Callable> {
  const module: { readonly [name: string]: unknown } = await import(file)
  const call = module[name]
  if (typeof call !== 'function') throw new NotFoundError(`The file of this worker exports no function ${name}.`)
  found.set(name, call as Callable)
  return call as Callable
}
