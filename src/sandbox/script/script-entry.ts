// The thread that runs one script in QuickJS.
import { parentPort, workerData } from 'node:worker_threads'
import variant from '@jitl/quickjs-ng-wasmfile-release-sync'
import type { QuickJSContext, QuickJSHandle, QuickJSSyncVariant } from 'quickjs-emscripten-core'
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core'
import type { Script, ScriptEnd } from './evaluate.ts'

// the types of Node.js do not have it
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object
}

const STACK_BYTES = 512 * 1024

/** Runs before the script and keeps functions that it might replace. `run` promises the answer and written files. */
const PRELUDE = `(() => {
  const { stringify, parse } = JSON
  const { create, keys, getPrototypeOf, prototype } = Object
  const { isArray } = Array
  const { isFinite } = Number
  const AsyncFunction = (async () => {}).constructor
  const text = String
  const print = globalThis.__print
  delete globalThis.__print
  const shown = (value) => {
    if (typeof value === 'string') return value
    try { return stringify(value) ?? text(value) } catch { return text(value) }
  }
  const log = (...values) => print(values.map(shown).join(' '))
  globalThis.console = { log, info: log, warn: log, error: log, debug: log }
  const fail = (what, path) => {
    throw new TypeError('the returned value is wrong' + (path && ' at ' + path) + ': expected JSON, got ' + what)
  }
  const check = (value, path, above) => {
    const kind = typeof value
    if (kind === 'number' && !isFinite(value)) fail(text(value), path)
    if (kind === 'bigint') fail('a BigInt (return it as a text)', path)
    if (kind === 'undefined') fail('undefined', path)
    if (kind === 'function' || kind === 'symbol') fail('a ' + kind, path)
    if (kind !== 'object' || value === null) return
    for (let outer = above; outer; outer = outer.above)
      if (outer.value === value) fail('a value that contains itself', path)
    const inside = { value, above }
    if (isArray(value)) {
      for (let at = 0; at < value.length; at++) check(value[at], path + '[' + at + ']', inside)
      return
    }
    const parent = getPrototypeOf(value)
    if (parent !== prototype && parent !== null) fail('a ' + (value.constructor?.name ?? 'strange object'), path)
    const names = keys(value)
    for (let at = 0; at < names.length; at++) {
      const field = value[names[at]]
      if (field !== undefined) check(field, path + (path && '.') + names[at], inside)
    }
  }
  return async (code, given) => {
    const { inputs, files } = parse(given)
    const written = create(null)
    globalThis.write = (name, content) => { written[text(name)] = text(content) }
    const value = await new AsyncFunction('inputs', 'files', code)(inputs, files)
    const end = create(null)
    check(value ?? null, '', null)
    end.value = stringify(value ?? null) ?? 'null'
    end.written = stringify(written)
    return end
  }
})()`

/** Lines that the engine puts before the body of a function. */
const HEADER_LINES = 2

// the limit that QuickJS has of its own counts small allocations only
const PAGE_BYTES = 65_536
const INITIAL_PAGES = 256

/** Characters of an error that are kept. */
const MAX_MESSAGE = 2000

const { promise: given, resolve: give } = Promise.withResolvers<Script>()
let printed = ''
/** characters that were not kept */
let dropped = 0
let outputLimit = 0
parentPort!.once('message', give)
const { context, prelude } = await prepare(workerData as number)
const ended = run(await given)
parentPort!.postMessage({ ...ended, dropped })

/** All that does not depend on the script: this part takes most of the time. */
async function prepare(memory: number) {
  const maximum = Math.max(INITIAL_PAGES, Math.ceil(memory / PAGE_BYTES))
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum })
  const bounded = newVariant(variant as unknown as QuickJSSyncVariant, { wasmMemory })
  const quickjs = await newQuickJSWASMModuleFromVariant(bounded)
  const runtime = quickjs.newRuntime()
  runtime.setMaxStackSize(STACK_BYTES)
  const context = runtime.newContext()
  addPrint(context)
  return { context, prelude: context.unwrapResult(context.evalCode(PRELUDE, 'prelude.js')) }
}

function run({ code, inputs, files, limits }: Script): ScriptEnd {
  outputLimit = limits.output
  const texts = [code, JSON.stringify({ inputs, files })].map((one) => context.newString(one))
  const called = context.callFunction(prelude, context.undefined, ...texts)
  return called.error ? failed(context, called.error) : settled(context, called.value)
}

function addPrint(context: QuickJSContext): void {
  const print = context.newFunction('print', (line) => {
    const text = `${context.getString(line)}\n`
    const room = outputLimit - printed.length
    // no character is cut in two
    const beginning = text.length <= room ? text : text.slice(0, room).replace(/[\ud800-\udbff]$/, '')
    printed += beginning
    dropped += text.length - beginning.length
  })
  context.setProp(context.global, '__print', print)
}

/** Runs the jobs of the script until its promise is settled, or nothing is left that could settle it. */
function settled(context: QuickJSContext, promise: QuickJSHandle): ScriptEnd {
  context.runtime.executePendingJobs()
  const state = context.getPromiseState(promise)
  if (state.type === 'rejected') return failed(context, state.error)
  if (state.type === 'pending')
    return { ended: 'error', message: 'the script waits for a promise that nothing resolves', printed }
  const [value, written] = ['value', 'written'].map((name) =>
    context.getString(context.getProp(state.value, name)),
  ) as [string, string]
  if (value.length > outputLimit || written.length > outputLimit) return { ended: 'limit', limit: 'output', printed }
  return { ended: 'value', value, written, printed }
}

function failed(context: QuickJSContext, error: QuickJSHandle): ScriptEnd {
  const { name, message, stack } = asError(context.dump(error))
  if (message === 'out of memory') return { ended: 'limit', limit: 'memory', printed }
  const line = Number(/<(?:anonymous|input)>:(\d+)/.exec(stack)?.[1] ?? 0) - HEADER_LINES
  return {
    ended: 'error',
    message: `${name}: ${message}${line > 0 ? ` (line ${line})` : ''}`.slice(0, MAX_MESSAGE),
    printed,
  }
}

function asError(thrown: unknown): { readonly name: string; readonly message: string; readonly stack: string } {
  const { name = 'Error', message = thrown, stack = '' } = Object(thrown) as Partial<Error>
  return { name: String(name), message: String(message), stack: String(stack) }
}
